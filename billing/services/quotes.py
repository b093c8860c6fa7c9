"""Buying on paper: an offer that stands 30 days, an order, terms that staff accept, an invoice.

A quote is a proforma outside the tax series; its figures are those of the invoice that follows, or
there is no invoice. The customer's acceptance is an order; only staff's confirmation opens access
and issues the invoice, on the payer's net days.
"""

from datetime import datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext, override

from billing.engine.gst import gstin_state, place_of_supply, supply_kind, tax_of
from billing.engine.lifecycle import State
from billing.engine.numbering import financial_year
from billing.engine.prices import Interval
from billing.engine.proration import period_end
from billing.engine.quotes import quote_number, state_on, valid_until
from billing.engine.words import DOCUMENT_LANGUAGES
from billing.errors import PlanRuns, PurchaseOrderMissing, QuoteChanged, QuoteNotOpen, UnknownQuote
from billing.models import (
    LIVE_STATES,
    AccountWorkspace,
    Quote,
    QuoteCounter,
    Subscription,
    Supplier,
    TaxDocument,
)
from billing.selectors.accounts import PayerFacts, link_of, payer_facts
from billing.selectors.prices import price_for
from billing.services.account_words import line_cleaned
from billing.services.accounts import account_of, account_terms
from billing.services.invoicing import DESCRIPTIONS, buyer_check, invoice_issue
from billing.services.staff_notices import staff_tell
from billing.services.staff_terms import staff_terms_accept
from billing.services.suppliers import supplier_current
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.language import shown_language
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import REGISTRY

# What the terms and the buyer's own words must be before a quote is made.
CHOOSE = _("Choose monthly or yearly.")
ORDER_SUBJECT = "{workspace} ordered: confirm it"
ORDER_TEXT = (
    "{workspace} ordered on quote {number} over {total}, purchase order: {order}. It waits for "
    "your confirmation under Quotes; then its workspace opens and the tax invoice goes out."
)
WITHOUT_PLAN = frozenset({State.TRIALING, State.INCOMPLETE})


@public_context()
def quote_make(
    *, tenant: Tenant, interval: str, now: datetime, actor_id: UUID | None = None
) -> Quote:
    """An offer at the price in force, agreed prices included and coupons not: those are for
    paying online. An open one on the same figures of the same day is answered again.

    Raises InvalidInput, StateMissing, NoSupplier and PlanNotOnSale.
    """
    if interval not in set(Interval):
        raise InvalidInput(CHOOSE, field="interval")
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        account = account_of(tenant, now=now)
        payer = payer_facts(tenant)
        buyer_check(country=payer.country, state_code=payer.state_code, gstin=payer.gstin)
        price = price_for(tenant, interval, now=now)
        facts, total = _offer(
            tenant, payer, interval, price.list_paise, price.plan_version.sac, now
        )
        today = clock.today(now)
        same = Quote.objects.filter(
            tenant=tenant, state="open", valid_until=valid_until(today), interval=interval
        )
        known = next((row for row in same if row.facts == facts), None)
        if known is not None:
            return known
        return Quote.objects.create(
            tenant=tenant,
            number=_number(now),
            account=account,
            plan_version=price.plan_version,
            interval=interval,
            facts=facts,
            taxable_paise=price.list_paise,
            total_paise=total,
            po_number=payer.po_number,
            valid_until=valid_until(today),
            actor_id=actor_id,
            created_at=now,
        )


