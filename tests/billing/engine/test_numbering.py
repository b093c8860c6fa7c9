import re
from datetime import UTC, date, datetime

import pytest

from billing.engine.numbering import (
    financial_year,
    month_bounds,
    month_of,
    number_of,
    quarter_of,
)
from marketing_platform.core import clock

RULE_46 = re.compile(r"^[A-Za-z0-9][A-Za-z0-9/-]{0,15}$")


@pytest.mark.parametrize(
    ("series", "year", "count", "number"),
    [
        ("INV", "2026-27", 1, "INV/26-27/1"),
        ("CN", "2026-27", 42, "CN/26-27/42"),
        ("INV", "2026-27", 999_999, "INV/26-27/999999"),
        ("A", "2099-00", 1, "A/99-00/1"),
        ("INV2", "2026-27", 99_999, "INV2/26-27/99999"),
    ],
)
def test_numbers(series: str, year: str, count: int, number: str) -> None:
    assert number_of(series, year, count) == number
    assert RULE_46.match(number)


@pytest.mark.parametrize(
    ("series", "year", "count"),
    [
        ("INV", "2026-27", 1_000_000),
        ("INV2", "2026-27", 100_000),
        ("INV", "2026-27", 0),
        ("INV", "2026-27", -1),
        ("INV", "2026-28", 1),
        ("INV", "2026-26", 1),
        ("INV", "26-27", 1),
        ("INV", "2026-2027", 1),
        ("INVOI", "2026-27", 1),
        ("", "2026-27", 1),
        ("in", "2026-27", 1),
        ("I/V", "2026-27", 1),
        ("INV\n", "2026-27", 1),
    ],
)
def test_numbers_that_the_law_or_the_series_does_not_have(
    series: str, year: str, count: int
) -> None:
    with pytest.raises(ValueError, match=r"not a|longer than"):
        number_of(series, year, count)


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 3, 31, 18, 29, 59, tzinfo=UTC), "2025-26"),
        (datetime(2026, 3, 31, 18, 30, tzinfo=UTC), "2026-27"),
        (datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC), "2026-27"),
        (datetime(2099, 12, 31, tzinfo=UTC), "2099-00"),
    ],
)
def test_the_year_begins_on_1_april_in_india(moment: datetime, year: str) -> None:
    assert financial_year(clock.today(moment)) == year


@pytest.mark.parametrize(
    ("month", "quarter"),
    [(4, 1), (6, 1), (7, 2), (9, 2), (10, 3), (12, 3), (1, 4), (3, 4)],
)
def test_quarters_begin_in_april(month: int, quarter: int) -> None:
    assert quarter_of(date(2026, month, 1)) == quarter


def test_a_month_and_its_bounds() -> None:
    assert month_of(date(2026, 3, 9)) == "2026-03"
    assert month_bounds("2026-03") == (date(2026, 3, 1), date(2026, 4, 1))
    assert month_bounds("2026-11") == (date(2026, 11, 1), date(2026, 12, 1))
    assert month_bounds("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "", "x"])
def test_other_text_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match=r"month"):
        month_bounds(text)
