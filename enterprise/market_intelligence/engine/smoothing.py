"""Ways to carry a series on. Each answers, for every origin, what it would have said there.

``fit_on`` values are used to choose parameters; from an origin ``o`` only ``values[:o]`` is read,
so with ``fit_on`` at the first origin nothing is known in advance.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from enterprise.market_intelligence.engine import regression

ALPHAS = np.linspace(0.02, 0.98, 49)


@dataclass(frozen=True, eq=False)
class Calendar:
    """``season``: (n + horizon) × q columns or None; ``holidays`` likewise; ``cycle``: periods in
    one season."""

    horizon: int
    cycle: int
    season: np.ndarray | None = None
    holidays: np.ndarray | None = None


Forecaster = Callable[[np.ndarray, Calendar, int, Sequence[int]], np.ndarray]


def naive(
    values: np.ndarray, calendar: Calendar, _fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    """The last value goes on."""
    return np.repeat(values[np.asarray(origins) - 1][:, None], calendar.horizon, axis=1)


def seasonal_naive(
    values: np.ndarray, calendar: Calendar, _fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    """The same period of the last year. Needs ``origins`` of at least one cycle."""
    ahead = np.arange(calendar.horizon) % calendar.cycle
    return values[np.asarray(origins)[:, None] - calendar.cycle + ahead[None, :]]


def exponential(
    values: np.ndarray, calendar: Calendar, fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    """Exponential smoothing with additive errors, with or without a damped trend, whichever has
    the lower AIC on ``fit_on`` values (Hyndman et al. 2008; statsmodels)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        plain = ETSModel(values[:fit_on]).fit(disp=0)
        damped = ETSModel(values[:fit_on], trend="add", damped_trend=True).fit(disp=0)
        has_trend = damped.aicc < plain.aicc
        options = {"trend": "add", "damped_trend": True} if has_trend else {}
        chosen = damped if has_trend else plain
        followed = ETSModel(values, **options).smooth(chosen.params)
    places = np.asarray(origins) - 1
    level = np.asarray(followed.level)[places]
    if not has_trend:
        return np.repeat(level[:, None], calendar.horizon, axis=1)
    phi = float(followed.damping_trend)
    reach = np.cumsum(phi ** np.arange(1, calendar.horizon + 1))
    return level[:, None] + np.asarray(followed.slope)[places][:, None] * reach[None, :]


def theta(
    values: np.ndarray, calendar: Calendar, fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    """Simple smoothing with half the slope of the straight line as drift, which is what the Theta
    method amounts to (Assimakopoulos & Nikolopoulos 2000; Hyndman & Billah 2003)."""
    levels = np.empty((len(values), len(ALPHAS)))
    levels[0] = values[0]
    for place in range(1, len(values)):
        levels[place] = levels[place - 1] + ALPHAS * (values[place] - levels[place - 1])
    errors = values[1:fit_on, None] - levels[: fit_on - 1]
    best = int(np.argmin((errors**2).sum(axis=0)))
    alpha = ALPHAS[best]
    ahead = np.arange(calendar.horizon)
    made = []
    for origin in origins:
        drift = float(np.polyfit(np.arange(origin), values[:origin], 1)[0]) / 2
        start = (1 - (1 - alpha) ** origin) / alpha
        made.append(levels[origin - 1, best] + drift * (ahead + start))
    return np.array(made)


def without_season(inner: Forecaster) -> Forecaster:
    """``inner`` on the series less a yearly pattern, which is added again."""

    def forecast(
        values: np.ndarray, calendar: Calendar, fit_on: int, origins: Sequence[int]
    ) -> np.ndarray:
        base = np.column_stack([np.ones(len(values)), np.arange(len(values))])
        shape = np.column_stack([base, calendar.season[: len(values)]])
        kept, *_rest = np.linalg.lstsq(shape[:fit_on], values[:fit_on], rcond=None)
        pattern = calendar.season @ kept[2:]
        made = inner(values - pattern[: len(values)], calendar, fit_on, origins)
        ahead = np.arange(calendar.horizon)
        return made + pattern[np.asarray(origins)[:, None] + ahead[None, :]]

    return forecast


def regressed(
    values: np.ndarray, calendar: Calendar, _fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    """A straight line, the season where there is one and AR(1) errors, fitted at each origin."""
    return _regressed(values, calendar, origins, calendar.season)


def regressed_with_holidays(
    values: np.ndarray, calendar: Calendar, _fit_on: int, origins: Sequence[int]
) -> np.ndarray:
    both = [each for each in (calendar.season, calendar.holidays) if each is not None]
    return _regressed(values, calendar, origins, np.column_stack(both))


def _regressed(
    values: np.ndarray, calendar: Calendar, origins: Sequence[int], more: np.ndarray | None
) -> np.ndarray:
    whole = len(values) + calendar.horizon
    design = np.column_stack([np.ones(whole), np.linspace(-1.0, 1.0, whole)])
    if more is not None:
        design = np.column_stack([design, more])
    made = []
    for origin in origins:
        used = np.ptp(design[:origin], axis=0) > 0
        used[0] = True
        found = regression.fit(values[:origin], design[:origin, used])
        fade = found.rho ** np.arange(1, calendar.horizon + 1)
        ahead = design[origin : origin + calendar.horizon, used] @ found.coefficients
        made.append(ahead + fade * found.residuals[-1])
    return np.array(made)
