"""The facts that are judged, and the report: frozen, plain Python. Sentences carry parameters."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from enterprise.data_sources.engine.tables import Sentence


class SpendRowFact(NamedTuple):
    id: int
    date: date
    channel: str
    campaign: str
    source: str
    grain: str
    paise: int
    impressions: int | None
    clicks: int | None


class OutcomeRowFact(NamedTuple):
    id: int
    date: date
    series: str
    region: str
    source: str
    grain: str
    unit: str
    value: float


class RecordFact(NamedTuple):
    """A deal or a lead. ``paise`` and ``is_won`` are None for leads."""

    id: int
    external_id: str
    created_on: date
    closed_on: date | None
    is_won: bool | None
    paise: int | None
    stage: str
    came_from: str
    account: str
    email_hash: str
    system: str


class LeadCountFact(NamedTuple):
    id: int
    date: date
    channel: str
    source: str
    grain: str
    count: int


class RateFact(NamedTuple):
    """An exchange rate that somebody gave for one import: rupees for one unit."""

    file: str
    currency: str
    rate: Decimal


@dataclass(frozen=True)
class QualityInput:
    """``staged_deals``, ``staged_leads``: keys of records whose stage history is known."""

    today: date
    spend: tuple[SpendRowFact, ...] = ()
    outcomes: tuple[OutcomeRowFact, ...] = ()
    lead_counts: tuple[LeadCountFact, ...] = ()
    deals: tuple[RecordFact, ...] = ()
    leads: tuple[RecordFact, ...] = ()
    rates: tuple[RateFact, ...] = ()
    staged_deals: frozenset[int] = frozenset()
    staged_leads: frozenset[int] = frozenset()


class Severity(StrEnum):
    """HIGH: a result would be wrong. MEDIUM: a result would be weaker. LOW: good to know."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class State(StrEnum):
    READY = "ready"
    LIMITED = "limited"
    NOT_YET = "not_yet"


@dataclass(frozen=True)
class Action:
    """What one button does: read ``names`` as ``into``, or no longer use the rows ``row_ids``."""

    kind: str
    names: tuple[str, ...] = ()
    into: str = ""
    row_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Issue:
    """``n`` rows of ``table``.``column`` are concerned; ``example`` shows the first."""

    code: str
    severity: Severity
    table: str
    column: str
    subject: str
    n: int
    example: str
    title: Sentence
    fix: Sentence
    action: Action | None = None

    @property
    def key(self) -> str:
        """The same as long as the same thing is wrong."""
        return f"{self.code}|{self.table}|{self.column}|{self.subject}"[:200]


@dataclass(frozen=True)
class Column:
    name: str
    filled: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means every row."""
        return 100 * self.filled // self.total if self.total else 0


@dataclass(frozen=True)
class Table:
    """``weeks`` counts the weeks from first to last row, ``weeks_with_rows`` those with any."""

    name: str
    rows: int
    first_on: date | None
    last_on: date | None
    weeks: int
    weeks_with_rows: int
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Grade:
    """What an engine can do with this data, and why."""

    engine: str
    state: State
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True)
class QualityReport:
    """Issues come worst first. ``rows_hash`` is of the rows that were judged."""

    today: date
    tables: tuple[Table, ...]
    issues: tuple[Issue, ...]
    grades: tuple[Grade, ...]
    rows_hash: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def grade_of(self, engine: str) -> Grade:
        return next(grade for grade in self.grades if grade.engine == engine)

    def issue_of(self, key: str) -> Issue | None:
        return next((issue for issue in self.issues if issue.key == key), None)
