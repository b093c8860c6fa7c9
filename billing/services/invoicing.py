"""Issuing invoices: numbered, taxed, posted and settled in one transaction."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, override

from billing.engine.gst import (
    charged_tax,
    charged_within,
    gstin_state,
    place_of_supply,
    supply_kind,
    tax_of,
)
from billing.engine.numbering import INVOICES
from billing.engine.prices import Interval
from billing.engine.revenue import slices_of
from billing.engine.words import DOCUMENT_LANGUAGES
from billing.errors import ChargeMismatch, StateMissing
from billing.models import Payment, Subscription, Supplier, TaxDocument
from billing.models.plans import DEFAULT_SAC
from billing.services.crediting import credit_note_issue
from billing.services.document_rows import (
    Charged,
    document_add,
    document_post,
    document_settle,
    slices_add,
)
from billing.services.staff_notices import price_differs
from billing.services.suppliers import supplier_current
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import REGISTRY

if TYPE_CHECKING:
    from billing.selectors.accounts import PayerFacts

__all__ = ["buyer_check", "credit_note_issue", "invoice_issue"]
DESCRIPTIONS = {
    Interval.MONTH: _("%(plan)s plan, monthly subscription"),
    Interval.YEAR: _("%(plan)s plan, yearly subscription"),
}
WITHOUT_PLAN = _("%(plan)s plan")


@public_context()
def invoice_issue(
    *,
    tenant: Tenant,
    subscription: Subscription | None,
    base_paise: int,
    cause: str,
    now: datetime,
    charged_paise: int | None = None,
    payment: Payment | None = None,
    due_on: date | None = None,
    period_start: date | datetime | None = None,
    period_end: date | datetime | None = None,
    description: str = "",
    actor_id: UUID | None = None,
) -> TaxDocument:
    """The tax invoice of `base_paise` before GST, dated today in India; the same cause again
    answers the first one.

    With `charged_paise` its total is that, to the paisa; with `payment` it is settled by it. What
    was agreed without tax is charged with the tax inside when tax is due today (our letter of
    undertaking ended, the payer moved): the line keeps what was agreed, and staff are told.
    Posts the journal and plans the months that earn it. Raises NoSupplier, ChargeMismatch (what
    was charged is not the price, with its tax or without) and PeriodLocked. Runs in the caller's
    transaction.
    """
    from billing.selectors.accounts import payer_facts
    from billing.services.accounts import account_of

    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        issued = TaxDocument.objects.filter(cause=cause).first()
        if issued:
            return issued
        supplier = supplier_current()
        account = account_of(tenant, now=now)
        payer = payer_facts(tenant)
        issued_on = clock.today(now)
        place = _place(payer, supplier)
        charged = _charged(supplier, payer, place, base_paise, charged_paise, issued_on)
        start, end = _day(period_start), _day(period_end)
        language = shown_language(payer.language, DOCUMENT_LANGUAGES)
        document = document_add(
            tenant=tenant,
            kind="invoice",
            series=INVOICES,
            supplier=supplier,
            account=account,
            issued_on=issued_on,
            due_on=due_on or _due_on(payer, issued_on, payment),
            subscription=subscription,
            seller=_seller(supplier),
            buyer=_buyer(payer),
            line={
                "description": description or _description(tenant, subscription, language),
                "sac": subscription.plan_version.sac if subscription else DEFAULT_SAC,
                "period_start": start.isoformat() if start else "",
                "period_end": end.isoformat() if end else "",
                **({} if charged.taxable == base_paise else {"agreed_paise": base_paise}),
            },
            place_of_supply=place,
            charged=charged,
            po_number=payer.po_number,
            cost_centre=payer.cost_centre,
            language=language,
            cause=cause,
            actor_id=actor_id,
            now=now,
        )
        parts = slices_of(taxable_paise=charged.taxable, start=start, end=end, issued_on=issued_on)
        slices_add(document, parts)
        document_post(document, now=now, actor_id=actor_id)
        if charged.taxable != base_paise or charged.supply != _supply(supplier, payer, issued_on):
            price_differs(document, now=now)
        if payment is not None:
            document_settle(
                document,
                amount_paise=charged.total,
                by="payment",
                cause=f"payment:{payment.pk}",
                now=now,
                payment=payment,
                actor_id=actor_id,
            )
    return document


def buyer_check(*, country: str, state_code: str, gstin: str) -> None:
    """Before money is asked for: an Indian buyer without a GSTIN names a State (Rule 46(f)).

    Raises StateMissing.
    """
    if country == "IN" and not gstin and not state_code:
        raise StateMissing(field="state_code")


def _place(payer: "PayerFacts", supplier: Supplier) -> str:
    return place_of_supply(
        country=payer.country,
        state_code=payer.state_code,
        gstin_state=gstin_state(payer.gstin),
        supplier_state=supplier.gstin[:2],
    )


def _supply(supplier: Supplier, payer: "PayerFacts", on: date) -> str:
    has_lut = supplier.lut_valid_until is not None and supplier.lut_valid_until >= on
    return supply_kind(country=payer.country, is_sez=payer.is_sez, has_lut=has_lut)


def _charged(
    supplier: Supplier, payer: "PayerFacts", place: str, base: int, charged: int | None, on: date
) -> Charged:
    supply = _supply(supplier, payer, on)
    where = {"supplier_state": supplier.gstin[:2], "place": place}
    if charged is None:
        return Charged(base, tax_of(taxable_paise=base, supply=supply, **where), 0, supply)
    try:
        kind, tax, rounding = charged_tax(
            taxable_paise=base, charged_paise=charged, supply=supply, **where
        )
    except ValueError as error:
        if charged == base:
            taxable, tax, rounding = charged_within(charged_paise=charged, supply=supply, **where)
            return Charged(taxable, tax, rounding, supply)
        raise ChargeMismatch(
            charged=Rupees(charged).format(), base=Rupees(base).format()
        ) from error
    return Charged(base, tax, rounding, kind)


def _due_on(payer: "PayerFacts", issued_on: date, payment: Payment | None) -> date:
    """Net days are for who pays by transfer; what is charged is due at once."""
    is_on_terms = payment is None and payer.pays_by == "invoice"
    return issued_on + timedelta(days=payer.net_days if is_on_terms else 0)


def _seller(supplier: Supplier) -> dict[str, str]:
    return {
        "name": supplier.legal_name,
        "address": supplier.address,
        "city": supplier.city,
        "pincode": supplier.pincode,
        "state_code": supplier.gstin[:2],
        "gstin": supplier.gstin,
        "pan": supplier.pan,
        "email": supplier.email,
        "bank_details": supplier.bank_details,
        "lut_number": supplier.lut_number,
    }


def _buyer(payer: "PayerFacts") -> dict[str, str]:
    return {
        "name": payer.legal_name,
        "address": payer.address,
        "city": payer.city,
        "pincode": payer.pincode,
        "state_code": gstin_state(payer.gstin) or payer.state_code,
        "country": payer.country,
        "gstin": payer.gstin,
    }


def _description(tenant: Tenant, subscription: Subscription | None, language: str) -> str:
    with override(language):
        text = gettext(DESCRIPTIONS[subscription.interval] if subscription else WITHOUT_PLAN)
        return text % {"plan": gettext(REGISTRY[tenant.tier].label)}


def _day(moment: date | datetime | None) -> date | None:
    return clock.today(moment) if isinstance(moment, datetime) else moment
