"""Deducted tax: amounts, names that are dated, quarters, certificates."""

from datetime import date

import pytest

from billing.engine.tds import (
    FORMS,
    SECTIONS,
    base_left,
    certificate_due_on,
    deductions,
    expected_transfer,
    forms_at,
    forms_of_year,
    is_certified,
    is_section,
    quarter_before,
    quarter_bounds,
    sections_at,
    tds_of,
)


@pytest.mark.parametrize(
    ("base", "rate", "tds"),
    [
        (2_500_000, 1000, 250_000),
        (2_500_000, 200, 50_000),
        (2_500_000, 0, 0),
        (0, 1000, 0),
        (99_900, 1000, 9_990),
        (99_900, 200, 1_998),
        (5, 1000, 1),
        (4, 1000, 0),
        (15, 1000, 2),
        (14, 1000, 1),
        (1, 2000, 0),
        (100, 2000, 20),
        (33_333, 750, 2_500),
    ],
)
def test_deduction_to_the_paisa_half_up(base: int, rate: int, tds: int) -> None:
    assert tds_of(base, rate) == tds


@pytest.mark.parametrize(("base", "rate"), [(100, 2001), (100, -1), (-1, 100)])
def test_no_such_deduction(base: int, rate: int) -> None:
    with pytest.raises(ValueError, match="no deduction"):
        tds_of(base, rate)


@pytest.mark.parametrize(
    ("base", "rate", "wanted"),
    [
        (2_500_000, 1000, (250_000,)),
        (99_900, 1000, (9_990, 9_900, 10_000)),
        (99_900, 200, (1_998, 1_900, 2_000)),
        (99_900, 0, (0,)),
        (4, 1000, (0,)),
        (500, 1000, (50, 0, 100)),
    ],
)
def test_exact_first_then_whole_rupees(base: int, rate: int, wanted: tuple[int, ...]) -> None:
    assert deductions(base, rate) == wanted


def test_what_arrives_for_enterprise() -> None:
    invoice = {"total_paise": 2_950_000, "base_paise": 2_500_000}
    assert expected_transfer(**invoice, basis_points=1000) == 2_700_000
    assert expected_transfer(**invoice, basis_points=200) == 2_900_000
    assert expected_transfer(**invoice, basis_points=0) == 2_950_000


@pytest.mark.parametrize(
    ("open_paise", "base"),
    [(2_950_000, 2_500_000), (1_475_000, 1_250_000), (1, 1), (0, 0), (118, 100), (59, 50)],
)
def test_the_base_of_what_is_open(open_paise: int, base: int) -> None:
    wanted = base_left(taxable_paise=2_500_000, total_paise=2_950_000, open_paise=open_paise)
    assert wanted == base


def test_an_invoice_of_nothing_has_no_base() -> None:
    assert base_left(taxable_paise=0, total_paise=0, open_paise=0) == 0


@pytest.mark.parametrize(
    ("on", "certificate", "statement"),
    [
        (date(1950, 1, 1), "Form 16A", "Form 26AS"),
        (date(2026, 3, 31), "Form 16A", "Form 26AS"),
        (date(2026, 4, 1), "Form 131", "Form 168"),
        (date(2031, 1, 1), "Form 131", "Form 168"),
    ],
)
def test_names_of_forms_by_day(on: date, certificate: str, statement: str) -> None:
    assert (forms_at(on).certificate, forms_at(on).statement) == (certificate, statement)


def test_a_certificate_is_called_as_in_the_year_of_its_deduction() -> None:
    assert forms_of_year("2025-26").certificate == "Form 16A"
    assert forms_of_year("2026-27").certificate == "Form 131"


@pytest.mark.parametrize(
    ("on", "names"),
    [
        (date(2026, 3, 31), ["194C", "194J", "194J"]),
        (date(2026, 4, 1), ["393(1) 1024", "393(1) 1026", "393(1) 1027"]),
        (date(1900, 1, 1), ["194C", "194J", "194J"]),
    ],
)
def test_sections_by_day(on: date, names: list[str]) -> None:
    assert [row.name for row in sections_at(on)] == names


def test_every_row_names_its_source_and_can_be_declared() -> None:
    assert all(row.source for row in (*FORMS, *SECTIONS))
    assert all(is_section(row.name) and tds_of(100, max(row.rates)) for row in SECTIONS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("194J", True),
        ("393(1) 1027", True),
        ("393(1) Sl.6(iii)", True),
        ("1", False),
        ("", False),
        ("(1)", False),
        ("TDS", False),
        ("194J; drop", False),
        ("1" * 40, True),
        ("1" * 41, False),
    ],
)
def test_what_reads_like_a_section(text: str, wanted: bool) -> None:
    assert is_section(text) is wanted


@pytest.mark.parametrize(
    ("quarter", "first", "after", "due"),
    [
        (1, date(2026, 4, 1), date(2026, 7, 1), date(2026, 8, 15)),
        (2, date(2026, 7, 1), date(2026, 10, 1), date(2026, 11, 15)),
        (3, date(2026, 10, 1), date(2027, 1, 1), date(2027, 2, 15)),
        (4, date(2027, 1, 1), date(2027, 4, 1), date(2027, 6, 15)),
    ],
)
def test_quarters(quarter: int, first: date, after: date, due: date) -> None:
    assert quarter_bounds("2026-27", quarter) == (first, after)
    assert certificate_due_on("2026-27", quarter) == due


@pytest.mark.parametrize(
    ("year", "quarter"), [("2026-28", 1), ("26-27", 1), ("2026-27", 0), ("2026-27", 5), ("", 1)]
)
def test_no_such_quarter(year: str, quarter: int) -> None:
    with pytest.raises(ValueError, match="not a quarter"):
        quarter_bounds(year, quarter)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (("2026-27", 3), ("2026-27", 2)),
        (("2026-27", 2), ("2026-27", 1)),
        (("2026-27", 1), ("2025-26", 4)),
        (("2000-01", 1), ("1999-00", 4)),
    ],
)
def test_the_quarter_before(now: tuple[str, int], before: tuple[str, int]) -> None:
    assert quarter_before(*now) == before


@pytest.mark.parametrize(
    ("certified", "count", "wanted"),
    [
        (250_000, 1, True),
        (250_100, 1, True),
        (249_900, 1, True),
        (250_101, 1, False),
        (249_899, 1, False),
        (250_300, 3, True),
        (250_301, 3, False),
        (250_100, 0, True),
        (250_101, 0, False),
    ],
)
def test_a_certificate_covers_within_a_rupee_each(certified: int, count: int, wanted: bool) -> None:
    found = is_certified(booked_paise=250_000, certified_paise=certified, deductions_count=count)
    assert found is wanted
