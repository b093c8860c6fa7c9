"""Carry-over and saturation of spend, for many parameter vectors at once, with derivatives.

Shapes: C channels, N parameter vectors, n weeks, L lags. Geometric adstock and the logistic curve
follow Jin, Wang, Sun, Chan & Koehler (2017), "Bayesian methods for media mix modeling with
carryover and shape effects"; Hill is the curve of the same paper's section 2.2.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

LEAST = 1e-9
LOWEST = -500.0


def lagged(spend: np.ndarray, lags: np.ndarray) -> np.ndarray:
    """``spend`` (n, C) → (C, L, n): row l holds the spend l weeks before, nothing before week 0.

    Lags beyond a channel's own are zero, so that its weights there count for nothing.
    """
    weeks, channels = spend.shape
    made = np.zeros((channels, int(lags.max()), weeks))
    for channel in range(channels):
        for lag in range(min(int(lags[channel]), weeks)):
            made[channel, lag, lag:] = spend[: weeks - lag, channel]
    return made


def adstock_weights(alpha: np.ndarray, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (C, N, L) that sum to one over a channel's lags, and their derivative by alpha.

    ``alpha`` (C, N) in (0, 1).
    """
    steps = np.arange(int(lags.max()))
    is_used = steps < lags[:, None, None]
    powers = np.where(is_used, alpha[..., None] ** steps, 0.0)
    slopes = np.where(is_used, steps * powers, 0.0) / alpha[..., None]
    total = powers.sum(-1, keepdims=True)
    weights = powers / total
    return weights, slopes / total - weights * (slopes.sum(-1, keepdims=True) / total)


@dataclass(frozen=True)
class Saturated:
    """Response (C, N, n) between 0 and 1 with its derivatives by exposure and by the logarithms
    of the curve's parameters."""

    response: np.ndarray
    by_exposure: np.ndarray
    by_log_shape: np.ndarray
    by_log_slope: np.ndarray | None


def logistic(exposure: np.ndarray, shape: np.ndarray) -> Saturated:
    """(1 - e^-λx) / (1 + e^-λx) = tanh(λx / 2); ``shape`` is λ (C, N)."""
    half = 0.5 * shape[..., None]
    response = np.tanh(half * exposure)
    bend = half * (1.0 - response * response)
    return Saturated(response, bend, bend * exposure, None)


def hill(exposure: np.ndarray, shape: np.ndarray, slope: np.ndarray) -> Saturated:
    """x^s / (k^s + x^s); ``shape`` is the half-saturation point k, ``slope`` is s, both (C, N)."""
    floor = np.maximum(exposure, LEAST)
    inner = np.log(floor)
    inner -= np.log(shape)[..., None]
    inner *= slope[..., None]
    # 1 / (1 + e^-inner); NumPy's exp is several times quicker here than a library's expit.
    response = np.exp(-np.maximum(inner, LOWEST))
    response += 1.0
    np.reciprocal(response, out=response)
    bend = response * (1.0 - response)
    steep = bend * slope[..., None]
    return Saturated(response, steep / floor, -steep, bend * inner)


def steady_response(
    exposure: np.ndarray, is_hill: np.ndarray, shape: np.ndarray, slope: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Response and its derivative at constant scaled spend; all arrays broadcast together."""
    tanh = np.tanh(0.5 * shape * exposure)
    floor = np.maximum(exposure, LEAST)
    bent = expit(slope * (np.log(floor) - np.log(shape)))
    response = np.where(is_hill, np.where(exposure > 0, bent, 0.0), tanh)
    steep = np.where(is_hill, bent * (1 - bent) * slope / floor, 0.5 * shape * (1.0 - tanh * tanh))
    return response, steep
