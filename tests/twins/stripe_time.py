"""Periods and parts of them, as Stripe counts."""

import calendar
from datetime import UTC, datetime


def later(start: int, interval: str, count: int = 1) -> int:
    """So many months or years later, on the last day of a shorter month."""
    day = datetime.fromtimestamp(start, UTC)
    months = day.month - 1 + count * (12 if interval == "year" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return int(day.replace(year=year, month=month, day=min(day.day, last)).timestamp())


def part_of(amount: int, left: int, whole: int) -> int:
    """The share of an amount for the time that is left, to the nearest paisa."""
    return (amount * left * 2 + whole) // (whole * 2) if whole else 0
