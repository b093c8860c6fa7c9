import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date

import pytest

from billing.engine.einvoice import irn_of, needs_irn, payload_of
from billing.engine.gst import TaxSplit
from billing.engine.papers import Line, Original, Paper
from billing.engine.tally import entries_of, party_of, tally_xml

SELLER = {
    "name": "Ujala Platform Private Limited",
    "address": "12 Residency Road",
    "city": "Bengaluru",
    "pincode": "560025",
    "state_code": "29",
    "gstin": "29AAGCB7383J1Z4",
}
BUYER = {
    "name": "Veda & Sons",
    "address": "4 Nariman Point",
    "city": "Mumbai",
    "pincode": "400021",
    "state_code": "27",
    "country": "IN",
    "gstin": "27AAPFU0939F1ZV",
}
INVOICE = Paper(
    kind="invoice",
    number="INV/26-27/7",
    financial_year="2026-27",
    issued_on=date(2026, 11, 2),
    seller=SELLER,
    buyer=BUYER,
    line=Line("Enterprise plan", "997331", 2_500_000, 1800),
    place="27",
    supply="regular",
    tax=TaxSplit(igst=450_000),
    taxable_paise=2_500_000,
    rounding_paise=0,
    total_paise=2_950_000,
)
NOTE = Paper(
    kind="credit_note",
    number="CN/26-27/1",
    financial_year="2026-27",
    issued_on=date(2026, 12, 1),
    seller=SELLER,
    buyer={**BUYER, "gstin": "", "state_code": "29", "city": "", "pincode": ""},
    line=Line("Local plan", "997331", 84_661, 1800),
    place="29",
    supply="regular",
    tax=TaxSplit(7_619, 7_619),
    taxable_paise=84_661,
    rounding_paise=1,
    total_paise=99_900,
    original=Original("INV/26-27/6", date(2026, 11, 1), 99_900),
)
EXPORT = Paper(
    kind="invoice",
    number="INV/26-27/8",
    financial_year="2026-27",
    issued_on=date(2026, 11, 2),
    seller=SELLER,
    buyer={"name": "Acme", "address": "1 Main St", "country": "US", "gstin": "", "state_code": ""},
    line=Line("Enterprise plan", "997331", 2_500_000, 1800),
    place="96",
    supply="export_without_tax",
    tax=TaxSplit(),
    taxable_paise=2_500_000,
    rounding_paise=0,
    total_paise=2_500_000,
)


def test_the_reference_is_sha256_of_its_four_parts() -> None:
    """`printf 29AAGCB7383J1Z42026-27INVINV/26-27/7 | sha256sum`"""
    parts = {"supplier_gstin": "29AAGCB7383J1Z4", "financial_year": "2026-27"}
    invoice = irn_of(**parts, kind="invoice", number="INV/26-27/7")
    assert invoice == "700436ee0b934b30bbb775cca59ab47d906ea438a721083d083e56392186690e"
    assert irn_of(**parts, kind="credit_note", number="INV/26-27/7") != invoice


@pytest.mark.parametrize(
    ("is_on", "gstin", "supply", "needed"),
    [
        (True, "27AAPFU0939F1ZV", "regular", True),
        (True, "", "regular", False),
        (True, "", "export_with_tax", True),
        (True, "", "export_without_tax", True),
        (False, "27AAPFU0939F1ZV", "regular", False),
        (False, "", "export_with_tax", False),
    ],
)
def test_who_needs_a_reference(is_on: bool, gstin: str, supply: str, needed: bool) -> None:
    assert needs_irn(issues_e_invoices=is_on, gstin=gstin, supply=supply) is needed


def test_the_payload_of_an_invoice() -> None:
    assert payload_of(INVOICE) == {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B", "RegRev": "N", "IgstOnIntra": "N"},
        "DocDtls": {"Typ": "INV", "No": "INV/26-27/7", "Dt": "02/11/2026"},
        "SellerDtls": {
            "Gstin": "29AAGCB7383J1Z4",
            "LglNm": "Ujala Platform Private Limited",
            "Addr1": "12 Residency Road",
            "Loc": "Bengaluru",
            "Pin": 560025,
            "Stcd": "29",
        },
        "BuyerDtls": {
            "Gstin": "27AAPFU0939F1ZV",
            "LglNm": "Veda & Sons",
            "Pos": "27",
            "Addr1": "4 Nariman Point",
            "Loc": "Mumbai",
            "Pin": 400021,
            "Stcd": "27",
        },
        "ItemList": [
            {
                "SlNo": "1",
                "PrdDesc": "Enterprise plan",
                "IsServc": "Y",
                "HsnCd": "997331",
                "Qty": 1,
                "Unit": "OTH",
                "UnitPrice": 25000.0,
                "TotAmt": 25000.0,
                "AssAmt": 25000.0,
                "GstRt": 18.0,
                "CgstAmt": 0.0,
                "SgstAmt": 0.0,
                "IgstAmt": 4500.0,
                "TotItemVal": 29500.0,
            }
        ],
        "ValDtls": {
            "AssVal": 25000.0,
            "CgstVal": 0.0,
            "SgstVal": 0.0,
            "IgstVal": 4500.0,
            "RndOffAmt": 0.0,
            "TotInvVal": 29500.0,
        },
    }


