"""Periods, and the part of a price that belongs to a part of its period. Amounts are paise.

A period ends on the day of the month on which the first one began, or on the month's last day; it
is always counted from the first day, so that the 31st comes back after February. Months are those
of Asia/Kolkata, which has no summer time.

Any cut of a period rounds the running total (half up, whole seconds) and takes differences, so that
the parts always sum to the price.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.engine.prices import MONTHS_IN, Interval
from marketing_platform.core.clock import IST

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class PaidPeriod:
    """What was paid before GST for [start, end), less what was given back of it already."""

    base_paise: int
    start: datetime
    end: datetime
    given_back_paise: int = 0


@dataclass(frozen=True)
class Figures:
    """A change of price before GST: the unused part of the old, the new price of a whole interval,
    what is charged now, what is given back, and from when on the new price holds.

    `way`: relabel (nothing is charged otherwise), later (at the end of the paid period), in_place
    (the gateway charges the difference), switch (the whole price is charged by a new mandate and
    the credit is given back).
    """

    way: str
    credit_paise: int
    price_paise: int
    due_paise: int
    given_back_paise: int
    effective_at: datetime


def period_end(anchor: datetime, interval: str, count: int = 1) -> datetime:
    """The end of the count-th interval since the anchor: 31 Jan -> 28 Feb, 31 Mar, 30 Apr, ..."""
    start = anchor.astimezone(IST)
    months = start.month - 1 + count * MONTHS_IN[Interval(interval)]
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day).astimezone(anchor.tzinfo)


def period_at(anchor: datetime, interval: str, moment: datetime) -> tuple[datetime, datetime]:
    """The period [start, end) that a moment lies in. ValueError before the anchor."""
    if moment < anchor:
        raise ValueError("before the first period")
    begun, asked = anchor.astimezone(IST), moment.astimezone(IST)
    months = (asked.year - begun.year) * 12 + asked.month - begun.month
    count = months // MONTHS_IN[Interval(interval)]
    if period_end(anchor, interval, count) > moment:
        count -= 1
    return period_end(anchor, interval, count), period_end(anchor, interval, count + 1)


def used_paise(price_paise: int, start: datetime, end: datetime, at: datetime) -> int:
    """The part of the price that belongs to [start, at), half up; all of it after the end."""
    if at >= end:
        return price_paise
    if at <= start:
        return 0
    whole = (end - start) // SECOND
    return (2 * price_paise * ((at - start) // SECOND) + whole) // (2 * whole)


def unused_paise(price_paise: int, start: datetime, end: datetime, at: datetime) -> int:
    """What used_paise leaves: the two always sum to the price."""
    return price_paise - used_paise(price_paise, start, end, at)


def parts_of(
    price_paise: int, start: datetime, end: datetime, cuts: Sequence[datetime]
) -> tuple[int, ...]:
    """The price of each part between the cuts, in order; their sum is the price."""
    marks = [used_paise(price_paise, start, end, cut) for cut in sorted(cuts)]
    return tuple(
        later - earlier for earlier, later in zip([0, *marks], [*marks, price_paise], strict=True)
    )


def credit_of(paid: PaidPeriod, at: datetime) -> int:
    """The unused part of what was paid and not given back: between 0 and what is left of it."""
    unused = unused_paise(paid.base_paise, paid.start, paid.end, at)
    return max(0, min(unused, paid.base_paise - paid.given_back_paise))


def difference_of(
    old_paise: int, new_paise: int, start: datetime, end: datetime, at: datetime
) -> int:
    """What the rest of the period costs more at the new price; down again at once is its minus."""
    return unused_paise(new_paise, start, end, at) - unused_paise(old_paise, start, end, at)


def change_figures(
    *,
    period: tuple[datetime, datetime],
    credit_paise: int,
    old: tuple[str, int],
    new: tuple[str, int],
    can_in_place: bool,
    now: datetime,
) -> Figures:
    """From one (interval, price) to another within a paid period, now.

    A dearer price holds at once, a cheaper one from the end of the paid period, so that nobody is
    given back money for choosing less. Where the interval stays, a change in place charges the rest
    of the period higher; in every other way a new period begins now. What is charged in place is
    never less than nothing.
    """
    start, end = period
    price = new[1]
    if new == old:
        return Figures("relabel", 0, price, 0, 0, now)
    if price <= old[1]:
        return Figures("later", 0, price, 0, 0, max(end, now))
    if not can_in_place:
        return Figures("switch", credit_paise, price, price, credit_paise, now)
    if new[0] != old[0]:
        return Figures("in_place", credit_paise, price, max(price - credit_paise, 0), 0, now)
    due = difference_of(old[1], price, start, end, now)
    return Figures("in_place", unused_paise(old[1], start, end, now), price, due, 0, now)
