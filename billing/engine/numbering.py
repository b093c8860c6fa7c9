"""Numbers of documents: consecutive in a series and financial year (CGST Rule 46(b))."""

import re
from datetime import date

from marketing_platform.core.clock import financial_year

__all__ = [
    "CREDIT_NOTES",
    "INVOICES",
    "financial_year",
    "month_bounds",
    "month_of",
    "number_of",
    "quarter_of",
]
INVOICES = "INV"
CREDIT_NOTES = "CN"
LONGEST = 16
SERIES = re.compile(r"[A-Z0-9]{1,4}\Z")
YEAR = re.compile(r"20(\d\d)-(\d\d)\Z")


def number_of(series: str, financial_year: str, count: int) -> str:
    """("INV", "2026-27", 1) -> "INV/26-27/1".

    Raises ValueError when it is longer than sixteen characters (more than 999,999 of "INV"), for a
    count below one, and for a series or year of another form.
    """
    year = YEAR.match(financial_year)
    if not year or (int(year[1]) + 1) % 100 != int(year[2]):
        raise ValueError(f"not a financial year: {financial_year}")
    if not SERIES.match(series) or count < 1:
        raise ValueError(f"not a number of a series: {series} {count}")
    number = f"{series}/{year[1]}-{year[2]}/{count}"
    if len(number) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters: {number}")
    return number


def quarter_of(on: date) -> int:
    """1 to 4; April to June is the first."""
    return (on.month - 4) % 12 // 3 + 1


def month_of(on: date) -> str:
    """date(2026, 11, 22) -> "2026-11"."""
    return f"{on.year:04d}-{on.month:02d}"


def month_bounds(month: str) -> tuple[date, date]:
    """The first day of "2026-11", and of the month after it. Raises ValueError for other text."""
    if not re.fullmatch(r"\d{4}-\d{2}", month, re.ASCII):
        raise ValueError(f"not a month: {month}")
    first = date.fromisoformat(f"{month}-01")
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
