"""The next thirteen weeks: the way that would have been best on the client's own past.

Every candidate forecasts from many past origins (rolling origin, Tashman 2000). The one with the
smallest mean absolute error is taken if it beats "like last week" by a twentieth; otherwise nothing
beats it and that is said. Holidays stay in only where they help the regression by as much. The same
past errors give the intervals (split conformal, Vovk et al. 2005, on rolling residuals): no
distribution is assumed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np

from enterprise.market_intelligence.engine import smoothing
from enterprise.market_intelligence.engine.contracts import Grain
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.season import FEWEST, season_columns
from enterprise.market_intelligence.engine.smoothing import Calendar, Forecaster

LEVEL = 0.9
BETTER_BY = 0.05
MOST_ORIGINS = 60
HORIZON = {Grain.WEEK: 13, Grain.MONTH: 3}
CYCLE = {Grain.WEEK: 52, Grain.MONTH: 12}
FEWEST_VALUES = {Grain.WEEK: 52, Grain.MONTH: 24}
NAIVE, WITH_HOLIDAYS = "naive", "regression_holidays"


@dataclass(frozen=True)
class Candidate:
    """``error``: mean absolute error over all past origins and steps, in the series' unit."""

    name: str
    error: float


@dataclass(frozen=True)
class Forecast:
    """``expected`` with ``low``–``high`` per period ahead; ``mean`` likewise of all of them
    together. ``before`` is the mean of as many periods before. ``beats_naive`` False: the best
    is to say that it stays as it is."""

    name: str
    unit: str
    grain: Grain
    chosen: str
    candidates: tuple[Candidate, ...]
    dates: tuple[date, ...]
    expected: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, float, float]
    before: float
    origins: int
    n: int
    first_on: date
    last_on: date
    has_season: bool

    @property
    def beats_naive(self) -> bool:
        return self.chosen != NAIVE

    @property
    def is_clear(self) -> bool:
        """Whether the coming mean surely differs from that of the last periods."""
        return self.mean[1] > self.before or self.mean[2] < self.before


def forecast(series: RegularSeries) -> Forecast | None:
    """None below 52 weeks or 24 months, for days, and for a series that does not vary."""
    fewest = FEWEST_VALUES.get(series.grain)
    if fewest is None or series.observed < fewest or np.ptp(series.values) == 0:
        return None
    values, horizon = series.values, HORIZON[series.grain]
    count = len(values)
    first = _first_origin(series.grain, count)
    origins = _origins(first, count)
    calendar = _calendar(series, first)
    ways = _ways(calendar, first)
    past = {name: way(values, calendar, first, origins) for name, way in ways.items()}
    seen = _seen(values, origins, horizon)
    errors = {name: _mean_error(seen - made) for name, made in past.items()}
    if errors.get(WITH_HOLIDAYS, 0.0) > (1 - BETTER_BY) * errors["regression"]:
        del errors[WITH_HOLIDAYS]
    chosen = min(errors, key=errors.__getitem__)
    if errors[chosen] > (1 - BETTER_BY) * errors[NAIVE]:
        chosen = NAIVE
    ahead = ways[chosen](values, calendar, count, [count])[0]
    rest = seen - past[chosen]
    reach = np.maximum.accumulate([_reach(rest[:, step], step + 1) for step in range(horizon)])
    floor = 0.0 if values.min() >= 0 else -math.inf
    together = _reach(rest.mean(axis=1), horizon)
    middle = float(np.maximum(ahead, floor).mean())
    return Forecast(
        name=series.name,
        unit=series.unit,
        grain=series.grain,
        chosen=chosen,
        candidates=tuple(
            Candidate(name, error) for name, error in sorted(errors.items(), key=lambda e: e[1])
        ),
        dates=tuple(_after(series, step) for step in range(horizon)),
        expected=tuple(float(max(value, floor)) for value in ahead),
        low=tuple(float(max(value, floor)) for value in ahead - reach),
        high=tuple(float(max(value, floor)) for value in ahead + reach),
        mean=(middle, max(middle - together, floor), middle + together),
        before=float(values[-horizon:].mean()),
        origins=len(origins),
        n=series.observed,
        first_on=series.dates[0],
        last_on=series.dates[-1],
        has_season=calendar.season is not None,
    )


