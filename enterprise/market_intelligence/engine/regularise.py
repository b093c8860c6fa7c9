"""From points as given to equal steps: sorted, checked, gaps filled and remembered."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from enterprise.market_intelligence.engine.contracts import (
    MOST_POINTS,
    Grain,
    MetricSeries,
    NotEnough,
    is_usable_number,
)
from enterprise.market_intelligence.engine.sentences import GIVEN, needs
from enterprise.market_intelligence.errors import SeriesInvalid
from marketing_platform.core.text import mark as _

LARGEST_MISSING_SHARE = 0.2
FIRST_YEAR, LAST_YEAR = 1970, 2100
FEWEST_POINTS = 2
PERIOD_DAYS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28}


@dataclass(frozen=True)
class RegularSeries:
    """Equal steps. ``values`` has no gaps; ``is_filled`` marks the interpolated ones."""

    name: str
    unit: str
    grain: Grain
    dates: tuple[date, ...]
    values: np.ndarray
    is_filled: np.ndarray

    @property
    def observed(self) -> int:
        return int((~self.is_filled).sum())

    @property
    def filled(self) -> int:
        return int(self.is_filled.sum())


def regularise(series: MetricSeries, *, place: str = "series[0]") -> RegularSeries | NotEnough:
    """Check one series and put it on equal steps.

    Raises SeriesInvalid, whose ``field`` names the point as it stood in the input, for no
    points, too many, a repeated date, a number that is not finite or beyond 1e15, or dates
    that do not fit the grain. Answers NotEnough when more than a fifth is missing.
    """
    _check_size(series, place)
    _check_values(series, place)
    ordered = sorted(enumerate(series.points), key=lambda entry: entry[1][0])
    periods = _periods(series.grain, ordered, place)
    count = periods[-1] - periods[0] + 1
    if len(periods) < FEWEST_POINTS:
        return needs(series, GIVEN["points"], least=FEWEST_POINTS, given=len(periods))
    if count - len(periods) > LARGEST_MISSING_SHARE * count:
        return needs(series, GIVEN["gaps"], missing=count - len(periods), of=count)
    known = np.array(periods) - periods[0]
    numbers = np.array([float(point[1]) for _index, point in ordered])
    is_filled = np.ones(count, dtype=bool)
    is_filled[known] = False
    return RegularSeries(
        name=series.name,
        unit=series.unit,
        grain=series.grain,
        dates=_dates(series.grain, ordered[0][1][0], count),
        values=np.interp(np.arange(count), known, numbers),
        is_filled=is_filled,
    )


def _check_size(series: MetricSeries, place: str) -> None:
    if not series.points:
        raise SeriesInvalid(_("%(name)s has no points."), field=f"{place}.points", name=series.name)
    if len(series.points) > MOST_POINTS:
        raise SeriesInvalid(
            _("%(name)s has %(given)s points; at most %(most)s can be read."),
            field=f"{place}.points",
            name=series.name,
            given=len(series.points),
            most=MOST_POINTS,
        )


def _check_values(series: MetricSeries, place: str) -> None:
    seen: dict[date, int] = {}
    for index, (day, value) in enumerate(series.points):
        where = f"{place}.points[{index}]"
        if not is_usable_number(value):
            raise SeriesInvalid(
                _("%(day)s: the value must be a number between -10^15 and 10^15."),
                field=where,
                day=day.isoformat(),
            )
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise SeriesInvalid(
                _("%(day)s: the year must lie between 1970 and 2100."),
                field=where,
                day=day.isoformat(),
            )
        if day in seen:
            raise SeriesInvalid(
                _("%(day)s is given twice (points %(first)s and %(second)s)."),
                field=where,
                day=day.isoformat(),
                first=seen[day],
                second=index,
            )
        seen[day] = index


def _periods(grain: Grain, ordered: list, place: str) -> list[int]:
    """The number of each point's day, week or month; refuses dates of another grain."""
    days = [entry[1][0] for entry in ordered]
    if grain is Grain.MONTH:
        periods = [day.year * 12 + day.month for day in days]
        for earlier, later, (index, point) in zip(periods, periods[1:], ordered[1:], strict=False):
            if earlier == later:
                raise SeriesInvalid(
                    _("%(day)s: this month already has a value. Is the grain day or week?"),
                    field=f"{place}.points[{index}]",
                    day=point[0].isoformat(),
                )
        return periods
    if grain is Grain.WEEK:
        _check_weekday(ordered, place)
        return [day.toordinal() // 7 for day in _moved_to_monday(days)]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if gaps and min(gaps) >= PERIOD_DAYS[Grain.WEEK]:
        raise SeriesInvalid(
            _("The dates lie %(gap)s days or more apart, but the grain says day."),
            field=f"{place}.grain",
            gap=min(gaps),
        )
    return [day.toordinal() for day in days]


def _check_weekday(ordered: list, place: str) -> None:
    usual = Counter(point[0].weekday() for _index, point in ordered).most_common(1)[0][0]
    for index, (day, _value) in ordered:
        if day.weekday() != usual:
            raise SeriesInvalid(
                _(
                    "%(day)s is not on the weekday of the other dates. "
                    "Give one date a week, always the same weekday."
                ),
                field=f"{place}.points[{index}]",
                day=day.isoformat(),
            )


def _moved_to_monday(days: list[date]) -> list[date]:
    return [day - timedelta(days=days[0].weekday()) for day in days]


def _dates(grain: Grain, first: date, count: int) -> tuple[date, ...]:
    if grain is Grain.MONTH:
        months = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + count)
        return tuple(date(month // 12, month % 12 + 1, 1) for month in months)
    return tuple(first + timedelta(days=PERIOD_DAYS[grain] * step) for step in range(count))
