"""What an invoice says on paper. No database: the rows are made in memory."""

import io
import json
import statistics
import time
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from billing.models import TaxDocument
from billing.services.document_pdf import document_pdf, file_name, payload_of

MOST_MILLISECONDS = 100
SELLER = {
    "name": "Ujala Platform Private Limited",
    "address": "12 Residency Road",
    "city": "Bengaluru",
    "pincode": "560025",
    "state_code": "29",
    "gstin": "29AAACU0001A1Z9",
    "pan": "AAACU0001A",
    "email": "billing@ujala.example",
    "bank_details": "HDFC Bank, account 50200012345678",
    "lut_number": "AD290326000001X",
}
BUYER = {
    "name": "Veda Appliances Private Limited",
    "address": "4 Nariman Point",
    "city": "Mumbai",
    "pincode": "400021",
    "state_code": "27",
    "country": "IN",
    "gstin": "27AAACV0001A1ZC",
}


def document(**changes: Any) -> TaxDocument:
    taxable = changes.get("taxable_paise", 2_500_000)
    fields = {
        "kind": "invoice",
        "number": "INV/26-27/42",
        "financial_year": "2026-27",
        "issued_on": date(2026, 11, 22),
        "due_on": date(2026, 12, 22),
        "seller": SELLER,
        "buyer": BUYER,
        "lines": [
            {
                "description": "Enterprise plan, monthly subscription",
                "sac": "997331",
                "period_start": "2026-11-22",
                "period_end": "2026-12-22",
                "taxable_paise": taxable,
                "rate_basis_points": 1800,
            }
        ],
        "place_of_supply": "27",
        "supply": "regular",
        "taxable_paise": taxable,
        "igst_paise": 450_000,
        "total_paise": 2_950_000,
        "po_number": "PO-77",
        "cost_centre": "CC-9",
        "irn": "35f1" * 16,
    }
    return TaxDocument(**{**fields, **changes})


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_an_invoice_says_all_that_rule_46_wants() -> None:
    text = text_of(document_pdf(document(), "en"))
    for words in (
        "Tax invoice", "INV/26-27/42", "22 November 2026", "22 December 2026",
        "Ujala Platform Private Limited", "12 Residency Road", "Bengaluru 560025",
        "GSTIN 29AAACU0001A1Z9", "Veda Appliances Private Limited", "Maharashtra (27)",
        "GSTIN 27AAACV0001A1ZC", "997331", "Enterprise plan, monthly subscription",
        "22 November 2026 – 21 December 2026", "25,000.00", "IGST 18%", "4,500.00", "29,500.00",
        "Reverse charge", "PO-77", "CC-9", "HDFC Bank", "35f1" * 16,
        "Rupees twenty-nine thousand, five hundred only",
    ):  # fmt: skip
        assert words in text, words
    assert "Letter of undertaking" not in text


def test_both_heads_rounding_and_a_consumer() -> None:
    local = document(
        buyer={**BUYER, "gstin": "", "state_code": "29"}, place_of_supply="29",
        taxable_paise=84_661, igst_paise=0, cgst_paise=7_619, sgst_paise=7_619, rounding_paise=1,
        total_paise=99_900, due_on=date(2026, 11, 22), irn="", po_number="", cost_centre="",
    )  # fmt: skip
    payload = payload_of(local, "en")
    assert payload["sums"] == [
        {"label": "Taxable value", "amount": "846.61"},
        {"label": "CGST 9%", "amount": "76.19"},
        {"label": "SGST 9%", "amount": "76.19"},
        {"label": "Rounding", "amount": "0.01"},
    ]
    assert payload["total"] == "₹999.00"
    assert payload["buyer"]["rows"][-1] == "Not registered under GST"
    assert payload["notes"] == []
    labels = [fact["label"] for fact in payload["facts"]]
    assert labels == ["Date", "Due on", "Place of supply", "Reverse charge"]
    ladakh = document(
        buyer={**BUYER, "gstin": "", "state_code": "38"}, place_of_supply="38", igst_paise=0,
        cgst_paise=225_000, sgst_paise=225_000,
    )  # fmt: skip
    assert payload_of(ladakh, "en")["sums"][2]["label"] == "UTGST 9%"


def test_a_credit_note_names_its_invoice_and_reason() -> None:
    note = document(
        kind="credit_note", number="CN/26-27/3", original=document(), reason="Unused time",
        due_on=None, issued_on=date(2026, 12, 1),
    )  # fmt: skip
    text = text_of(document_pdf(note, "en"))
    for words in ("Credit note", "CN/26-27/3", "INV/26-27/42", "22 November 2026", "Unused time",
                  "1 December 2026"):  # fmt: skip
        assert words in text, words
    assert "Due on" not in text


def test_an_export_has_the_words_that_the_rule_wants() -> None:
    export = document(
        buyer={**BUYER, "gstin": "", "state_code": "", "country": "US"}, place_of_supply="96",
        supply="export_without_tax", igst_paise=0, total_paise=2_500_000,
    )  # fmt: skip
    text = text_of(document_pdf(export, "en"))
    assert "Supply meant for export under letter of undertaking" in text
    assert "AD290326000001X" in text
    assert "Outside India (96)" in text
    assert "IGST 0%" in text