def _first_origin(grain: Grain, count: int) -> int:
    """Half of the values, or two full seasons where half a year more is left to test on."""
    if count >= FEWEST[grain] + CYCLE[grain] // 2:
        return max(count // 2, FEWEST[grain])
    return max(count // 2, FEWEST_VALUES[grain] // 2)


def _origins(first: int, count: int) -> list[int]:
    step = max(1, -(-(count - first) // MOST_ORIGINS))
    return sorted(range(count - 1, first - 1, -step))


def _calendar(series: RegularSeries, first: int) -> Calendar:
    horizon = HORIZON[series.grain]
    dates = (*series.dates, *(_after(series, step) for step in range(horizon)))
    season = None
    if first >= FEWEST[series.grain]:
        found = season_columns(series.grain, dates)
        season = found.columns if found else None
    return Calendar(
        horizon=horizon,
        cycle=CYCLE[series.grain],
        season=season,
        holidays=_holiday_columns(dates) if series.grain is Grain.WEEK else None,
    )


def _ways(calendar: Calendar, first: int) -> dict[str, Forecaster]:
    ways: dict[str, Forecaster] = {
        NAIVE: smoothing.naive,
        "ets": smoothing.exponential,
        "theta": smoothing.theta,
        "regression": smoothing.regressed,
    }
    if first >= calendar.cycle:
        ways["seasonal_naive"] = smoothing.seasonal_naive
    if calendar.season is not None:
        ways["season_ets"] = smoothing.without_season(smoothing.exponential)
        ways["season_theta"] = smoothing.without_season(smoothing.theta)
    if calendar.holidays is not None and first >= calendar.cycle:
        ways[WITH_HOLIDAYS] = smoothing.regressed_with_holidays
    return ways


def _holiday_columns(dates: Sequence[date]) -> np.ndarray:
    """Per week: the three weeks before Diwali, Diwali's own, and other holidays in the week."""
    years = range(dates[0].year, dates[-1].year + 2)
    known = holidays.country_holidays("IN", years=years)
    diwalis = [day for day, name in known.items() if "Diwali" in name or "Deepavali" in name]
    rows = []
    for start in dates:
        days = [start + timedelta(days=step) for step in range(7)]
        own = any(day in diwalis for day in days)
        soon = any(0 < (day - days[-1]).days <= 21 for day in diwalis)
        others = sum(day in known and day not in diwalis for day in days)
        rows.append([float(own), float(soon), float(others)])
    return np.array(rows)


def _after(series: RegularSeries, step: int) -> date:
    last = series.dates[-1]
    if series.grain is Grain.WEEK:
        return last + timedelta(weeks=step + 1)
    month = last.year * 12 + last.month + step
    return date(month // 12, month % 12 + 1, 1)


def _seen(values: np.ndarray, origins: Sequence[int], horizon: int) -> np.ndarray:
    """What followed each origin; nan beyond the end."""
    longer = np.concatenate([values, np.full(horizon, np.nan)])
    return np.array([longer[origin : origin + horizon] for origin in origins])


def _mean_error(rest: np.ndarray) -> float:
    return float(np.nanmean(np.abs(rest)))


def _reach(rest: np.ndarray, overlap: int) -> float:
    """The conformal quantile of absolute errors. Errors of neighbouring origins share most of
    their periods, so that many are worth only few: the quantile is raised as for those few."""
    sizes = np.sort(np.abs(rest[~np.isnan(rest)]))
    if not len(sizes):
        return math.inf
    worth = max(len(sizes) / overlap**0.75, 1.0)
    share = min(1.0, LEVEL * (1 + 1 / worth))
    return float(sizes[min(len(sizes) - 1, math.ceil(share * len(sizes)) - 1)])
