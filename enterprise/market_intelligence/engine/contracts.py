"""What goes into the engine and what comes out: frozen, plain Python."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ENGINE_VERSION = "2026.11.4"
MOST_SERIES = 50
MOST_POINTS = 5_000
LARGEST_VALUE = 1e15
LEVEL = 0.95
ANOMALY_LEVEL = 0.99


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Kind(StrEnum):
    TREND = "trend"
    SEASON = "season"
    LEVEL_SHIFT = "level_shift"
    ANOMALY = "anomaly"
    CONVERSION = "conversion"
    VELOCITY = "velocity"
    BOTTLENECK = "bottleneck"
    SEGMENT = "segment"
    FORECAST = "forecast"


@dataclass(frozen=True)
class MetricSeries:
    """A named measure by date. ``points`` need not be sorted; values may be negative.

    A week's date is any fixed weekday of it, a month's date any day of it.
    """

    name: str
    unit: str
    grain: Grain
    points: tuple[tuple[date, Decimal | float | int], ...]


@dataclass(frozen=True)
class Sentence:
    """A message id and its values. Names that end in ``_on`` hold ISO dates, ``_month`` 1–12,
    ``_weekday`` 0–6 (Monday first), so that the edge can say them in another language.
    ``parts`` are sentences of their own that stand, with commas between, for ``%(parts)s``."""

    message: str
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple["Sentence", ...] = ()


@dataclass(frozen=True)
class ProfilePoint:
    """How far one phase of the season (month 1–12 or weekday 0–6) lies from the average."""

    phase: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Details:
    dates: tuple[date, ...] = ()
    profile: tuple[ProfilePoint, ...] = ()
    relative: float | None = None


@dataclass(frozen=True)
class Moved:
    """Another series that stepped at the same time: by how much, in its own unit."""

    series: str
    change: float
    low: float
    high: float


@dataclass(frozen=True)
class CrossCheck:
    """What the other series did when ``series`` shifted on ``happened_on``.

    ``compared`` counts the series that had figures on both sides of the day.
    """

    series: str
    happened_on: date
    moved: tuple[Moved, ...]
    compared: int


@dataclass(frozen=True)
class Insight:
    """One finding. ``value`` with its interval ``low``–``high`` is in the series' unit:

    trend: change per period; season: the highest phase against the average; level_shift: the
    size of the step; anomaly: the observed value, with the range that was expected.
    ``level`` is the interval's coverage, ``n`` the number of observed points.
    """

    series: str
    kind: Kind
    value: float
    low: float
    high: float
    level: float
    n: int
    method: str
    sentence: str
    wording: Sentence
    details: Details = field(default_factory=Details)


@dataclass(frozen=True)
class NotEnough:
    """Why an analysis of a series was not made, and what it would need."""

    series: str
    needs: str
    wording: Sentence


@dataclass(frozen=True)
class FittedSeries:
    """What a chart draws: equal steps from first to last date, gaps filled and marked."""

    series: str
    unit: str
    grain: Grain
    dates: tuple[date, ...]
    values: tuple[float, ...]
    is_filled: tuple[bool, ...]
    expected: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """The engine's answer. ``run_hash`` is the sha256 of the inputs and the engine's version."""

    insights: tuple[Insight, ...]
    not_enough: tuple[NotEnough, ...]
    fitted: tuple[FittedSeries, ...]
    run_hash: str
    checks: tuple[CrossCheck, ...] = ()


def is_usable_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    try:
        number = float(value)
    except OverflowError:
        return False
    return math.isfinite(number) and abs(number) <= LARGEST_VALUE


def has_clipped_floor(values: Sequence[float]) -> bool:
    """Whether a range may be cut at zero: nothing below zero was ever seen."""
    return min(values) >= 0
