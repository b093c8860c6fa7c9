"""A month's return on documents whose tables are known; sums are worked out by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.engine.gst import tax_of
from billing.engine.gstr1 import (
    Paise,
    Receipt,
    Table,
    Totals,
    is_large,
    table_of,
    tables,
    taxable_of_tables,
    totals_of,
    totals_of_hsn,
)
from billing.engine.papers import Line, Original, Paper, rupees

US = {"name": "Supplier", "state_code": "29", "gstin": "29AAGCB7383J1Z4"}
NOVEMBER = {"month_start": date(2026, 11, 1), "month_end": date(2026, 12, 1)}


def paper(number: str, taxable: int, **changes: Any) -> Paper:
    """An invoice of ours (Karnataka) to a consumer in Karnataka, unless told otherwise."""
    gstin, place = changes.pop("gstin", ""), changes.pop("place", "29")
    supply = changes.pop("supply", "regular")
    tax = tax_of(taxable_paise=taxable, supplier_state="29", place=place, supply=supply)
    fields = {
        "kind": "invoice",
        "number": number,
        "financial_year": "2026-27",
        "issued_on": date(2026, 11, 22),
        "seller": US,
        "buyer": {"name": "Buyer", "state_code": place, "gstin": gstin},
        "line": Line("Plan", changes.pop("sac", "997331"), taxable, 1800),
        "place": place,
        "supply": supply,
        "tax": tax,
        "taxable_paise": taxable,
        "rounding_paise": changes.pop("rounding", 0),
        "total_paise": 0,
    }
    made = Paper(**{**fields, **changes})
    return replace(made, total_paise=taxable + tax.total + made.rounding_paise)


def note(number: str, taxable: int, on: Paper, **changes: Any) -> Paper:
    return paper(
        number,
        taxable,
        kind="credit_note",
        place=on.place,
        supply=on.supply,
        gstin=on.gstin,
        original=Original(on.number, on.issued_on, on.total_paise),
        **changes,
    )


REGISTERED = paper("INV/26-27/1", 2_500_000, gstin="27AAPFU0939F1ZV", place="27")
SEZ = paper("INV/26-27/2", 100_000, gstin="29AAPFU0939F1ZR", supply="sez_without_tax")
EXPORT = paper("INV/26-27/3", 300_000, place="96", supply="export_without_tax")
# 84,745.76 + 18 % = 1,00,000.00 exactly (15,254.24): not above the threshold.
AT_THRESHOLD = paper("INV/26-27/4", 8_474_576, place="27")
ABOVE = paper("INV/26-27/5", 8_474_577, place="27")
HOME = paper("INV/26-27/6", 99_900)
HOME_LARGE = paper("INV/26-27/7", 30_000_000)


@pytest.mark.parametrize(
    ("document", "table"),
    [
        (REGISTERED, "b2b"),
        (SEZ, "b2b"),
        (EXPORT, "exp"),
        (AT_THRESHOLD, "b2cs"),
        (ABOVE, "b2cl"),
        (HOME, "b2cs"),
        (HOME_LARGE, "b2cs"),
        (note("CN/26-27/1", 1, REGISTERED), "cdnr"),
        (note("CN/26-27/1", 1, SEZ), "cdnr"),
        (note("CN/26-27/1", 1, EXPORT), "cdnur"),
        (note("CN/26-27/1", 1, ABOVE), "cdnur"),
        (note("CN/26-27/1", 1, AT_THRESHOLD), "b2cs"),
        (note("CN/26-27/1", 1, HOME_LARGE), "b2cs"),
    ],
)
def test_every_document_has_its_table(document: Paper, table: str) -> None:
    assert table_of(document) == table


def test_the_threshold_is_that_of_the_invoices_day() -> None:
    assert AT_THRESHOLD.total_paise == 100_000_00
    assert ABOVE.total_paise == 100_000_01
    july = replace(ABOVE, issued_on=date(2024, 7, 31))
    assert not is_large(july)
    assert is_large(replace(ABOVE, issued_on=date(2024, 8, 1)))
    assert not is_large(replace(july, total_paise=250_000_00))
    assert is_large(replace(july, total_paise=250_000_01))
    assert is_large(replace(july, issued_on=date(2017, 1, 1), total_paise=250_000_01))
    # A note of today on an invoice of then goes by the invoice.
    late = note("CN/26-27/1", 100, july)
    assert not is_large(late)


def test_a_months_tables() -> None:
    first = replace(REGISTERED, buyer={**REGISTERED.buyer, "name": "=cmd"})
    back = note("CN/26-27/1", 1_000_000, REGISTERED, issued_on=date(2026, 11, 30))
    home_back = note("CN/26-27/2", 49_950, HOME)
    export_back = note("CN/26-27/3", 100_000, EXPORT)
    large_back = note("CN/26-27/4", 77, ABOVE)
    made = tables(
        [home_back, first, SEZ, EXPORT, AT_THRESHOLD, ABOVE, HOME, back, export_back, large_back],
        **NOVEMBER,
    )
    assert made["b2b"].rows == (
        ("27AAPFU0939F1ZV", "=cmd", "INV/26-27/1", "22-Nov-2026", 2_950_000, "27-Maharashtra",
         "N", "", "Regular B2B", "", "18", 2_500_000, 0),
        ("29AAPFU0939F1ZR", "Buyer", "INV/26-27/2", "22-Nov-2026", 100_000, "29-Karnataka",
         "N", "", "SEZ supplies without payment", "", "0", 100_000, 0),
    )  # fmt: skip
    assert made["exp"].rows == (
        ("WOPAY", "INV/26-27/3", "22-Nov-2026", 300_000, "", "", "", "0", 300_000, 0),
    )
    assert made["b2cl"].rows == (
        ("INV/26-27/5", "22-Nov-2026", 10_000_001, "27-Maharashtra", "", "18", 8_474_577, 0, ""),
    )
    assert made["b2cs"].rows == (
        ("OE", "27-Maharashtra", "", "18", 8_474_576, 0, ""),
        ("OE", "29-Karnataka", "", "18", 49_950, 0, ""),
    )
    assert made["cdnr"].rows == (
        ("27AAPFU0939F1ZV", "Buyer", "CN/26-27/1", "30-Nov-2026", "C", "27-Maharashtra", "N",
         "Regular B2B", 1_180_000, "", "18", 1_000_000, 0),
    )  # fmt: skip
    assert made["cdnur"].rows == (
        ("EXPWOP", "CN/26-27/3", "22-Nov-2026", "C", "", 100_000, "", "0", 100_000, 0),
        ("B2CL", "CN/26-27/4", "22-Nov-2026", "C", "27-Maharashtra", 91, "", "18", 77, 0),
    )
    assert made["hsn_b2b"].rows == (
        ("997331", "", "NA", 0, 100_000, "0", 100_000, 0, 0, 0, 0),
        ("997331", "", "NA", 0, 1_770_000, "18", 1_500_000, 270_000, 0, 0, 0),
    )
    # 16,949,153 - 77 between States, 49,950 at home: IGST 3,050,848 - 14, CGST 8,991 - 4,496.
    assert made["hsn_b2c"].rows == (
        ("997331", "", "NA", 0, 200_000, "0", 200_000, 0, 0, 0, 0),
        ("997331", "", "NA", 0, 20_058_850, "18", 16_999_026, 3_050_834, 4_495, 4_495, 0),
    )
    assert made["docs"].rows == (
        ("Invoices for outward supply", "INV/26-27/1", "INV/26-27/6", 6, 0),
        ("Credit Note", "CN/26-27/1", "CN/26-27/4", 4, 0),
    )
    assert made["at"].rows == made["atadj"].rows == ()
    assert set(made) == {"b2b", "b2cl", "b2cs", "exp", "cdnr", "cdnur", "at", "atadj",
                         "hsn_b2b", "hsn_b2c", "docs"}  # fmt: skip


def test_rows_are_as_wide_as_their_header() -> None:
    back = [note(f"CN/26-27/{n}", 1, on) for n, on in enumerate([REGISTERED, EXPORT, ABOVE], 1)]
    receipt = Receipt("29", date(2026, 11, 5), 118)
    made = tables(
        [REGISTERED, EXPORT, ABOVE, HOME, *back],
        **NOVEMBER,
        receipts=[
            receipt,
            replace(receipt, paid_on=date(2026, 10, 5), uses=((date(2026, 11, 1), 5),)),
        ],
    )
    for name, table in made.items():
        assert table.rows, name
        assert {len(row) for row in table.rows} == {len(table.header)}, name
        for row in table.rows:
            for head, cell in zip(table.header, row, strict=True):
                is_amount = head.split()[-1] in {"Value", "Amount", "Received", "Adjusted"}
                assert isinstance(cell, Paise) == is_amount, (name, head)


def test_goods_of_another_code_and_export_with_tax() -> None:
    wet = paper("INV/26-27/1", 100, place="96", supply="export_with_tax")
    made = tables([wet, paper("INV/26-27/2", 100, sac="998314")], **NOVEMBER)
    assert made["exp"].rows[0][0] == "WPAY"
    assert made["exp"].rows[0][7] == "18"
    assert [row[0] for row in made["hsn_b2c"].rows] == ["997331", "998314"]
    back = tables([note("CN/26-27/1", 10, wet)], **NOVEMBER)
    assert back["cdnur"].rows[0][0] == "EXPWP"
    sez = paper("INV/26-27/1", 100, gstin="29AAPFU0939F1ZR", supply="sez_with_tax")
    assert tables([sez], **NOVEMBER)["b2b"].rows[0][8] == "SEZ supplies with payment"


def test_before_may_2025_the_hsn_summary_is_one() -> None:
    made = tables([REGISTERED, HOME], month_start=date(2025, 4, 1), month_end=date(2025, 5, 1))
    assert made["hsn"].rows == (
        ("997331", "", "NA", 0, 3_067_882, "18", 2_599_900, 450_000, 8_991, 8_991, 0),
    )
    assert "hsn_b2b" not in made
    later = tables([REGISTERED], month_start=date(2025, 5, 1), month_end=date(2025, 6, 1))
    assert "hsn_b2b" in later
    assert "hsn" not in later


def test_a_missing_number_counts_as_cancelled() -> None:
    made = tables([REGISTERED, HOME, replace(HOME, number="INVB/26-27/9")], **NOVEMBER)
    assert made["docs"].rows == (
        ("Invoices for outward supply", "INV/26-27/1", "INV/26-27/6", 6, 4),
        ("Invoices for outward supply", "INVB/26-27/9", "INVB/26-27/9", 1, 0),
    )


def test_numbers_are_ordered_as_numbers() -> None:
    nine, ten = replace(HOME, number="INV/26-27/9"), replace(HOME, number="INV/26-27/10")
    rows = tables([replace(REGISTERED, number="INV/26-27/10"),
                   replace(REGISTERED, number="INV/26-27/9")], **NOVEMBER)["b2b"].rows  # fmt: skip
    assert [row[2] for row in rows] == ["INV/26-27/9", "INV/26-27/10"]
    assert tables([ten, nine], **NOVEMBER)["docs"].rows[0][1:] == (
        "INV/26-27/9", "INV/26-27/10", 2, 0,
    )  # fmt: skip


# --- advances


def test_an_advance_is_what_has_no_invoice_at_the_months_end() -> None:
    receipts = [
        Receipt("27", date(2026, 11, 5), 1_000, ((date(2026, 11, 30), 400),)),
        Receipt("27", date(2026, 11, 30), 50),
        Receipt("29", date(2026, 11, 1), 700, ((date(2026, 12, 1), 700),)),
        Receipt("29", date(2026, 11, 6), 118, ((date(2026, 11, 6), 118),)),
        Receipt("29", date(2026, 12, 1), 9),
    ]
    made = tables([], **NOVEMBER, receipts=receipts)
    assert made["at"].header[3] == "Gross Advance Received"
    assert made["at"].rows == (
        # Before tax: 600 / 1.18 = 508.47 and 50 / 1.18 = 42.37; 700 / 1.18 = 593.22.
        ("27-Maharashtra", "", "18", 550, 0),
        ("29-Karnataka", "", "18", 593, 0),
    )
    assert made["atadj"].rows == ()


def test_an_advance_is_adjusted_in_the_month_of_its_invoice() -> None:
    receipts = [
        Receipt("27", date(2026, 10, 31), 1_000, ((date(2026, 10, 31), 100),
                                                  (date(2026, 11, 1), 200),
                                                  (date(2026, 12, 1), 300))),
        Receipt("38", date(2026, 10, 1), 60),
    ]  # fmt: skip
    made = tables([], **NOVEMBER, receipts=receipts)
    # Before tax 763 (of 900) were left before and 593 (of 700) are after.
    assert made["atadj"].header[3] == "Gross Advance Adjusted"
    assert made["atadj"].rows == (("27-Maharashtra", "", "18", 170, 0),)
    assert made["at"].rows == ()


def test_what_is_left_of_a_receipt_by_day() -> None:
    receipt = Receipt("29", date(2026, 11, 5), 100, ((date(2026, 11, 6), 30),))
    days = {5: 0, 6: 100, 7: 70}
    assert {day: receipt.left(date(2026, 11, day)) for day in days} == days


# --- totals


def test_totals_of_nothing_are_zero() -> None:
    assert totals_of([]) == Totals()
    assert taxable_of_tables(tables([], **NOVEMBER)) == 0


def test_totals_count_notes_against() -> None:
    back = note("CN/26-27/1", 40, HOME, rounding=1)
    assert totals_of([HOME, REGISTERED, back]) == Totals(
        taxable=2_599_860, cgst=8_987, sgst=8_987, igst=450_000, rounding=-1, total=3_067_833
    )


KINDS = {
    "registered": {"gstin": "27AAPFU0939F1ZV", "place": "27"},
    "home": {},
    "away": {"place": "07"},
    "sez": {"gstin": "29AAPFU0939F1ZR", "supply": "sez_with_tax"},
    "abroad": {"place": "96", "supply": "export_without_tax"},
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(KINDS)),
            st.integers(1, 40_000_000),
            st.integers(0, 100),
            st.sampled_from([-1, 0, 1]),
        ),
        max_size=30,
    )
)
@settings(max_examples=80, deadline=None)
def test_tables_and_hsn_equal_the_documents_to_the_paisa(rows: list) -> None:
    documents = []
    for place, (kind, taxable, share, rounding) in enumerate(rows, 1):
        invoice = paper(f"INV/26-27/{place}", taxable, rounding=rounding, **KINDS[kind])
        documents.append(invoice)
        if credited := taxable * share // 100:
            documents.append(note(f"CN/26-27/{place}", credited, invoice))
    made = tables(documents, **NOVEMBER)
    own = totals_of(documents)
    assert taxable_of_tables(made) == own.taxable
    hsn = totals_of_hsn(made)
    assert (hsn.taxable, hsn.cgst, hsn.sgst, hsn.igst, hsn.total) == (
        own.taxable, own.cgst, own.sgst, own.igst, own.total,
    )  # fmt: skip


def test_a_comparison_that_must_fail_does() -> None:
    made = tables([HOME, REGISTERED], **NOVEMBER)
    short = {**made, "b2b": Table(made["b2b"].header, ())}
    assert taxable_of_tables(short) == totals_of([HOME, REGISTERED]).taxable - 2_500_000


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (117_882, "1178.82"),
        (100, "1.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (-117_882, "-1178.82"),
        (0, "0.00"),
    ],
)
def test_amounts_in_files(paise: int, text: str) -> None:
    assert rupees(paise) == text


def test_signs_and_states_of_a_paper() -> None:
    assert (HOME.sign, note("CN/26-27/1", 1, HOME).sign) == (1, -1)
    assert [each.is_between_states for each in (HOME, ABOVE, SEZ, EXPORT)] == [
        False, True, True, True,
    ]  # fmt: skip


# The columns of the offline tool, word for word: a file with others is refused by it.
HEADERS = {
    "b2b": "GSTIN/UIN of Recipient,Receiver Name,Invoice Number,Invoice date,Invoice Value,"
    "Place Of Supply,Reverse Charge,Applicable % of Tax Rate,Invoice Type,E-Commerce GSTIN,Rate,"
    "Taxable Value,Cess Amount",
    "b2cl": "Invoice Number,Invoice date,Invoice Value,Place Of Supply,Applicable % of Tax Rate,"
    "Rate,Taxable Value,Cess Amount,E-Commerce GSTIN",
    "b2cs": "Type,Place Of Supply,Applicable % of Tax Rate,Rate,Taxable Value,Cess Amount,"
    "E-Commerce GSTIN",
    "exp": "Export Type,Invoice Number,Invoice date,Invoice Value,Port Code,Shipping Bill Number,"
    "Shipping Bill Date,Rate,Taxable Value,Cess Amount",
    "cdnr": "GSTIN/UIN of Recipient,Receiver Name,Note Number,Note Date,Note Type,Place Of Supply,"
    "Reverse Charge,Note Supply Type,Note Value,Applicable % of Tax Rate,Rate,Taxable Value,"
    "Cess Amount",
    "cdnur": "UR Type,Note Number,Note Date,Note Type,Place Of Supply,Note Value,"
    "Applicable % of Tax Rate,Rate,Taxable Value,Cess Amount",
    "at": "Place Of Supply,Applicable % of Tax Rate,Rate,Gross Advance Received,Cess Amount",
    "atadj": "Place Of Supply,Applicable % of Tax Rate,Rate,Gross Advance Adjusted,Cess Amount",
    "hsn_b2b": "HSN,Description,UQC,Total Quantity,Total Value,Rate,Taxable Value,"
    "Integrated Tax Amount,Central Tax Amount,State/UT Tax Amount,Cess Amount",
    "docs": "Nature of Document,Sr. No. From,Sr. No. To,Total Number,Cancelled",
}


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_the_columns_are_those_of_the_offline_tool(name: str) -> None:
    assert ",".join(tables([], **NOVEMBER)[name].header) == HEADERS[name]


def test_days_are_written_as_the_offline_tool_does() -> None:
    year = [replace(REGISTERED, issued_on=date(2026, month, 1)) for month in range(1, 13)]
    days = [row[3] for row in tables(year, **NOVEMBER)["b2b"].rows]
    assert days == [
        "01-Jan-2026", "01-Feb-2026", "01-Mar-2026", "01-Apr-2026", "01-May-2026", "01-Jun-2026",
        "01-Jul-2026", "01-Aug-2026", "01-Sep-2026", "01-Oct-2026", "01-Nov-2026", "01-Dec-2026",
    ]  # fmt: skip
