"""Shares with intervals."""

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Share:
    """``hits`` of ``of``, with the Wilson interval."""

    hits: int
    of: int
    value: float
    low: float
    high: float


def wilson(hits: int, of: int, level: float) -> Share:
    """Score interval of a binomial share (Wilson 1927). ``of`` must be positive."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    share = hits / of
    spread = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / spread
    reach = z / spread * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low = 0.0 if hits == 0 else max(0.0, middle - reach)
    high = 1.0 if hits == of else min(1.0, middle + reach)
    return Share(hits, of, share, low, high)


def difference(one: Share, other: Share) -> tuple[float, float, float]:
    """``one`` less ``other``: Newcombe's hybrid of two Wilson intervals (1998, method 10)."""
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return value, value - down, value + up


def ratio(
    hits: int, of: int, other_hits: int, other_of: int, level: float
) -> tuple[float, float, float]:
    """Ratio of two shares with the log interval of Katz (1978), half a hit added to each so that
    no hit at all still has an interval."""
    a, n, b, m = hits + 0.5, of + 0.5, other_hits + 0.5, other_of + 0.5
    spread = math.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
    z = float(stats.norm.ppf(0.5 + level / 2))
    value = (a / n) / (b / m)
    return value, value * math.exp(-z * spread), value * math.exp(z * spread)
