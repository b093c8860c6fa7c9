"""Tally's file to the letter: an element of another name is passed over in silence there."""

from dataclasses import replace
from datetime import date

import pytest

from billing.engine.gst import TaxSplit
from billing.engine.papers import Line, Original, Paper
from billing.engine.tally import party_of, tally_xml

PAPER = Paper(
    kind="invoice",
    number="INV/26-27/6",
    financial_year="2026-27",
    issued_on=date(2026, 11, 1),
    seller={"state_code": "29"},
    buyer={"name": "Asha & Co", "pincode": "560001", "gstin": ""},
    line=Line("Local plan", "997331", 84_661, 1800),
    place="29",
    supply="regular",
    tax=TaxSplit(7_619, 7_619),
    taxable_paise=84_661,
    rounding_paise=1,
    total_paise=99_900,
)
BEFORE = Original("INV/26-27/6", date(2026, 11, 1), 99_900)
NOTE = replace(
    PAPER, kind="credit_note", number="CN/26-27/1", issued_on=date(2026, 12, 5), original=BEFORE
)
OWN_LEDGERS = (
    ("Subscriptions", "Sales Accounts"),
    ("Output CGST", "Duties &amp; Taxes"),
    ("Output SGST/UTGST", "Duties &amp; Taxes"),
    ("Output IGST", "Duties &amp; Taxes"),
    ("Round Off", "Indirect Expenses"),
)
PARTY = "Asha &amp; Co (560001)"


def ledger(name: str, group: str, facts: str = "") -> str:
    return (
        f'<TALLYMESSAGE><LEDGER NAME="{name}" ACTION="Create"><NAME>{name}</NAME>'
        f"<PARENT>{group}</PARENT>{facts}</LEDGER></TALLYMESSAGE>"
    )


def entry(name: str, positive: str, amount: str) -> str:
    return (
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>{name}</LEDGERNAME>"
        f"<ISDEEMEDPOSITIVE>{positive}</ISDEEMEDPOSITIVE><AMOUNT>{amount}</AMOUNT>"
        "</ALLLEDGERENTRIES.LIST>"
    )


def test_a_credit_note_as_tally_reads_it() -> None:
    facts = (
        "<COUNTRYOFRESIDENCE>India</COUNTRYOFRESIDENCE><LEDSTATENAME>Karnataka</LEDSTATENAME>"
        "<GSTREGISTRATIONTYPE>Unregistered</GSTREGISTRATIONTYPE>"
    )
    voucher = (
        '<TALLYMESSAGE><VOUCHER VCHTYPE="Credit Note" ACTION="Create"><DATE>20261205</DATE>'
        "<VOUCHERTYPENAME>Credit Note</VOUCHERTYPENAME>"
        "<VOUCHERNUMBER>CN/26-27/1</VOUCHERNUMBER><REFERENCE>INV/26-27/6</REFERENCE>"
        f"<PARTYLEDGERNAME>{PARTY}</PARTYLEDGERNAME><PLACEOFSUPPLY>Karnataka</PLACEOFSUPPLY>"
        "<NARRATION>Local plan</NARRATION><ISINVOICE>No</ISINVOICE>"
        + entry(PARTY, "No", "999.00")
        + entry("Subscriptions", "Yes", "-846.61")
        + entry("Output CGST", "Yes", "-76.19")
        + entry("Output SGST/UTGST", "Yes", "-76.19")
        + entry("Round Off", "Yes", "-0.01")
        + "</VOUCHER></TALLYMESSAGE>"
    )
    assert tally_xml([NOTE]).decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA>"
        "<REQUESTDESC><REPORTNAME>All Masters</REPORTNAME></REQUESTDESC><REQUESTDATA>"
        + "".join(ledger(*row) for row in OWN_LEDGERS)
        + ledger(PARTY, "Sundry Debtors", facts)
        + voucher
        + "</REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>"
    )


def test_who_is_registered_and_who_is_abroad() -> None:
    far = replace(
        PAPER, buyer={"name": "Acme", "country": "US"}, place="96", supply="export_without_tax"
    )
    near = replace(
        PAPER, buyer={"name": "Veda", "country": "IN", "gstin": "29AAGCB7383J1Z4"}, place="29"
    )
    assert (
        ledger(
            "Acme (96)",
            "Sundry Debtors",
            "<COUNTRYOFRESIDENCE>United States</COUNTRYOFRESIDENCE>"
            "<GSTREGISTRATIONTYPE>Unregistered</GSTREGISTRATIONTYPE>",
        )
        in tally_xml([far]).decode()
    )
    assert "<PLACEOFSUPPLY>Other Countries</PLACEOFSUPPLY>" in tally_xml([far]).decode()
    assert "<REFERENCE>INV/26-27/6</REFERENCE>" in tally_xml([far]).decode()
    assert (
        ledger(
            "Veda (29AAGCB7383J1Z4)",
            "Sundry Debtors",
            "<COUNTRYOFRESIDENCE>India</COUNTRYOFRESIDENCE><LEDSTATENAME>Karnataka</LEDSTATENAME>"
            "<GSTREGISTRATIONTYPE>Regular</GSTREGISTRATIONTYPE>"
            "<PARTYGSTIN>29AAGCB7383J1Z4</PARTYGSTIN>",
        )
        in tally_xml([near]).decode()
    )


@pytest.mark.parametrize(
    ("buyer", "name"),
    [
        ({"name": "A", "gstin": "29AAGCB7383J1Z4", "pincode": "560001"}, "A (29AAGCB7383J1Z4)"),
        ({"name": "A", "pincode": "560001"}, "A (560001)"),
        ({"name": "A", "pincode": ""}, "A (29)"),
        ({"name": "A"}, "A (29)"),
    ],
)
def test_what_tells_two_of_one_name_apart(buyer: dict[str, str], name: str) -> None:
    assert party_of(replace(PAPER, buyer=buyer)) == name


def test_other_alphabets_stay_readable() -> None:
    paper = replace(PAPER, buyer={"name": "आशा", "pincode": "560001"})
    assert "<NAME>आशा (560001)</NAME>" in tally_xml([paper]).decode("utf-8")
