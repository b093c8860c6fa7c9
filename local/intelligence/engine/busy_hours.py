"""Quiet and busy hours from the times of bills (insight 1).

Per weekday and hour the median number of bills over the days the shop was open, shrunk towards the
weekday's own level m by n/(n+8): (n·x + 8·m)/(n + 8). The interval is that of the median by order
statistics (distribution-free, at least 90 %), shrunk alike. An hour in which a weekday never sells
is taken as closed, not as quiet.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import mean, median

from local.intelligence.engine.contracts import Action, Bar, Insight, Missing, Visit, grade_of
from local.intelligence.engine.wording import LANGUAGES, texts_of, words
from marketing_platform.core.clock import IST

FORMULA = "busy_hours/1"
NEED_DAYS = 56
NEED_OPEN_DAYS = 40
NEED_BILLS_A_DAY = 12
PLENTY_DAYS = 84
SHRINKAGE = 8
# An hour counts as open on a weekday when it sold on this share of its open days.
OPEN_SHARE = 0.15
# Between those, one that sold on fewer days than this is a break.
BREAK_SHARE = 0.05
QUIET = 0.6
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Hour:
    """Bills in one hour of a weekday: shrunk median and its interval; `usual` is the weekday's."""

    weekday: int
    hour: int
    days: int
    level: float
    low: float
    high: float
    usual: float

    @property
    def ratio(self) -> float:
        return self.level / self.usual if self.usual else 1.0


