"""Pareto-smoothed importance sampling.

Vehtari, Simpson, Gelman, Yao & Gabry (2024), "Pareto smoothed importance sampling", JMLR 25; the
tail is fitted as in Zhang & Stephens (2009), "A new and efficient estimation method for the
generalized Pareto distribution", with the paper's weak prior on k.
"""

import numpy as np

LIMIT = 0.7
LEAST_TAIL = 5


def smoothed(log_weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Normalised log weights with a smoothed tail, and the tail's shape k.

    k ≤ .7 means that averages over the weighted draws can be trusted; infinite when too few
    draws carry any weight.
    """
    weights = log_weights - log_weights.max()
    count = len(weights)
    tail = int(min(0.2 * count, 3.0 * np.sqrt(count)))
    order = np.argsort(weights)
    cut = weights[order[-tail - 1]]
    largest = order[-tail:]
    excess = np.exp(weights[largest]) - np.exp(cut)
    if tail < LEAST_TAIL or not (excess > 0).sum() >= LEAST_TAIL:
        return _normalised(weights), float("inf")
    shape, scale = _pareto(excess)
    if np.isfinite(shape):
        places = (np.arange(1, tail + 1) - 0.5) / tail
        expected = np.log(_quantiles(places, shape, scale) + np.exp(cut))
        weights = weights.copy()
        weights[largest] = np.minimum(expected, 0.0)
    return _normalised(weights), float(shape)


def effective(log_weights: np.ndarray) -> float:
    """How many independent draws the weighted ones are worth (Kong 1992)."""
    return float(np.exp(-_log_sum(2.0 * _normalised(log_weights))))


def log_mean(log_weights: np.ndarray) -> float:
    return _log_sum(log_weights) - float(np.log(len(log_weights)))


def _pareto(excess: np.ndarray) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto tail; ``excess`` ascending and positive."""
    count = len(excess)
    tries = 30 + int(np.sqrt(count))
    quarter = excess[int(count / 4 + 0.5) - 1]
    if quarter <= 0:
        return float("inf"), 1.0
    grid = 1 / excess[-1] + (1 - np.sqrt(tries / (np.arange(1, tries + 1) - 0.5))) / (3 * quarter)
    shapes = np.log1p(-grid[:, None] * excess).mean(axis=1)
    fit = count * (np.log(-grid / shapes) - shapes - 1)
    weight = np.exp(fit - fit.max())
    best = float((grid * weight).sum() / weight.sum())
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (count * shape + 10 * 0.5) / (count + 10), scale


def _quantiles(places: np.ndarray, shape: float, scale: float) -> np.ndarray:
    if abs(shape) < 1e-9:
        return -scale * np.log1p(-places)
    return scale * np.expm1(-shape * np.log1p(-places)) / shape


def _normalised(log_weights: np.ndarray) -> np.ndarray:
    return log_weights - _log_sum(log_weights)


def _log_sum(values: np.ndarray) -> float:
    top = float(values.max())
    return top + float(np.log(np.exp(values - top).sum()))
