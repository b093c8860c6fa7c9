"""Tally's import file: party and account masters, then a voucher for every document.

Shapes as in "Understanding Integration – Transactions" (help.tallysolutions.com): a debit is a
negative amount that is "deemed positive". Every voucher sums to zero.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from billing.engine.countries import country_name
from billing.engine.gst import STATES
from billing.engine.papers import Paper, rupees

VOUCHERS = {"invoice": "Sales", "credit_note": "Credit Note"}
SALES, CGST, SGST, IGST = "Subscriptions", "Output CGST", "Output SGST/UTGST", "Output IGST"
ROUNDING = "Round Off"
GROUPS = {
    SALES: "Sales Accounts",
    CGST: "Duties & Taxes",
    SGST: "Duties & Taxes",
    IGST: "Duties & Taxes",
    ROUNDING: "Indirect Expenses",
}


def tally_xml(papers: Sequence[Paper]) -> bytes:
    """UTF-8 XML of the documents in the order given."""
    envelope = Element("ENVELOPE")
    SubElement(SubElement(envelope, "HEADER"), "TALLYREQUEST").text = "Import Data"
    request = SubElement(SubElement(envelope, "BODY"), "IMPORTDATA")
    SubElement(SubElement(request, "REQUESTDESC"), "REPORTNAME").text = "All Masters"
    messages = SubElement(request, "REQUESTDATA")
    for name, group in GROUPS.items():
        _ledger(messages, name, group)
    for name, paper in sorted({party_of(paper): paper for paper in papers}.items()):
        _party(_ledger(messages, name, "Sundry Debtors"), paper)
    for paper in papers:
        _voucher(SubElement(messages, "TALLYMESSAGE"), paper)
    return tostring(envelope, encoding="utf-8", xml_declaration=True)


def party_of(paper: Paper) -> str:
    """Tally's name of the customer: two of the same name are kept apart by what tells them."""
    told = paper.gstin or paper.buyer.get("pincode") or paper.place
    return f"{paper.buyer['name']} ({told})"


def entries_of(paper: Paper) -> list[tuple[str, int]]:
    """Ledger and paise, credit above zero as Tally signs it; zeros are left out."""
    parts = [
        (party_of(paper), -paper.total_paise),
        (SALES, paper.taxable_paise),
        (CGST, paper.tax.cgst),
        (SGST, paper.tax.sgst),
        (IGST, paper.tax.igst),
        (ROUNDING, paper.rounding_paise),
    ]
    return [(name, paper.sign * paise) for name, paise in parts if paise]


def _ledger(messages: Element, name: str, group: str) -> Element:
    ledger = SubElement(SubElement(messages, "TALLYMESSAGE"), "LEDGER", NAME=name, ACTION="Create")
    SubElement(ledger, "NAME").text = name
    SubElement(ledger, "PARENT").text = group
    return ledger


def _party(ledger: Element, paper: Paper) -> None:
    country = paper.buyer.get("country", "IN")
    SubElement(ledger, "COUNTRYOFRESIDENCE").text = country_name(country, "en")
    if paper.place in STATES:
        SubElement(ledger, "LEDSTATENAME").text = STATES[paper.place]
    kind = "Regular" if paper.gstin else "Unregistered"
    SubElement(ledger, "GSTREGISTRATIONTYPE").text = kind
    if paper.gstin:
        SubElement(ledger, "PARTYGSTIN").text = paper.gstin


def _voucher(message: Element, paper: Paper) -> None:
    kind = VOUCHERS[paper.kind]
    voucher = SubElement(message, "VOUCHER", VCHTYPE=kind, ACTION="Create")
    for tag, text in (
        ("DATE", f"{paper.issued_on:%Y%m%d}"),
        ("VOUCHERTYPENAME", kind),
        ("VOUCHERNUMBER", paper.number),
        ("REFERENCE", paper.original.number if paper.original else paper.number),
        ("PARTYLEDGERNAME", party_of(paper)),
        ("PLACEOFSUPPLY", STATES.get(paper.place, "Other Countries")),
        ("NARRATION", paper.line.description),
        ("ISINVOICE", "No"),
    ):
        SubElement(voucher, tag).text = text
    for name, paise in entries_of(paper):
        entry = SubElement(voucher, "ALLLEDGERENTRIES.LIST")
        SubElement(entry, "LEDGERNAME").text = name
        SubElement(entry, "ISDEEMEDPOSITIVE").text = "Yes" if paise < 0 else "No"
        SubElement(entry, "AMOUNT").text = rupees(paise)
