"""Buying on paper, as the owner's pages show it. Amounts are formatted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from billing.engine.quotes import state_on
from billing.engine.tds import SECTIONS, expected_transfer, forms_of_year, sections_at
from billing.errors import UnknownQuote
from billing.models import Quote, Settlement, TaxDocument, TdsCertificate, VendorFile
from billing.selectors.accounts import link_of, registrations_of
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant, TenantEvent

SHOWN = 20
# A certificate may say so much more by rounding, and nobody needs to read of it.
FITS = 10_000
STATES = {
    "open": _("Open"),
    "accepted": _("Ordered; we confirm it and send the invoice"),
    "declined": _("Declined"),
    "expired": _("No longer valid"),
    "received": _("Received; we look at the difference"),
    "matched": _("Received, and it fits"),
}
CONFIRMED = _("Ordered; invoice %(number)s is out")
# In the history of the payer's workspaces: "<id of the certificate>: <reason>".
CERTIFICATE_ACCEPTED, CERTIFICATE_REJECTED = "tds_certificate_accepted", "tds_certificate_rejected"
CERTIFICATE_CAUSE = "certificate:"
DIFFERS = _(
    "We counted %(booked)s from your payments, the certificate says %(certified)s: a difference of "
    "%(difference)s. We look at it, and you need do nothing now. If you sent the wrong file, "
    "upload the right one."
)
REJECTED = _("We could not take this certificate: %(reason)s Please upload another one.")
LESS = _(
    "The certificate says less than you deducted, so the rest is open again: %(invoices)s. You can "
    "pay it as usual."
)
MORE = _("The certificate says more than we counted. Nothing is open.")
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
    # What it means for the payer, and what to do; "" when there is nothing to say.
    remark: str = ""


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
    invoices = _invoices_of(tenant, rows)
    return PaperPage(
        quotes=tuple(_quote(row, clock.today(now), invoices.get(row.number, "")) for row in rows),
        po_required=bool(account and account.po_required),
        po_number=link.po_number if link else "",
        pays_by_invoice=bool(account and account.pays_by == "invoice"),
        net_days=account.net_days if account else 0,
        has_vendor_pack=VendorFile.objects.filter(is_shown=True).exists(),
        sections=tuple(section_words(clock.today(now))),
        registrations=tuple((row.pk, f"{row.gstin} {row.legal_name}") for row in known),
    )


def _invoices_of(tenant: Tenant, quotes: Iterable[Quote]) -> dict[str, str]:
    """Number of a quote to number of the invoice that its order became."""
    causes = [f"quote:{row.number}" for row in quotes if row.state == "accepted"]
    rows = TaxDocument.objects.filter(tenant=tenant, cause__in=causes)
    return {cause[6:]: number for cause, number in rows.values_list("cause", "number")}


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
    refusals, opened = _refusals(tenant), _opened(link.account_id)
    return [
        _certificate(row, _remark(row, refusals.get(row.pk, ""), opened.get(row.pk, "")))
        for row in rows.order_by("-financial_year", "-quarter")[:SHOWN]
    ]


def _refusals(tenant: Tenant) -> dict[int, str]:
    """Why staff did not take a certificate; of several times the last."""
    rows = TenantEvent.objects.filter(tenant=tenant, kind=CERTIFICATE_REJECTED)
    found = {}
    for reason in rows.order_by("happened_at", "pk").values_list("reason", flat=True):
        number, _sign, why = reason.partition(": ")
        found[int(number)] = why
    return found


def _opened(account_id: int) -> dict[int, str]:
    """Which invoices a lower certificate opened again, and by how much."""
    rows = Settlement.objects.filter(
        document__account=account_id, by="tds", cause__startswith=CERTIFICATE_CAUSE
    )
    parts: dict[int, list[str]] = {}
    for cause, number, paise in rows.values_list("cause", "document__number", "amount_paise"):
        certificate_id = int(cause.split(":")[1])
        parts.setdefault(certificate_id, []).append(f"{number}, {Rupees(-paise).format()}")
    return {certificate_id: "; ".join(each) for certificate_id, each in parts.items()}


def _remark(row: TdsCertificate, refusal: str, opened: str) -> str:
    booked, certified = row.booked_paise, row.certified_paise or 0
    if row.state == "received":
        words = {"booked": booked, "certified": certified, "difference": abs(booked - certified)}
        params = {name: Rupees(paise).format() for name, paise in words.items()}
        return gettext(DIFFERS) % params
    if row.state == "open" and refusal:
        return gettext(REJECTED) % {"reason": f"{refusal.rstrip('.')}."}
    if row.state == "matched" and opened:
        return gettext(LESS) % {"invoices": opened}
    return gettext(MORE) if row.state == "matched" and certified > booked + FITS else ""


@public_context()
def tds_example(tenant: Tenant) -> str:
    """What would arrive for ₹29,500 at the declared rate; "" when none is declared."""
    link = link_of(tenant)
    rate = link.account.tds_basis_points if link else 0
    if not rate:
        return ""
    paise = expected_transfer(total_paise=2_950_000, base_paise=2_500_000, basis_points=rate)
    return Rupees(paise).format()


def _quote(row: Quote, today: date, invoice: str = "") -> QuoteRow:
    state = state_on(row.state, row.valid_until, today)
    confirmed = gettext(CONFIRMED) % {"number": invoice}
    return QuoteRow(
        id=row.pk,
        number=row.number,
        period=gettext("Yearly") if row.interval == "year" else gettext("Monthly"),
        total=Rupees(row.total_paise).format(),
        valid_until=row.valid_until,
        state=state,
        state_words=confirmed if invoice else gettext(STATES[state]),
        po_number=row.po_number,
    )


def _certificate(row: TdsCertificate, remark: str) -> CertificateRow:
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
        remark=remark,
    )
