"""Recurring revenue, churn and average by month, from what invoices pay for. Integer paise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Longer than any month and shorter than any other period we sell.
LONGEST_MONTH = 45
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Paid:
    """An invoice that pays for [start, end): `paise` before GST, less its credit notes."""

    payer: str
    start: date
    end: date
    paise: int


@dataclass(frozen=True)
class Month:
    """As at the end of a month. `churn_basis_points`: lost customers of those at the last end."""

    month: str
    recurring_paise: int
    customers: int
    new: int
    lost: int
    churn_basis_points: int | None
    average_paise: int | None


def month_ends(last: date, count: int) -> list[date]:
    """The last days of `count` months up to that of `last`; for the present one `last` itself."""
    ends = [last]
    while len(ends) < count:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]


def monthly_paise(paid: Paid) -> int:
    """A year's amount counts a twelfth, rounded down."""
    is_month = (paid.end - paid.start).days <= LONGEST_MONTH
    return paid.paise if is_month else paid.paise // MONTHS_A_YEAR


def recurring_at(rows: Iterable[Paid], day: date) -> dict[str, int]:
    """By payer, what is paid for that day, as an amount a month; nothing is left out."""
    sums: dict[str, int] = {}
    for row in rows:
        if row.start <= day < row.end:
            sums[row.payer] = sums.get(row.payer, 0) + monthly_paise(row)
    return {payer: paise for payer, paise in sums.items() if paise > 0}


def months_of(rows: Sequence[Paid], days: Sequence[date]) -> list[Month]:
    """One figure per day in `days` after the first, which is only compared with."""
    books = [recurring_at(rows, day) for day in days]
    pairs = zip(days[1:], books, books[1:], strict=False)
    return [_month(day, before, after) for day, before, after in pairs]


def _month(day: date, before: dict[str, int], after: dict[str, int]) -> Month:
    lost = len(before.keys() - after.keys())
    recurring = sum(after.values())
    return Month(
        month=f"{day:%Y-%m}",
        recurring_paise=recurring,
        customers=len(after),
        new=len(after.keys() - before.keys()),
        lost=lost,
        churn_basis_points=lost * 10_000 // len(before) if before else None,
        average_paise=recurring // len(after) if after else None,
    )