def test_hindi_is_hindi(settings: Any) -> None:
    payload = payload_of(document(), "hi")
    assert payload["words"] == "उनतीस हज़ार पाँच सौ रुपये मात्र"
    assert payload["facts"][0]["value"] == "22 नवंबर 2026"
    text = text_of(document_pdf(document(), "hi"))
    assert "INV/26-27/42" in text
    assert "29,500.00" in text


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_pdf_takes_a_tenth_of_a_second_at_most(language: str) -> None:
    document_pdf(document(), language)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        document_pdf(document(), language)
        took.append((time.perf_counter() - began) * 1000)
    assert statistics.median(took) <= MOST_MILLISECONDS


def test_what_people_typed_is_never_markup_and_bytes_repeat() -> None:
    hostile = {
        **BUYER,
        "name": '#panic("x") $x$ *b* \\ "q" </script>',
        "address": '#read("/etc/passwd")',
    }
    first = document_pdf(document(buyer=hostile), "en")
    assert "#panic(" in text_of(first)
    assert "#read(" in text_of(first)
    assert first == document_pdf(document(buyer=hostile), "en")


def test_a_number_as_a_file_name() -> None:
    assert file_name(document()) == "INV-26-27-42.pdf"


def test_the_payload_is_json() -> None:
    json.dumps(payload_of(document(), "en"))


HOME_BUYER = {**BUYER, "gstin": "", "state_code": "29"}
ABROAD = {**BUYER, "gstin": "", "state_code": "96", "country": "SG", "pincode": ""}
PORT_BLAIR = {**SELLER, "gstin": "35AAACU0001A1ZG", "state_code": "35"}
HALVES = {"igst_paise": 0, "cgst_paise": 225_000, "sgst_paise": 225_000}
NO_TAX = {"igst_paise": 0, "total_paise": 2_500_000}
# What differs, and what must be read on the paper in both languages; then in each of them.
KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...], str, str]] = {
    "b2b_home": (
        {"buyer": {**BUYER, "gstin": "29AAGCB7383J1Z4", "state_code": "29"},
         "place_of_supply": "29", **HALVES},
        ("GSTIN 29AAGCB7383J1Z4", "(29)", "CGST 9%", "SGST 9%", "2,250.00", "29,500.00"),
        "Karnataka", "कर्नाटक",
    ),
    "b2b_away": (
        {}, ("GSTIN 27AAACV0001A1ZC", "(27)", "IGST 18%", "4,500.00", "29,500.00"),
        "Maharashtra", "महाराष्ट्र",
    ),
    "b2c": (
        {"buyer": HOME_BUYER, "place_of_supply": "29", **HALVES},
        ("(29)", "CGST 9%", "SGST 9%", "2,250.00", "29,500.00"),
        "Not registered under GST", "कर्नाटक",
    ),
    "sez": (
        {"supply": "sez_with_tax"}, ("(27)", "IGST 18%", "4,500.00", "29,500.00"),
        "on payment of integrated tax", "SEZ",
    ),
    "export_letter": (
        {"supply": "export_without_tax", "buyer": ABROAD, "place_of_supply": "96", **NO_TAX},
        ("(96)", "IGST 0%", "25,000.00", "AD290326000001X"), "Singapore", "सिंगापुर",
    ),
    "export_tax": (
        {"supply": "export_with_tax", "buyer": ABROAD, "place_of_supply": "96"},
        ("(96)", "IGST 18%", "4,500.00", "29,500.00"), "Singapore", "सिंगापुर",
    ),
    "union_territory": (
        {"seller": PORT_BLAIR, "buyer": {**HOME_BUYER, "state_code": "35"},
         "place_of_supply": "35", **HALVES},
        ("GSTIN 35AAACU0001A1ZG", "(35)", "CGST 9%", "UTGST 9%", "2,250.00", "29,500.00"),
        "Andaman and Nicobar Islands", "अंडमान",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_supply_carries_its_fields(kind: str, language: str) -> None:
    """Rule 46: both parties, number, date, SAC, value, rate and tax by head, place, reverse charge,
    signature; and Rule 53 on the credit note of the same supply."""
    changes, shown, english, hindi = KINDS[kind]
    invoice = document(**changes)
    always = (
        "INV/26-27/42", "2026", "Ujala Platform Private Limited", "12 Residency Road",
        invoice.seller["gstin"], "Veda Appliances Private Limited", "4 Nariman Point", "997331",
        "Enterprise plan, monthly subscription", "25,000.00", *shown,
    )  # fmt: skip
    note = document(kind="credit_note", number="CN/26-27/3", original=invoice, due_on=None,
                    reason="Unused time", issued_on=date(2026, 12, 1), **changes)  # fmt: skip
    for paper, numbers in ((invoice, ()), (note, ("CN/26-27/3", "Unused time"))):
        text = " ".join(text_of(document_pdf(paper, language)).split())
        for words in (*always, *numbers):
            assert words in text, words
        # Devanagari is shaped: a reader of the file's text does not get its letters back.
        payload = payload_of(paper, language)
        said = text if language == "en" else json.dumps(payload, ensure_ascii=False)
        own = (english if language == "en" else hindi, payload["footer"], payload["title"])
        for words in own:
            assert words in said, words
        assert any("\u0900" <= sign <= "\u097f" for sign in payload["footer"]) is (language == "hi")
