"""Us, as the one who issues invoices."""

from datetime import date

from django.db import transaction

from billing.engine.gst import Gstin, gstin_check
from billing.errors import InvalidGstin, NoSupplier
from billing.models import Supplier
from billing.services.account_words import line_cleaned, pincode_cleaned
from billing.services.staff_notices import letter_plan
from marketing_platform.tenants.context import public_context


def supplier_current() -> Supplier:
    """The one that is on. Raises NoSupplier."""
    supplier = Supplier.objects.filter(is_on=True).first()
    if supplier is None:
        raise NoSupplier
    return supplier


@public_context()
def supplier_save(
    *,
    legal_name: str,
    address: str,
    city: str,
    pincode: str,
    gstin: str,
    email: str = "",
    lut_number: str = "",
    lut_valid_until: date | None = None,
    issues_e_invoices: bool = False,
    bank_details: str = "",
) -> Supplier:
    """Enter or correct the registration of this GSTIN, and let it be the one that issues.

    Documents that are issued keep what they say. A new GSTIN begins its own series. Staff are
    reminded before the letter of undertaking ends. Raises InvalidInput with `field`: InvalidGstin
    also for a GSTIN under which nothing can be sold.
    """
    known = registered_gstin(gstin)
    with transaction.atomic():
        list(Supplier.objects.select_for_update())
        Supplier.objects.exclude(gstin=known.value).update(is_on=False)
        supplier, _is_new = Supplier.objects.update_or_create(
            gstin=known.value,
            defaults={
                "legal_name": line_cleaned(legal_name, 200, "legal_name", is_needed=True),
                "address": line_cleaned(address, 300, "address", is_needed=True),
                "city": line_cleaned(city, 80, "city", is_needed=True),
                "pincode": pincode_cleaned(pincode, "IN", is_needed=True),
                "pan": known.pan,
                "email": email,
                "lut_number": line_cleaned(lut_number, 40, "lut_number"),
                "lut_valid_until": lut_valid_until,
                "issues_e_invoices": issues_e_invoices,
                "bank_details": line_cleaned(bank_details, 300, "bank_details"),
                "is_on": True,
            },
        )
        letter_plan(supplier)
    return supplier


def registered_gstin(text: str) -> Gstin:
    """Of a regular registration. Raises InvalidGstin."""
    try:
        known = gstin_check(text)
    except ValueError as error:
        raise InvalidGstin(field="gstin") from error
    if known.kind != "regular":
        raise InvalidGstin(field="gstin")
    return known
