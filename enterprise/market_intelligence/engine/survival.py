"""How long something takes when some of it is still going on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, eq=False)
class Survival:
    """``times`` of events ascending, ``share`` still there just after each, and its variance on
    the scale log(-log(share)). ``n`` spells, of which ``events`` ended."""

    times: np.ndarray
    share: np.ndarray
    spread: np.ndarray
    n: int
    events: int
    longest: float


@dataclass(frozen=True)
class Quantile:
    """In the times' unit. ``low``/``high`` None: the curve does not get there."""

    value: float | None
    low: float | None
    high: float | None


def kaplan_meier(durations: Sequence[float], ended: Sequence[bool]) -> Survival:
    """Product-limit estimate (Kaplan & Meier 1958); spells not ``ended`` are censored at their
    duration. Durations are not negative."""
    spells = np.asarray(durations, dtype=float)
    events = np.asarray(ended, dtype=bool)
    times, deaths = np.unique(spells[events], return_counts=True)
    at_risk = len(spells) - np.searchsorted(np.sort(spells), times, side="left")
    share = np.cumprod(1 - deaths / at_risk) if len(times) else np.empty(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
        spread = np.sqrt(greenwood) / np.abs(np.log(share))
    return Survival(
        times=times,
        share=share,
        spread=np.where(np.isfinite(spread), spread, np.inf),
        n=len(spells),
        events=int(events.sum()),
        longest=float(spells.max(initial=0.0)),
    )


def quantile(curve: Survival, ended_share: float, level: float) -> Quantile:
    """When ``ended_share`` of the spells have ended, with the interval of Brookmeyer & Crowley
    (1982) on the log-log scale."""
    left = 1 - ended_share
    z = float(stats.norm.ppf(0.5 + level / 2))
    inside = (curve.share > 0) & (curve.share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.log(-np.log(curve.share))
        reach = np.where(np.isfinite(curve.spread), z * curve.spread, 0.0)
        low_share = np.where(inside, np.exp(-np.exp(scale + reach)), curve.share)
        high_share = np.where(inside, np.exp(-np.exp(scale - reach)), curve.share)
    return Quantile(
        _first(curve.times, curve.share <= left + 1e-12),
        _first(curve.times, low_share <= left + 1e-12),
        _first(curve.times, high_share <= left + 1e-12),
    )


def _first(times: np.ndarray, reached: np.ndarray) -> float | None:
    places = np.flatnonzero(reached)
    return float(times[places[0]]) if len(places) else None