@public_context()
def quote_accept(
    *,
    tenant: Tenant,
    quote_id: int,
    now: datetime,
    po_number: str = "",
    actor_id: UUID | None = None,
) -> Quote:
    """The customer orders; accepted once, the same again. The PO number is kept for the invoices.

    Raises UnknownQuote, QuoteNotOpen, and PurchaseOrderMissing where the payer wants one.
    """
    wanted = line_cleaned(po_number, 40, "po_number")
    with transaction.atomic():
        quote = _locked(tenant, quote_id)
        if quote.state == "accepted":
            return quote
        _check_open(quote, now)
        link = link_of(tenant)
        wanted = wanted or quote.po_number or link.po_number
        if link.account.po_required and not wanted:
            raise PurchaseOrderMissing(field="po_number")
        AccountWorkspace.objects.filter(pk=link.pk).exclude(po_number=wanted).update(
            po_number=wanted, po_valid_until=None
        )
        _settle(quote, "accepted", now, po_number=wanted)
        tenant_event(tenant, "quote_accepted", reason=quote.number, actor_id=actor_id, now=now)
        staff_tell(
            subject=ORDER_SUBJECT.format(workspace=tenant.name),
            text=ORDER_TEXT.format(
                workspace=tenant.name,
                number=quote.number,
                total=Rupees(quote.total_paise).format(),
                order=wanted or "none",
            ),
            key=f"quote_accepted:{quote.pk}",
        )
    return quote


@public_context()
def quote_decline(
    *, tenant: Tenant, quote_id: int, now: datetime, actor_id: UUID | None = None
) -> Quote:
    """By the customer, while it is open. Raises UnknownQuote or QuoteNotOpen."""
    with transaction.atomic():
        quote = _locked(tenant, quote_id)
        _check_open(quote, now)
        _settle(quote, "declined", now)
        tenant_event(tenant, "quote_declined", reason=quote.number, actor_id=actor_id, now=now)
    return quote


@public_context()
def quote_confirm(
    *, quote: Quote, net_days: int, reason: str, actor_id: UUID, now: datetime
) -> TaxDocument:
    """By staff: the order stands. Access from now on, the payer on net days, the tax invoice of
    the first period; the same again answers that invoice.

    Raises QuoteNotOpen (not accepted), PlanRuns (a plan is running: it ends first), QuoteChanged
    (the invoice would not be what the quote says) and what invoice_issue raises.
    """
    from billing.services.paper import tell_later

    tenant = quote.tenant
    cause = f"quote:{quote.number}"
    with transaction.atomic():
        row = _locked(tenant, quote.pk)
        issued = TaxDocument.objects.filter(cause=cause).first()
        if issued is not None:
            return issued
        if row.state != "accepted":
            raise QuoteNotOpen
        subscription = _subscription(row, now)
        account_terms(
            tenant=tenant,
            pays_by="invoice",
            net_days=net_days,
            reason=f"quote {row.number}: {reason}",
            actor_id=actor_id,
            now=now,
        )
        staff_terms_accept(
            tenant=tenant,
            actor_id=actor_id,
            reason=f"Quote {row.number}, PO {row.po_number or 'none'}: {reason}",
            until=subscription.current_period_end,
            now=now,
        )
        document = invoice_issue(
            tenant=tenant,
            subscription=subscription,
            base_paise=row.taxable_paise,
            cause=cause,
            now=now,
            period_start=subscription.current_period_start,
            period_end=subscription.current_period_end,
            actor_id=actor_id,
        )
        if not _is_as_quoted(document, row):
            raise QuoteChanged
        tell_later(document, now=now)
    return document


@public_context()
def quotes_expire(*, tenant: Tenant, now: datetime) -> int:
    """Open quotes whose last day is over; how many."""
    over = Quote.objects.filter(tenant=tenant, state="open", valid_until__lt=clock.today(now))
    return over.update(state="expired", settled_at=now)


def _is_as_quoted(document: TaxDocument, quote: Quote) -> bool:
    """Payer, amount, and the tax of the same place."""
    facts = quote.facts
    told = (quote.account_id, quote.total_paise, facts["place"], facts["supply"], facts["igst"])
    return told == (
        document.account_id,
        document.total_paise,
        document.place_of_supply,
        document.supply,
        document.igst_paise,
    )


