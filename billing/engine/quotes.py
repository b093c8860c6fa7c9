"""Offers on paper: their numbers outside the tax series, and how long they stand."""

from datetime import date, timedelta

from billing.engine.numbering import number_of

SERIES = "QT"
VALID_DAYS = 30
# An accepted one is not withdrawn by the calendar: from then on it is an order.
ENDS = frozenset({"accepted", "declined", "expired"})


def quote_number(financial_year: str, count: int) -> str:
    """("2026-27", 4) -> "QT/26-27/4": never in the series of invoices."""
    return number_of(SERIES, financial_year, count)


def valid_until(issued_on: date) -> date:
    """The last day on which it may be accepted."""
    return issued_on + timedelta(days=VALID_DAYS)


def state_on(state: str, until: date, today: date) -> str:
    """An open quote is expired from the day after its last."""
    return "expired" if state == "open" and today > until else state
