"""Weekly sums and the robust statistics that the checks share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from enterprise.data_sources.engine.periods import last_day, period_start

WEEK = timedelta(days=7)
FEWEST_FOR_OUTLIERS = 12


def week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> list[date]:
    start, end = week_of(first), week_of(last)
    return [start + WEEK * place for place in range((end - start).days // 7 + 1)]


def weekly_sums(rows: Iterable[tuple[date, str, float]]) -> dict[str, dict[date, float]]:
    """(date, name, amount) → name → Monday → sum."""
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for day, name, amount in rows:
        found[name][week_of(day)] += amount
    return {name: dict(by_week) for name, by_week in found.items()}


def matrix_of(sums: dict[str, dict[date, float]]) -> tuple[list[date], list[str], np.ndarray]:
    """Weeks × names over the weeks from the first to the last of all; 0 where there is no row."""
    edges = [week for by_week in sums.values() for week in by_week]
    if not edges:
        return [], [], np.zeros((0, 0))
    weeks, names = weeks_between(min(edges), max(edges)), sorted(sums)
    values = np.array([[sums[name].get(week, 0.0) for name in names] for week in weeks])
    return weeks, names, values


def robust_scores(values: Sequence[float]) -> np.ndarray:
    """Distances from the median in robust standard deviations (1.4826 × median deviation).

    The spread is never taken for less than 5 % of the median, so that a figure that hardly moves
    does not call every small move unusual. Fewer than 12 values give zeros.
    """
    given = np.asarray(values, dtype=float)
    if given.size < FEWEST_FOR_OUTLIERS:
        return np.zeros(given.size)
    middle = np.median(given)
    spread = 1.4826 * np.median(np.abs(given - middle))
    spread = max(spread, 0.05 * abs(middle), 1e-9)
    return (given - middle) / spread


def missing_periods(days: Iterable[date], grain: str) -> list[date]:
    """Starts of periods without any row between the first and the last."""
    present = {period_start(day, grain) for day in days}
    if not present:
        return []
    found, start, last = [], min(present), max(present)
    while start < last:
        start = last_day(start, grain) + timedelta(days=1)
        if start not in present:
            found.append(start)
    return found


def longest_run(values: Sequence[float]) -> tuple[int, int]:
    """(start, length) of the longest run of zeros with something before and after it."""
    inside = np.flatnonzero(np.asarray(values))
    if inside.size < 2:
        return 0, 0
    gaps = np.diff(inside) - 1
    place = int(np.argmax(gaps))
    return int(inside[place]) + 1, int(gaps[place])


@lru_cache(maxsize=4_096)
def name_key(name: str) -> str:
    """Two names with the same key differ only in case, spaces and signs."""
    return "".join(sign for sign in name.casefold() if sign.isalnum() or _is_mark(sign))


def _is_mark(sign: str) -> bool:
    """Vowel signs of Indian scripts are no letters to Python, but they are to people."""
    return "\u0900" <= sign <= "\u0dff"


def is_one_slip(one: str, other: str) -> bool:
    """Whether two names differ in one long word, by a letter left out or two letters swapped.

    A changed letter is no slip: "Print" and "Point", "Channel A" and "Channel B" are two things.
    """
    first, second = one.casefold().split(), other.casefold().split()
    if len(first) != len(second):
        return False
    unlike = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(unlike) == 1 and _is_slip(*unlike[0])


def _is_slip(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < 5 or not (short + long).isalpha():
        return False
    place = next((i for i, sign in enumerate(short) if sign != long[i]), len(short))
    if len(long) == len(short) + 1:
        return short[place:] == long[place + 1 :]
    swapped = short[:place] + short[place : place + 2][::-1] + short[place + 2 :]
    return len(long) == len(short) and swapped == long
