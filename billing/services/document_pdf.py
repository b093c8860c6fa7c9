"""An invoice or credit note as a PDF, in the language it was issued in or another."""

from datetime import date
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, override

from billing.engine.countries import country_name
from billing.engine.gst import ABROAD, STATES, state_tax_name
from billing.engine.papers import Paper
from billing.engine.words import amount_in_words
from billing.models import TaxDocument
from billing.selectors.documents import paper_of
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _
from marketing_platform.documents.render import render_pdf

TEMPLATE = Path(__file__).parents[1] / "content" / "document.typ"
TITLES = {"invoice": _("Tax invoice"), "credit_note": _("Credit note")}
NUMBERS = {"invoice": _("Invoice number"), "credit_note": _("Credit note number")}
# The words that Rule 46 wants on exports and supplies to SEZ.
ENDORSEMENTS = {
    "sez_with_tax": _("Supply to SEZ for authorised operations on payment of integrated tax"),
    "sez_without_tax": _(
        "Supply to SEZ for authorised operations under letter of undertaking, without payment of "
        "integrated tax"
    ),
    "export_with_tax": _("Supply meant for export on payment of integrated tax"),
    "export_without_tax": _(
        "Supply meant for export under letter of undertaking, without payment of integrated tax"
    ),
}
COLUMNS = (_("Description of service"), _("SAC"), _("GST rate"), _("Amount in ₹"))
INSIDE = _(
    "%(amount)s was agreed without GST. On the day of this document GST is due; it is included in "
    "the amount charged."
)
FOOTER = _("Issued electronically under the Information Technology Act, 2000: no signature needed.")


def document_pdf(document: TaxDocument, language: str = "") -> bytes:
    """A4, tagged; the same document gives the same bytes."""
    return render_pdf(TEMPLATE, payload=payload_of(document, language or document.language))


def file_name(document: TaxDocument) -> str:
    """ "INV-26-27-1.pdf": a number with its slashes is no file name."""
    return f"{document.number.replace('/', '-')}.pdf"


def payload_of(document: TaxDocument, language: str) -> dict[str, Any]:
    """What content/document.typ reads."""
    paper = paper_of(document)
    with override(language):
        return {
            "language": language,
            "title": gettext(TITLES[paper.kind]),
            "subtitle": gettext(ENDORSEMENTS[paper.supply]) if paper.supply != "regular" else "",
            "number_label": gettext(NUMBERS[paper.kind]),
            "number": paper.number,
            "seller_label": gettext("From"),
            "seller": {"name": paper.seller["name"], "rows": _seller_rows(paper)},
            "buyer_label": gettext("Bill to"),
            "buyer": {"name": paper.buyer["name"], "rows": _buyer_rows(paper)},
            "facts": _facts(document, paper),
            "columns": [gettext(each) for each in COLUMNS],
            "lines": [_line(document, paper)],
            "words_label": gettext("Amount in words"),
            "words": amount_in_words(paper.total_paise, language),
            "reason_label": gettext("Reason"),
            "reason": document.reason,
            "sums": _sums(paper),
            "total_label": gettext("Total"),
            "total": f"₹{_amount(paper.total_paise)}",
            "notes": _notes(document, paper),
            "footer": gettext(FOOTER),
        }


def _seller_rows(paper: Paper) -> list[str]:
    seller = paper.seller
    rows = [
        *_address(seller),
        f"GSTIN {seller['gstin']}",
        f"PAN {seller['pan']}" if seller.get("pan") else "",
        seller.get("email", ""),
    ]
    return [row for row in rows if row]


def _buyer_rows(paper: Paper) -> list[str]:
    gstin = f"GSTIN {paper.gstin}" if paper.gstin else gettext("Not registered under GST")
    return [row for row in (*_address(paper.buyer), "" if _is_abroad(paper) else gstin) if row]


def _address(party: Any) -> list[str]:
    city = " ".join(part for part in (party.get("city", ""), party.get("pincode", "")) if part)
    state = party.get("state_code", "")
    country = party.get("country", "IN")
    place = f"{gettext(STATES[state])} ({state})" if state in STATES else ""
    if country != "IN":
        place = country_name(country, get_language() or "en")
    return [party.get("address", ""), city, place]


def _facts(document: TaxDocument, paper: Paper) -> list[dict[str, str]]:
    place = gettext(STATES[paper.place]) if paper.place in STATES else gettext("Outside India")
    before = paper.original
    rows = (
        (gettext("Date"), _day(paper.issued_on)),
        (gettext("Due on"), _day(document.due_on) if document.due_on else ""),
        (gettext("Place of supply"), f"{place} ({paper.place})"),
        (gettext("Reverse charge"), gettext("No")),
        (gettext("On invoice"), before.number if before else ""),
        (gettext("Invoice date"), _day(before.issued_on) if before else ""),
        (gettext("Purchase order"), document.po_number),
        (gettext("Cost centre"), document.cost_centre),
    )
    return [{"label": label, "value": value} for label, value in rows if value]


def _line(document: TaxDocument, paper: Paper) -> dict[str, str]:
    (line,) = document.lines
    start, end = line.get("period_start", ""), line.get("period_end", "")
    period = ""
    if start and end:
        last = date.fromordinal(date.fromisoformat(end).toordinal() - 1)
        period = f"{_day(date.fromisoformat(start))} – {_day(last)}"
    return {
        "description": paper.line.description,
        "period": period,
        "sac": paper.line.sac,
        "rate": _percent(paper.line.rate_basis_points if paper.tax.total else 0),
        "amount": _amount(paper.taxable_paise),
    }


def _sums(paper: Paper) -> list[dict[str, str]]:
    rate = paper.line.rate_basis_points
    half, tax = _percent(rate / 2), paper.tax
    rows = [(gettext("Taxable value"), paper.taxable_paise)]
    if tax.igst:
        rows.append((f"IGST {_percent(rate)}", tax.igst))
    elif tax.total:
        rows.append((f"CGST {half}", tax.cgst))
        rows.append((f"{state_tax_name(paper.place)} {half}", tax.sgst))
    else:
        rows.append((f"IGST {_percent(0)}", 0))
    if paper.rounding_paise:
        rows.append((gettext("Rounding"), paper.rounding_paise))
    return [{"label": label, "amount": _amount(paise)} for label, paise in rows]


def _notes(document: TaxDocument, paper: Paper) -> list[dict[str, str]]:
    """What not every document has: undertaking, bank, e-invoice reference."""
    is_to_transfer = bool(document.due_on and document.due_on > document.issued_on)
    lut = paper.seller.get("lut_number", "") if paper.supply.endswith("without_tax") else ""
    agreed = document.lines[0].get("agreed_paise") if paper.kind == "invoice" else None
    price = gettext(INSIDE) % {"amount": f"₹{_amount(agreed)}"} if agreed else ""
    rows = (
        (gettext("Price"), price),
        (gettext("Letter of undertaking"), lut),
        (gettext("Pay to"), paper.seller.get("bank_details", "") if is_to_transfer else ""),
        (gettext("Invoice reference number (IRN)"), paper.irn),
    )
    return [{"label": label, "text": text} for label, text in rows if text]


def _is_abroad(paper: Paper) -> bool:
    return paper.place == ABROAD


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def _percent(basis_points: float) -> str:
    return f"{basis_points / 100:g}%"


def _amount(paise: int) -> str:
    """2950000 -> "29,500.00": two decimals on paper, always."""
    rupees, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{indian_grouping(rupees)}.{rest:02d}"
