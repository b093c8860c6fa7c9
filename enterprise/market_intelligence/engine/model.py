"""One description of a series: trend, season and level shifts together, AR(1) errors.

They are fitted jointly because each passes for the others when looked at alone.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from enterprise.market_intelligence.engine import regression
from enterprise.market_intelligence.engine.anomalies import tamed
from enterprise.market_intelligence.engine.contracts import Grain
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.season import (
    SeasonColumns,
    season_columns,
)
from enterprise.market_intelligence.engine.shifts import find_shifts, steps

SHORTEST_LEVEL = {Grain.DAY: 14, Grain.WEEK: 8, Grain.MONTH: 4}
FEWEST_FOR_SHIFTS = {Grain.DAY: 42, Grain.WEEK: 26, Grain.MONTH: 18}
DEGREES = (1, 2, 3, 4)
SHIFT_COST = 3
SEASON_EVIDENCE = 24.0


@dataclass(frozen=True)
class Model:
    """The fitted description. ``degree`` counts the trend's columns after the constant, the
    season's follow them, the shifts' come last. ``response`` has its spikes cut back."""

    fit: regression.Fit
    response: np.ndarray
    design: np.ndarray
    degree: int
    season: SeasonColumns | None
    shifts: tuple[int, ...]

    @property
    def season_start(self) -> int:
        return 1 + self.degree

    @property
    def shift_start(self) -> int:
        return self.season_start + (self.season.columns.shape[1] if self.season else 0)


def describe(series: RegularSeries) -> Model:
    """Fit the description that explains most for its size. Needs at least 12 values.

    A straight trend is tried first; curves only where there are shifts or a season, which a
    curved trend could pass for.
    """
    made = cache(partial(_model, series))
    season = season_columns(series.grain, series.dates)
    best = _best(made, None)
    if season is not None and _criterion(_best(made, season)) < _criterion(best):
        both = itertools.product((None, season), DEGREES)
        best = min((made(kind, degree) for kind, degree in both), key=_criterion)
    return best


def _best(
    made: Callable[[SeasonColumns | None, int], Model], season: SeasonColumns | None
) -> Model:
    straight = made(season, 1)
    if not straight.shifts:
        return straight
    return min((made(season, degree) for degree in DEGREES), key=_criterion)


def _model(series: RegularSeries, season: SeasonColumns | None, degree: int) -> Model:
    count = len(series.values)
    base = _base(count, degree, season)
    response, shifts = series.values, []
    if count >= FEWEST_FOR_SHIFTS[series.grain]:
        shortest = SHORTEST_LEVEL[series.grain]
        response = tamed(series.values, base, shortest=shortest)
        shifts = find_shifts(response, base, shortest=shortest)
    design = np.column_stack([base, steps(count, shifts)]) if shifts else base
    return Model(
        fit=regression.fit(response, design),
        response=response,
        design=design,
        degree=degree,
        season=season,
        shifts=tuple(shifts),
    )


def _base(count: int, degree: int, season: SeasonColumns | None) -> np.ndarray:
    time = np.linspace(-1.0, 1.0, count)
    trend = np.polynomial.legendre.legvander(time, degree)
    return trend if season is None else np.column_stack([trend, season.columns])


def _criterion(model: Model) -> float:
    """BIC; a shift counts more than once because its place was searched as well, and a season
    as a whole by what noise reaches in about one series of a hundred."""
    size = 1 + model.degree + SHIFT_COST * len(model.shifts)
    season = SEASON_EVIDENCE if model.season else 0.0
    return size * float(np.log(len(model.response))) + season - 2 * model.fit.log_likelihood