def busy_hours(visits: Iterable[Visit]) -> Insight | Missing:
    """The quietest stretch of two hours and the busiest hour; Missing under eight weeks, and where
    no weekday has a bill an hour.
    """
    by_day = _bills_by_day(visits)
    open_days = sorted(by_day)
    span = (open_days[-1] - open_days[0]).days + 1 if open_days else 0
    if span < NEED_DAYS or len(open_days) < NEED_OPEN_DAYS:
        have = min(span, len(open_days) * NEED_DAYS // NEED_OPEN_DAYS)
        texts = texts_of("busy_hours_missing", have=have // 7, need=NEED_DAYS // 7)
        return Missing("busy_hours", 1, have // 7, NEED_DAYS // 7, "import", texts)
    hours = hours_of(by_day)
    if max((each.usual for each in hours), default=0) < 1:
        return _sparse(by_day)
    quiet = quietest(hours)
    if quiet is None:
        return _even(hours, by_day, open_days)
    first, second = quiet
    busiest = max(hours, key=lambda each: (each.level, -each.weekday, -each.hour))
    level, usual = mean([first.level, second.level]), first.usual
    is_clear = max(first.high, second.high) < usual
    params = {
        "weekday": words("weekdays", WEEKDAYS[first.weekday]),
        "start": clock_hour(first.hour),
        "end": clock_hour(second.hour + 1),
        "less": round(100 * (1 - level / usual)),
        "days": first.days,
        "busy_weekday": words("weekdays", WEEKDAYS[busiest.weekday]),
        "busy_hour": clock_hour(busiest.hour),
    }
    return Insight(
        key="busy_hours",
        family="hours",
        number=1,
        grade=grade_of(is_plenty=span >= PLENTY_DAYS, is_clear=is_clear),
        n=sum(sum(bills.values()) for bills in by_day.values()),
        period=(open_days[0], open_days[-1]),
        value=level,
        low=min(first.low, second.low),
        high=max(first.high, second.high),
        unit="bills an hour",
        formula=FORMULA,
        action=Action("slack_offer", {"weekday": first.weekday, "hour": first.hour, "hours": 2}),
        texts=texts_of("busy_hours", **params),
        chart=_bars(hours, first.weekday, {first.hour, second.hour}),
    )


def hours_of(by_day: Mapping[date, Counter]) -> list[Hour]:
    """Every open hour of every weekday that was open at least four times."""
    days_of: dict[int, list[date]] = defaultdict(list)
    for day in by_day:
        days_of[day.weekday()].append(day)
    found = []
    for weekday, days in sorted(days_of.items()):
        if len(days) < 4:
            continue
        open_hours = _open_hours([by_day[day] for day in days])
        counts = {hour: [by_day[day][hour] for day in days] for hour in open_hours}
        usual = mean(median(each) for each in counts.values()) if counts else 0.0
        found += [_hour(weekday, hour, counts[hour], usual) for hour in open_hours]
    return found


def quietest(hours: Iterable[Hour]) -> tuple[Hour, Hour] | None:
    """Two open hours in a row well under their weekday's usual level; the deepest such pair.

    The first and the last hour of a day are opening and closing, and left out.
    """
    by_weekday: dict[int, list[Hour]] = defaultdict(list)
    for each in hours:
        by_weekday[each.weekday].append(each)
    pairs = [
        (left, right)
        for day in by_weekday.values()
        for left, right in pairwise(day[1:-1])
        if right.hour == left.hour + 1 and left.usual >= 1 and max(left.ratio, right.ratio) <= QUIET
    ]
    return min(pairs, key=lambda pair: pair[0].ratio + pair[1].ratio, default=None)


def shrunk(x: float, n: int, towards: float) -> float:
    return (n * x + SHRINKAGE * towards) / (n + SHRINKAGE)


def median_interval(values: list[int]) -> tuple[float, float]:
    """Order statistics that hold the median with at least 90 %; all there is under five values."""
    ordered, n = sorted(values), len(values)
    outside = 0.0
    k = 0
    while k < n // 2 and outside + math.comb(n, k) / 2**n <= 0.05:
        outside += math.comb(n, k) / 2**n
        k += 1
    k = max(0, k - 1)
    return float(ordered[k]), float(ordered[n - 1 - k])


def clock_hour(hour: int) -> str:
    """15 -> '3 pm'; understood in both languages as digits of the clock."""
    return f"{hour % 24:02d}:00"


def _hour(weekday: int, hour: int, counts: list[int], usual: float) -> Hour:
    n = len(counts)
    low, high = median_interval(counts)
    return Hour(
        weekday=weekday,
        hour=hour,
        days=n,
        level=shrunk(median(counts), n, usual),
        low=shrunk(low, n, usual),
        high=shrunk(high, n, usual),
        usual=usual,
    )


def _open_hours(days: list[Counter]) -> list[int]:
    """From the first to the last hour that sold often enough, without breaks between."""
    sold = [sum(1 for bills in days if bills[hour]) for hour in range(24)]
    often = [hour for hour in range(24) if sold[hour] >= max(2, OPEN_SHARE * len(days))]
    if not often:
        return []
    return [h for h in range(often[0], often[-1] + 1) if sold[h] >= BREAK_SHARE * len(days)]


def _bills_by_day(visits: Iterable[Visit]) -> dict[date, Counter]:
    by_day: dict[date, Counter] = defaultdict(Counter)
    for visit in visits:
        if visit.has_time:
            moment = visit.happened_at.astimezone(IST)
            by_day[moment.date()][moment.hour] += 1
    return by_day


def _sparse(by_day: Mapping[date, Counter]) -> Missing:
    """Long enough, but too few bills to tell one hour from another."""
    have = round(sum(sum(bills.values()) for bills in by_day.values()) / len(by_day))
    need = max(NEED_BILLS_A_DAY, have + 1)
    return Missing("busy_hours", 1, have, need, "counter", texts_of("busy_hours_sparse", have=have))


def _even(hours: list[Hour], by_day: Mapping[date, Counter], open_days: list[date]) -> Insight:
    span = (open_days[-1] - open_days[0]).days + 1
    busiest = max(hours, key=lambda each: (each.level, -each.weekday, -each.hour))
    params = {
        "busy_weekday": words("weekdays", WEEKDAYS[busiest.weekday]),
        "busy_hour": clock_hour(busiest.hour),
        "days": len(open_days),
    }
    return Insight(
        key="busy_hours",
        family="hours",
        number=1,
        grade=grade_of(is_plenty=span >= PLENTY_DAYS, is_clear=busiest.low > busiest.usual),
        n=sum(sum(bills.values()) for bills in by_day.values()),
        period=(open_days[0], open_days[-1]),
        value=busiest.level,
        low=busiest.low,
        high=busiest.high,
        unit="bills an hour",
        formula=FORMULA,
        action=Action("staff_busy", {"weekday": busiest.weekday, "hour": busiest.hour}),
        texts=texts_of("busy_hours_even", **params),
        chart=_bars(hours, busiest.weekday, {busiest.hour}),
    )


def _bars(hours: list[Hour], weekday: int, focus: set[int]) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            label=dict.fromkeys(LANGUAGES, clock_hour(each.hour)),
            value=round(each.level, 2),
            shown=f"{each.level:.1f}",
            is_focus=each.hour in focus,
        )
        for each in hours
        if each.weekday == weekday
    )
