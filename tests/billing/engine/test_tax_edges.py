"""Edges of tax: rates that are not ours, the last day of a name, one paisa, one character more."""

from dataclasses import replace
from datetime import date

import pytest

from billing.engine.einvoice import payload_of
from billing.engine.gst import TaxSplit, charged_tax, taxable_of
from billing.engine.gstr1 import Receipt, is_large, tables
from billing.engine.numbering import month_bounds
from billing.engine.papers import Line, Original, Paper
from billing.engine.tally import tally_xml
from billing.engine.tds import (
    Section,
    base_left,
    certificate_due_on,
    deductions,
    quarter_before,
    quarter_bounds,
    sections_at,
)

PAPER = Paper(
    kind="invoice",
    number="INV/26-27/9",
    financial_year="2026-27",
    issued_on=date(2026, 11, 2),
    seller={
        "name": "S" * 101,
        "address": "a" * 101,
        "city": "Bengaluru",
        "pincode": "560025",
        "state_code": "29",
        "gstin": "29AAGCB7383J1Z4",
    },
    buyer={
        "name": "B" * 101,
        "address": "b" * 101,
        "pincode": "400021",
        "state_code": "27",
        "gstin": "",
    },
    line=Line("d" * 301, "997331", 10_000, 1800),
    place="27",
    supply="regular",
    tax=TaxSplit(igst=1_800),
    taxable_paise=10_000,
    rounding_paise=0,
    total_paise=11_800,
)


# --- GST


def test_a_charge_is_compared_at_the_rate_that_was_asked_for() -> None:
    """100.00 at 5 %: 2.50 to each head, and 5.00 to the one head of another State."""
    asked = {"taxable_paise": 10_000, "charged_paise": 10_500, "supplier_state": "29"}
    near = charged_tax(**asked, place="29", supply="regular", rate_basis_points=500)
    assert near == ("regular", TaxSplit(250, 250, 0), 0)
    far = charged_tax(**asked, place="27", supply="regular", rate_basis_points=500)
    assert far == ("regular", TaxSplit(0, 0, 500), 0)
    with pytest.raises(ValueError, match="10500 paise were charged on 10000"):
        charged_tax(**asked, place="27", supply="regular")


@pytest.mark.parametrize(
    ("supply", "rate", "taxable"),
    [
        ("regular", 500, 10_000),
        ("regular", 0, 10_500),
        ("export_without_tax", 500, 10_500),
        ("export_with_tax", 500, 10_000),
    ],
)
def test_what_stands_before_tax_at_another_rate(supply: str, rate: int, taxable: int) -> None:
    where = {"supplier_state": "29", "place": "27", "supply": supply}
    assert taxable_of(10_500, **where, rate_basis_points=rate) == taxable


# --- Tax deducted at source


def test_a_paisa_of_deduction_is_one() -> None:
    assert deductions(5, 1000) == (1, 0, 100)


def test_the_base_of_an_invoice_of_one_paisa() -> None:
    assert base_left(taxable_paise=1, total_paise=1, open_paise=1) == 1
    assert base_left(taxable_paise=1, total_paise=0, open_paise=1) == 0


def test_before_the_first_section_the_first_row_is_offered() -> None:
    rows = (
        Section(date(2020, 4, 1), "one", "", "", (100,), ""),
        Section(date(2021, 4, 1), "two", "", "", (200,), ""),
    )
    assert [row.name for row in sections_at(date(2019, 1, 1), rows)] == ["one"]
    assert [row.name for row in sections_at(date(2021, 3, 31), rows)] == ["one"]
    assert [row.name for row in sections_at(date(2021, 4, 1), rows)] == ["two"]


def test_the_year_before_the_turn_of_a_century() -> None:
    assert quarter_bounds("2099-00", 4) == (date(2100, 1, 1), date(2100, 4, 1))
    with pytest.raises(ValueError, match="not a quarter"):
        quarter_bounds("2099-100", 4)


@pytest.mark.parametrize(
    ("year", "quarter", "before", "due"),
    [
        ("2026-27", 1, ("2025-26", 4), date(2026, 8, 15)),
        ("2026-27", 2, ("2026-27", 1), date(2026, 11, 15)),
        ("2026-27", 3, ("2026-27", 2), date(2027, 2, 15)),
        ("2026-27", 4, ("2026-27", 3), date(2027, 6, 15)),
    ],
)
def test_quarters_follow(year: str, quarter: int, before: tuple[str, int], due: date) -> None:
    assert quarter_before(year, quarter) == before
    assert certificate_due_on(year, quarter) == due


# --- Documents and returns


@pytest.mark.parametrize("month", ["२०२६-११", "2026-11\n", "2026-1", "26-11"])
def test_a_month_is_written_in_plain_digits(month: str) -> None:
    with pytest.raises(ValueError, match="not a month"):
        month_bounds(month)


def test_the_threshold_before_the_tables_first_day_is_the_first() -> None:
    old = replace(PAPER, issued_on=date(2017, 6, 30))
    assert not is_large(replace(old, total_paise=250_000_00))
    assert is_large(replace(old, total_paise=250_000_01))


def test_small_supplies_stand_by_state_and_rate() -> None:
    """A return's rows come in one order, whatever the order of the documents."""
    low = Line("Plan", "997331", 10_000, 500)
    papers = [
        replace(PAPER, number="INV/26-27/1"),
        replace(PAPER, number="INV/26-27/2", line=low, tax=TaxSplit(igst=500)),
        replace(PAPER, number="INV/26-27/3", place="07"),
    ]
    made = tables(papers, month_start=date(2026, 11, 1), month_end=date(2026, 12, 1))
    assert [(row[1], row[3], row[4]) for row in made["b2cs"].rows] == [
        ("07-Delhi", "18", 10_000),
        ("27-Maharashtra", "18", 10_000),
        ("27-Maharashtra", "5", 10_000),
    ]


def test_an_advance_from_abroad_names_no_state() -> None:
    receipt = Receipt("96", date(2026, 11, 5), 5_000)
    made = tables(
        [], month_start=date(2026, 11, 1), month_end=date(2026, 12, 1), receipts=[receipt]
    )
    assert made["at"].rows == (("96-Other Countries", "", "18", 4_237, 0),)


def test_a_payload_keeps_to_the_lengths_of_the_schema() -> None:
    made = payload_of(PAPER)
    for party in (made["SellerDtls"], made["BuyerDtls"]):
        assert (len(party["LglNm"]), len(party["Addr1"])) == (100, 100)
    assert made["BuyerDtls"]["Loc"] == "b" * 50
    assert (made["SellerDtls"]["Pin"], made["BuyerDtls"]["Pin"]) == (560_025, 400_021)
    assert made["ItemList"][0]["PrdDesc"] == "d" * 300


def test_a_note_refers_to_its_invoice_in_tally() -> None:
    before = Original("INV/26-27/8", date(2026, 11, 1), 11_800)
    note = replace(PAPER, kind="credit_note", number="CN/26-27/1", original=before)
    xml = tally_xml([note]).decode()
    assert "<REFERENCE>INV/26-27/8</REFERENCE>" in xml
    assert "<VOUCHERNUMBER>CN/26-27/1</VOUCHERNUMBER>" in xml
