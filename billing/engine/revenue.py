"""When money is earned: a plan's price by the days of its months (Ind AS 115, straight line).

The parts always sum to the whole, to the paisa: each is the rounded running total less what came
before it. Amounts are integer paise, months are "2026-11".
"""

from collections.abc import Mapping
from datetime import date

from billing.engine.numbering import month_bounds, month_of

Slices = tuple[tuple[str, int], ...]


def slices_of(
    *, taxable_paise: int, start: date | None, end: date | None, issued_on: date
) -> Slices:
    """The part of each month of [start, end), in order.

    What lies before the month of issue is earned in that month: earlier books are closed. Without
    a period, or with an empty one, all of it is earned in the month of issue. Months whose part is
    zero are left out.
    """
    now = month_of(issued_on)
    if start is None or end is None or start >= end:
        return ((now, taxable_paise),) if taxable_paise else ()
    parts: dict[str, int] = {}
    days, told, until = (end - start).days, 0, start
    while until < end:
        month = month_of(until)
        until = min(month_bounds(month)[1], end)
        reached = _rounded(taxable_paise * (until - start).days, days)
        kept = max(month, now)
        parts[kept] = parts.get(kept, 0) + reached - told
        told = reached
    return tuple((name, paise) for name, paise in sorted(parts.items()) if paise)


def credit_slices(
    *, taxable_paise: int, open_by_month: Mapping[str, int], issued_on: date
) -> Slices:
    """What a credit note takes back, as negative parts.

    The latest months that are not earned yet go first, since a refund is for the time that will
    not be used; what they do not hold is taken from the month of issue. `open_by_month` is what
    each month not yet earned still holds. The parts sum to minus the amount.
    """
    left, parts = taxable_paise, {}
    for month in sorted(open_by_month, reverse=True):
        taken = min(left, max(open_by_month[month], 0))
        if taken:
            parts[month] = -taken
        left -= taken
    if left:
        now = month_of(issued_on)
        parts[now] = parts.get(now, 0) - left
    return tuple(sorted(parts.items()))


def _rounded(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)
