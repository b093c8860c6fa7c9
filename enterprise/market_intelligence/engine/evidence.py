"""A finding as every other part of the product reads it, whatever analysis it came from."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from enterprise.market_intelligence.engine.contracts import ENGINE_VERSION, Kind, Sentence
from enterprise.market_intelligence.engine.sentences import english

WEEKS_AHEAD = 13


class Analysed(StrEnum):
    """Which analysis a run is of."""

    SERIES = "series"
    PIPELINE = "pipeline"
    SEGMENTS = "segments"
    FORECAST = "forecast"
    FEED = "feed"


class Grade(StrEnum):
    """How far a finding carries: act on it, act and watch it, look at it."""

    A = "A"
    B = "B"
    C = "C"


class Shape(StrEnum):
    """``series``: the run's fitted series called ``of``. ``bars``: one row a bar, (label, value,
    low, high, n). ``fan``: (date, seen, expected, low, high), seen until today. ``steps``: (day,
    share still there)."""

    SERIES = "series"
    BARS = "bars"
    FAN = "fan"
    STEPS = "steps"


Cell = str | float | None


@dataclass(frozen=True)
class ChartData:
    """``rows`` as ``shape`` says, values in ``unit``; ``columns`` are messages."""

    shape: Shape
    unit: str = ""
    of: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class Effect:
    """What a finding means in paise over thirteen weeks, with its interval and how it was made."""

    paise: int
    low_paise: int
    high_paise: int
    wording: Sentence

    @property
    def sentence(self) -> str:
        return english(self.wording)


@dataclass(frozen=True)
class Finding:
    """One finding. ``value`` with its interval ``low``–``high`` is in ``unit``: "INR" rupees,
    "share" 0–1, "ratio", "days", or the metric's own words.

    ``key`` stays the same from run to run while the finding is the same. ``run_hash`` names the run
    that holds the evidence. ``is_clear`` is False when the interval allows nothing to be said.
    ``happened_on`` is when it happened or began, or the last day of the figures. ``is_open_ended``:
    the figures give the interval no upper end, and ``high`` is only the longest that was seen.
    ``grain`` is how far apart the values lie; "" for what is not a series.
    """

    key: str
    kind: Kind
    metric: str
    unit: str
    heading: Sentence
    wording: Sentence
    value: float
    low: float
    high: float
    level: float
    n: int
    first_on: date
    last_on: date
    happened_on: date
    method: str
    grade: Grade
    is_clear: bool
    limits: Sentence
    action: Sentence
    chart: ChartData
    effect: Effect | None = None
    context: tuple[Sentence, ...] = ()
    run_hash: str = ""
    as_of: date = date.min
    is_open_ended: bool = False
    grain: str = ""

    @property
    def title(self) -> str:
        return english(self.heading)

    @property
    def sentence(self) -> str:
        return english(self.wording)

    @property
    def interval(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Refusal:
    """An analysis that was not made, and what it would need. ``about`` is a message or a name."""

    about: str
    wording: Sentence

    @property
    def needs(self) -> str:
        return english(self.wording)


@dataclass(frozen=True)
class Report:
    """What one analysis answers: findings without run hash yet, refusals, and the tables that its
    evidence page shows beside (``facts``: plain JSON)."""

    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What stands behind a run hash."""

    run_hash: str
    analysed: Analysed
    engine_version: str
    rows_hash: str
    rows_used: int
    parameters: dict
    as_of: date | None
    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
    facts: dict


def hash_of_run(analysed: Analysed, rows_hash: str, parameters: dict) -> str:
    """sha256 over the rows, the engine's version and the parameters."""
    content = [analysed, ENGINE_VERSION, rows_hash, parameters]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def graded(clearness: float, n: int, *, enough: int) -> Grade:
    """``clearness``: distance from nothing in half-intervals. A from 2.5 with enough values."""
    if clearness >= 2.5 and n >= enough:
        return Grade.A
    return Grade.B if clearness >= 1.0 else Grade.C