def test_the_payload_of_a_note_names_its_invoice_and_rounding() -> None:
    payload = payload_of(replace(NOTE, buyer={**NOTE.buyer, "pincode": "570001"}))
    assert payload["DocDtls"]["Typ"] == "CRN"
    assert payload["RefDtls"] == {"PrecDocDtls": [{"InvNo": "INV/26-27/6", "InvDt": "01/11/2026"}]}
    assert payload["ValDtls"] == {
        "AssVal": 846.61,
        "CgstVal": 76.19,
        "SgstVal": 76.19,
        "IgstVal": 0.0,
        "RndOffAmt": 0.01,
        "TotInvVal": 999.0,
    }
    assert '"AssVal": 846.61' in json.dumps(payload)
    assert payload["BuyerDtls"]["Gstin"] == "URP"
    assert payload["BuyerDtls"]["Loc"] == "4 Nariman Point"


def test_the_payload_of_an_export() -> None:
    payload = payload_of(EXPORT)
    assert payload["TranDtls"]["SupTyp"] == "EXPWOP"
    assert payload["ExpDtls"] == {"ForCur": "INR", "CntCode": "US"}
    buyer = payload["BuyerDtls"]
    assert (buyer["Gstin"], buyer["Pin"], buyer["Stcd"], buyer["Pos"]) == (
        "URP",
        999999,
        "96",
        "96",
    )
    assert payload["ItemList"][0]["GstRt"] == 0
    assert "ExpDtls" not in payload_of(INVOICE)
    assert "RefDtls" not in payload_of(INVOICE)


# --- Tally


def test_vouchers_sum_to_zero_with_debits_below() -> None:
    assert entries_of(INVOICE) == [
        ("Veda & Sons (27AAPFU0939F1ZV)", -2_950_000),
        ("Subscriptions", 2_500_000),
        ("Output IGST", 450_000),
    ]
    assert entries_of(NOTE) == [
        ("Veda & Sons (29)", 99_900),
        ("Subscriptions", -84_661),
        ("Output CGST", -7_619),
        ("Output SGST/UTGST", -7_619),
        ("Round Off", -1),
    ]
    for each in (INVOICE, NOTE, EXPORT):
        assert sum(paise for _name, paise in entries_of(each)) == 0


def test_customers_of_one_name_are_kept_apart() -> None:
    assert party_of(INVOICE) != party_of(NOTE)


def test_the_file_is_read_back() -> None:
    root = ElementTree.fromstring(tally_xml([INVOICE, NOTE, EXPORT]))
    assert root.findtext("HEADER/TALLYREQUEST") == "Import Data"
    messages = root.find("BODY/IMPORTDATA/REQUESTDATA")
    ledgers = {each.get("NAME"): each for each in messages.iter("LEDGER")}
    assert len(ledgers) == 8
    registered = ledgers["Veda & Sons (27AAPFU0939F1ZV)"]
    assert registered.findtext("PARENT") == "Sundry Debtors"
    assert registered.findtext("PARTYGSTIN") == "27AAPFU0939F1ZV"
    assert registered.findtext("LEDSTATENAME") == "Maharashtra"
    assert registered.findtext("GSTREGISTRATIONTYPE") == "Regular"
    consumer = ledgers["Veda & Sons (29)"]
    assert consumer.findtext("GSTREGISTRATIONTYPE") == "Unregistered"
    assert consumer.find("PARTYGSTIN") is None
    assert ledgers["Acme (96)"].findtext("COUNTRYOFRESIDENCE") == "United States"
    assert ledgers["Acme (96)"].find("LEDSTATENAME") is None
    assert ledgers["Output IGST"].findtext("PARENT") == "Duties & Taxes"
    vouchers = list(messages.iter("VOUCHER"))
    assert [each.get("VCHTYPE") for each in vouchers] == ["Sales", "Credit Note", "Sales"]
    assert [each.findtext("REFERENCE") for each in vouchers] == [
        "INV/26-27/7", "INV/26-27/6", "INV/26-27/8",
    ]  # fmt: skip
    first = vouchers[0]
    assert first.findtext("DATE") == "20261102"
    assert first.findtext("VOUCHERNUMBER") == "INV/26-27/7"
    assert first.findtext("PLACEOFSUPPLY") == "Maharashtra"
    assert vouchers[2].findtext("PLACEOFSUPPLY") == "Other Countries"
    assert [
        (each.findtext("LEDGERNAME"), each.findtext("ISDEEMEDPOSITIVE"), each.findtext("AMOUNT"))
        for each in first.iter("ALLLEDGERENTRIES.LIST")
    ] == [
        ("Veda & Sons (27AAPFU0939F1ZV)", "Yes", "-29500.00"),
        ("Subscriptions", "No", "25000.00"),
        ("Output IGST", "No", "4500.00"),
    ]
