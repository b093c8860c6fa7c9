"""Level shifts: PELT proposes, a regression with AR(1) errors disposes.

PELT with the L2 cost (Killick, Fearnhead & Eckley 2012; ``ruptures``) runs on the series
without its season, whitened with an autocorrelation that steps do not inflate (Chakar et al.
2017). It knows nothing of trends, so on a rising series it draws stairs; therefore a proposed
shift counts only if its step, added to trend, season and AR(1) errors, raises the likelihood
by more than chance would at the best of all places.
"""

import math
from collections.abc import Sequence

import numpy as np
import ruptures
from scipy import optimize, stats

from enterprise.market_intelligence.engine import regression

SEARCH_PENALTY = 6.0
LONGEST_SEARCH = 300
MOST_SHIFTS = 6


def evidence_needed(count: int) -> float:
    """Twice the gain in log-likelihood that noise reaches in one series of a hundred.

    Simulated with white and AR(1) noise up to 0.95 for 30 to 156 points: 14 to 19.
    """
    return 14.0 + math.log(count)


def find_shifts(response: np.ndarray, base: np.ndarray, *, shortest: int) -> list[int]:
    """Positions of the first point of each new level, ascending.

    ``response``: n values without outliers; ``base``: n × p columns, the first two constant
    and time, then further trend and season; ``shortest``: points that a level must last.
    """
    near = _near_proposals(response, base, shortest)
    chosen: list[int] = []
    for _round in range(MOST_SHIFTS):
        allowed = _allowed(near, chosen, shortest)
        if not len(allowed):
            break
        gains = _gains(response, base, chosen, allowed)
        best = int(np.argmax(gains))
        if 2 * gains[best] <= evidence_needed(len(response)):
            break
        more = sorted([*chosen, int(allowed[best])])
        chosen = _pruned(response, base, _refined(response, base, more, shortest))
    return chosen


def steps(count: int, positions: Sequence[int]) -> np.ndarray:
    """One 0/1 column per position, 1 from the position on."""
    rows = np.arange(count)[:, None]
    return (rows >= np.asarray(positions, dtype=int)[None, :]).astype(float)


def corrected_for_selection(
    estimate: float, spread: float, count: int, level: float
) -> tuple[float, float, float]:
    """Size and interval of a step, given that only steps this clear are reported.

    Conditional on |z| above the threshold (Zhong & Prentice 2008; Weinstein, Fithian &
    Benjamini 2013): undoes the winner's curse, and changes nothing for clear steps. The sign
    is settled by the test itself, so the interval ends at zero.
    """
    threshold = math.sqrt(evidence_needed(count))
    z = max(abs(estimate) / spread, threshold + 1e-6)

    def beyond(true: float) -> float:
        above = stats.norm.logsf(z - true)
        reported = np.logaddexp(
            stats.norm.logsf(threshold - true), stats.norm.logcdf(-threshold - true)
        )
        return float(np.exp(above - reported))

    def solve(share: float) -> float:
        if beyond(0.0) >= share:
            return 0.0
        return float(optimize.brentq(lambda true: beyond(true) - share, 0.0, z + 10))

    tail = (1 - level) / 2
    sizes = [solve(0.5), solve(tail), solve(1 - tail)]
    middle, low, high = (spread * size for size in sizes)
    return (middle, low, high) if estimate > 0 else (-middle, -high, -low)


def _near_proposals(response: np.ndarray, base: np.ndarray, shortest: int) -> np.ndarray:
    """The places close to one that PELT proposes, with or without the trend; of a long series
    only every so many."""
    count = len(response)
    stride = max(1, -(-count // LONGEST_SEARCH))
    near = np.zeros(count, dtype=bool)
    for shape in (np.delete(base, 1, axis=1), base):
        kept, *_rest = np.linalg.lstsq(shape, response, rcond=None)
        without = response - shape @ kept
        for rho in (0.0, _robust_rho(without)):
            for end in _proposals(regression.whiten(without, rho), stride, shortest):
                near[max(0, end - shortest - stride) : end + shortest + stride + 1] = True
    near[:shortest] = near[count - shortest + 1 :] = False
    return np.flatnonzero(near)[::stride]


def _proposals(white: np.ndarray, stride: int, shortest: int) -> list[int]:
    noise = max(_noise(white), 1e-6 * float(np.std(white)))
    if noise == 0:
        return []
    whole = len(white) - len(white) % stride
    signal = (white[:whole] / noise).reshape(-1, stride).mean(axis=1) * math.sqrt(stride)
    search = ruptures.KernelCPD(kernel="linear", min_size=max(2, shortest // stride))
    ends = search.fit(signal[:, None]).predict(pen=SEARCH_PENALTY)
    return [end * stride for end in ends[:-1]]


def _robust_rho(values: np.ndarray) -> float:
    """Autocorrelation from medians of differences: steps touch only a few of them."""
    one = np.median(np.diff(values) ** 2)
    two = np.median((values[2:] - values[:-2]) ** 2)
    return float(np.clip(two / one - 1, -0.3, 0.9)) if one > 0 else 0.0


def _noise(values: np.ndarray) -> float:
    return float(np.median(np.abs(np.diff(values)))) / (0.6744898 * math.sqrt(2))


def _allowed(places: np.ndarray, chosen: Sequence[int], shortest: int) -> np.ndarray:
    """Those of ``places`` that leave every level at least ``shortest`` points."""
    fits = np.ones(len(places), dtype=bool)
    for other in chosen:
        fits &= np.abs(places - other) >= shortest
    return places[fits]


def _gains(
    response: np.ndarray, base: np.ndarray, chosen: Sequence[int], places: np.ndarray
) -> np.ndarray:
    design = np.column_stack([base, steps(len(base), chosen)]) if chosen else base
    return regression.step_gains(response, design, places)


def _refined(response: np.ndarray, base: np.ndarray, chosen: list[int], shortest: int) -> list[int]:
    """Each shift moved to its likeliest place near by, given the others."""
    places = list(chosen)
    last = len(response) - shortest
    for place in chosen:
        others = [other for other in places if other != place]
        around = np.arange(max(shortest, place - shortest), min(last, place + shortest) + 1)
        allowed = _allowed(around, others, shortest)
        if len(allowed):
            best = allowed[int(np.argmax(_gains(response, base, others, allowed)))]
            places = sorted([*others, int(best)])
    return places


def _pruned(response: np.ndarray, base: np.ndarray, chosen: list[int]) -> list[int]:
    """Without those that another shift has made needless."""
    while len(chosen) > 1:
        worth = {}
        for place in chosen:
            others = [other for other in chosen if other != place]
            worth[place] = float(_gains(response, base, others, np.array([place]))[0])
        weakest = min(worth, key=worth.__getitem__)
        if 2 * worth[weakest] > evidence_needed(len(response)):
            return chosen
        chosen = [place for place in chosen if place != weakest]
    return chosen
