"""Us, as the one who issues invoices."""

from datetime import date

from django.db import transaction

from billing.engine.gst import Gstin, gstin_check
from billing.errors import InvalidGstin, NoSupplier
from billing.models import Supplier
from marketing_platform.core.text import clean_line
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

    Documents that are issued keep what they say. A new GSTIN begins its own series. Raises
    InvalidGstin, also for a GSTIN under which nothing can be sold.
    """
    known = _registered(gstin)
    with transaction.atomic():
        list(Supplier.objects.select_for_update())
        Supplier.objects.exclude(gstin=known.value).update(is_on=False)
        supplier, _is_new = Supplier.objects.update_or_create(
            gstin=known.value,
            defaults={
                "legal_name": clean_line(legal_name),
                "address": clean_line(address),
                "city": clean_line(city),
                "pincode": pincode,
                "pan": known.pan,
                "email": email,
                "lut_number": lut_number,
                "lut_valid_until": lut_valid_until,
                "issues_e_invoices": issues_e_invoices,
                "bank_details": clean_line(bank_details),
                "is_on": True,
            },
        )
    return supplier


def _registered(text: str) -> Gstin:
    try:
        known = gstin_check(text)
    except ValueError as error:
        raise InvalidGstin(field="gstin") from error
    if known.kind != "regular":
        raise InvalidGstin(field="gstin")
    return known
