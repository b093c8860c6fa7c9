"""Single values far from what trend, season and level shifts lead one to expect."""

import numpy as np
from scipy import ndimage, stats
from statsmodels.robust.scale import qn_scale

from enterprise.market_intelligence.engine.regression import Fit

TAME_AT = 4.0
SCALE_EFFICIENCY = 0.82
EQUAL_PAIRS = 0.25


def tamed(values: np.ndarray, base: np.ndarray, *, shortest: int) -> np.ndarray:
    """``values`` with single spikes cut back, so that they pass neither for shift nor trend.

    Cut at four robust deviations from the running median of what ``base`` leaves over; not at
    all when more than half of the values are the same, for then any deviation looks huge.
    """
    if _times(values).max() * 2 > len(values):
        return values
    kept, *_rest = np.linalg.lstsq(base, values, rcond=None)
    rest = values - base @ kept
    middle = ndimage.median_filter(rest, size=2 * (shortest // 2) + 1, mode="reflect")
    away = rest - middle
    reach = TAME_AT * float(np.median(np.abs(away))) / 0.6744898
    if reach == 0:
        return values
    return values - away + np.clip(away, -reach, reach)


def repeats_too_much(values: np.ndarray) -> bool:
    """Whether a quarter of all pairs are equal: then Qn says nothing of how values spread."""
    shares = _times(values) / len(values)
    return bool((shares**2).sum() >= EQUAL_PAIRS)


def _times(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_counts=True)[1]


def spread_of(residuals: np.ndarray, parameters: int) -> float:
    """Robust standard deviation (Qn, Rousseeuw & Croux 1993) of the residuals, corrected for
    the fitted parameters; 0 when more than half of the residuals agree."""
    rest = residuals - np.median(residuals)
    sparse = rest[:: max(1, len(rest) // 2_000)]
    count = len(residuals)
    return float(qn_scale(sparse)) * float(np.sqrt(count / (count - parameters)))


def reach_of(fit: Fit, count: int, level: float, *, family: int) -> float:
    """How many spreads away a value is still expected, ``family`` values judged at once.

    The t quantile stands for the uncertainty of the spread: fewer independent residuals when
    they are autocorrelated, and the estimator's own efficiency.
    """
    rho = float(np.clip(fit.rho, 0.0, 0.95))
    freedom = fit.degrees_of_freedom * (1 - rho**2) / (1 + rho**2) * SCALE_EFFICIENCY
    return float(stats.t.ppf(1 - (1 - level) / (2 * family), max(freedom, 3.0)))
