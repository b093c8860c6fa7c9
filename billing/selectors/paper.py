"""Buying on paper, as the owner's pages show it. Amounts are formatted."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from billing.engine.quotes import state_on
from billing.engine.tds import SECTIONS, expected_transfer, forms_of_year, sections_at
from billing.errors import UnknownQuote
from billing.models import Quote, TdsCertificate, VendorFile
from billing.selectors.accounts import link_of, registrations_of
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

SHOWN = 20
STATES = {
    "open": _("Open"),
    "accepted": _("Ordered; we confirm it and send the invoice"),
    "declined": _("Declined"),
    "expired": _("No longer valid"),
    "received": _("Received; we look at the difference"),
    "matched": _("Received, and it fits"),
}
ABOUT = {
    "contract for work": _("contract for work"),
    "technical service": _("technical service"),
    "professional service": _("professional service"),
}


@dataclass(frozen=True)
class QuoteRow:
    id: int
    number: str
    period: str
    total: str
    valid_until: date
    state: str
    state_words: str
    po_number: str


@dataclass(frozen=True)
class CertificateRow:
    id: int
    form: str
    financial_year: str
    quarter: int
    booked: str
    certified: str
    state: str
    state_words: str
    number: str


@dataclass(frozen=True)
class PaperPage:
    """`registrations`: (id, words) of the GSTINs to choose from."""

    quotes: tuple[QuoteRow, ...]
    po_required: bool
    po_number: str
    pays_by_invoice: bool
    net_days: int
    has_vendor_pack: bool
    sections: tuple[str, ...]
    registrations: tuple[tuple[int, str], ...]


@public_context()
def paper_page(tenant: Tenant, *, now: datetime) -> PaperPage:
    link = link_of(tenant)
    account = link.account if link else None
    rows = Quote.objects.filter(tenant=tenant).order_by("-created_at", "-id")[:SHOWN]
    known = registrations_of(account) if account else []
    return PaperPage(
        quotes=tuple(_quote(row, clock.today(now)) for row in rows),
        po_required=bool(account and account.po_required),
        po_number=link.po_number if link else "",
        pays_by_invoice=bool(account and account.pays_by == "invoice"),
        net_days=account.net_days if account else 0,
        has_vendor_pack=VendorFile.objects.filter(is_shown=True).exists(),
        sections=tuple(section_words(clock.today(now))),
        registrations=tuple((row.pk, f"{row.gstin} {row.legal_name}") for row in known),
    )


def section_words(on: date) -> list[str]:
    """ "393(1) 1027: professional service, 10%": to copy from, in the reader's language."""
    return [
        f"{row.name}: {gettext(ABOUT[row.about])}, "
        + gettext(" or ").join(f"{rate / 100:g}%" for rate in row.rates)
        for row in sections_at(on, SECTIONS)
    ]


@public_context()
def quote_of(tenant: Tenant, quote_id: int) -> Quote:
    """Raises UnknownQuote, for another workspace's as for one that never was."""
    found = Quote.objects.filter(tenant=tenant, pk=quote_id).first()
    if found is None:
        raise UnknownQuote
    return found


@public_context()
def certificates_of(tenant: Tenant) -> list[CertificateRow]:
    """Of the payer of this workspace, the newest first."""
    link = link_of(tenant)
    if link is None:
        return []
    rows = TdsCertificate.objects.filter(account=link.account_id).defer("content")
    return [_certificate(row) for row in rows.order_by("-financial_year", "-quarter")[:SHOWN]]


@public_context()
def tds_example(tenant: Tenant) -> str:
    """What would arrive for ₹29,500 at the declared rate; "" when none is declared."""
    link = link_of(tenant)
    rate = link.account.tds_basis_points if link else 0
    if not rate:
        return ""
    paise = expected_transfer(total_paise=2_950_000, base_paise=2_500_000, basis_points=rate)
    return Rupees(paise).format()


def _quote(row: Quote, today: date) -> QuoteRow:
    state = state_on(row.state, row.valid_until, today)
    return QuoteRow(
        id=row.pk,
        number=row.number,
        period=gettext("Yearly") if row.interval == "year" else gettext("Monthly"),
        total=Rupees(row.total_paise).format(),
        valid_until=row.valid_until,
        state=state,
        state_words=gettext(STATES[state]),
        po_number=row.po_number,
    )


def _certificate(row: TdsCertificate) -> CertificateRow:
    paise = row.certified_paise
    return CertificateRow(
        id=row.pk,
        form=gettext(forms_of_year(row.financial_year).certificate),
        financial_year=row.financial_year,
        quarter=row.quarter,
        booked=Rupees(row.booked_paise).format(),
        certified="" if paise is None else Rupees(paise).format(),
        state=row.state,
        state_words=gettext(STATES[row.state] if row.state != "open" else _("We wait for it")),
        number=row.certificate_number,
    )