def _offer(
    tenant: Tenant, payer: PayerFacts, interval: str, base: int, sac: str, now: datetime
) -> tuple[dict[str, object], int]:
    """The proforma's words and tax, and its total."""
    supplier = supplier_current()
    home = supplier.gstin[:2]
    place = place_of_supply(
        country=payer.country,
        state_code=payer.state_code,
        gstin_state=gstin_state(payer.gstin),
        supplier_state=home,
    )
    has_lut = bool(supplier.lut_valid_until and supplier.lut_valid_until >= clock.today(now))
    supply = supply_kind(country=payer.country, is_sez=payer.is_sez, has_lut=has_lut)
    tax = tax_of(taxable_paise=base, supplier_state=home, place=place, supply=supply)
    language = shown_language(payer.language, DOCUMENT_LANGUAGES)
    with override(language):
        plan = gettext(REGISTRY[tenant.tier].label)
        description = gettext(DESCRIPTIONS[Interval(interval)]) % {"plan": plan}
    facts: dict[str, object] = {
        "issued_on": clock.today(now).isoformat(),
        "seller": _seller(supplier),
        "buyer": _buyer(payer),
        "description": description,
        "sac": sac,
        "place": place,
        "supply": supply,
        "cgst": tax.cgst,
        "sgst": tax.sgst,
        "igst": tax.igst,
        "cost_centre": payer.cost_centre,
        "net_days": payer.net_days,
        "language": language,
    }
    return facts, base + tax.total


def _seller(supplier: Supplier) -> dict[str, str]:
    names = ("address", "city", "pincode", "gstin", "pan", "email", "bank_details", "lut_number")
    facts = {name: getattr(supplier, name) for name in names}
    return {"name": supplier.legal_name, "state_code": supplier.gstin[:2], **facts}


def _buyer(payer: PayerFacts) -> dict[str, str]:
    names = ("address", "city", "pincode", "country", "gstin", "state_code")
    return {"name": payer.legal_name, **{name: getattr(payer, name) for name in names}}


def _number(now: datetime) -> str:
    year = financial_year(clock.today(now))
    QuoteCounter.objects.get_or_create(financial_year=year)
    QuoteCounter.objects.filter(financial_year=year).update(last=F("last") + 1)
    return quote_number(year, QuoteCounter.objects.get(financial_year=year).last)


def _locked(tenant: Tenant, quote_id: int) -> Quote:
    Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
    rows = Quote.objects.select_for_update(of=("self",)).select_related("plan_version")
    quote = rows.filter(tenant=tenant, pk=quote_id).first()
    if quote is None:
        raise UnknownQuote
    return quote


def _check_open(quote: Quote, now: datetime) -> None:
    if state_on(quote.state, quote.valid_until, clock.today(now)) != "open":
        raise QuoteNotOpen


def _settle(quote: Quote, state: str, now: datetime, **changes: str) -> None:
    quote.state, quote.settled_at = state, now
    for name, value in changes.items():
        setattr(quote, name, value)
    quote.save(update_fields=["state", "settled_at", *changes])


def _subscription(quote: Quote, now: datetime) -> Subscription:
    """The trial's row or a new one, paid by invoice, from today on. Raises PlanRuns."""
    rows = Subscription.objects.select_for_update().filter(tenant_id=quote.tenant_id)
    live = rows.filter(state__in=LIVE_STATES).first()
    if live is not None and (live.gateway or live.state not in WITHOUT_PLAN):
        raise PlanRuns
    version = quote.plan_version
    listed = version.annual_paise if quote.interval == "year" else version.monthly_paise
    row = live or Subscription(
        tenant_id=quote.tenant_id, previous_subscription=rows.first(), created_at=now
    )
    start = datetime.combine(clock.today(now), time(0), clock.IST)
    row.plan_version, row.interval = version, quote.interval
    row.agreed_paise = None if quote.taxable_paise == listed else quote.taxable_paise
    row.state, row.state_changed_at = State.ACTIVE, now
    row.current_period_start, row.current_period_end = start, period_end(start, quote.interval)
    row.save()
    return row
