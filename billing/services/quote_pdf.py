"""A quote as a PDF: the page of an invoice with other words, so that both are read alike."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, override

from billing.models import Quote, TaxDocument
from billing.services.document_pdf import TEMPLATE, payload_of
from marketing_platform.core.text import mark as _
from marketing_platform.documents.render import render_pdf

TITLE = _("Proforma invoice")
SUBTITLE = _("A quotation, not a tax invoice: no input tax credit on it")
NUMBER = _("Quotation number")
TERMS = _("Payment within %(days)d days of the tax invoice, which follows your order.")
AT_ONCE = _("Payment when the tax invoice arrives, which follows your order.")
FOOTER = _("This quotation stands until the day named on it. No signature needed.")


def quote_pdf(quote: Quote, language: str = "") -> bytes:
    """A4; the same quote gives the same bytes."""
    return render_pdf(TEMPLATE, payload=quote_payload(quote, language or quote.facts["language"]))


def file_name(quote: Quote) -> str:
    return f"{quote.number.replace('/', '-')}.pdf"


def quote_payload(quote: Quote, language: str) -> dict[str, Any]:
    """What content/document.typ reads."""
    payload = payload_of(_as_document(quote), language)
    with override(language):
        until = {"label": gettext("Valid until"), "value": _day(quote.valid_until)}
        first, *others = payload["facts"]
        return {
            **payload,
            "title": gettext(TITLE),
            "subtitle": gettext(SUBTITLE),
            "number_label": gettext(NUMBER),
            "facts": [first, until, *others],
            "notes": [*_notes(quote), *payload["notes"]],
            "footer": gettext(FOOTER),
        }


def _notes(quote: Quote) -> list[dict[str, str]]:
    days = quote.facts["net_days"]
    terms = gettext(TERMS) % {"days": days} if days else gettext(AT_ONCE)
    rows = (
        (gettext("Terms of payment"), terms),
        (gettext("Pay to"), quote.facts["seller"]["bank_details"]),
    )
    return [{"label": label, "text": text} for label, text in rows if text]


def _as_document(quote: Quote) -> TaxDocument:
    """Never saved: only to be read by what prints invoices."""
    facts = quote.facts
    line = {
        "description": facts["description"],
        "sac": facts["sac"],
        "taxable_paise": quote.taxable_paise,
        "rate_basis_points": 1800,
    }
    return TaxDocument(
        kind="invoice",
        number=quote.number,
        issued_on=date.fromisoformat(facts["issued_on"]),
        seller=facts["seller"],
        buyer=facts["buyer"],
        lines=[line],
        place_of_supply=facts["place"],
        supply=facts["supply"],
        taxable_paise=quote.taxable_paise,
        cgst_paise=facts["cgst"],
        sgst_paise=facts["sgst"],
        igst_paise=facts["igst"],
        total_paise=quote.total_paise,
        po_number=quote.po_number,
        cost_centre=facts["cost_centre"],
        language=facts["language"],
    )


def _day(day: date) -> str:
    return date_format(day, "j F Y")
