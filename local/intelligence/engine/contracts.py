"""What an insight is, whatever it is about. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

GRADES = ("A", "B", "C")


class Visit(Protocol):
    """One bill. `customer_id` is None when nobody was written down; `amount_paise` None when it is
    not known; `happened_at` is aware, and says nothing of the hour unless `has_time`.
    """

    @property
    def customer_id(self) -> UUID | None: ...
    @property
    def happened_at(self) -> datetime: ...
    @property
    def amount_paise(self) -> int | None: ...
    @property
    def has_time(self) -> bool: ...


class Review(Protocol):
    """One review: `stars` 1 to 5, `text` may be empty, `replied_at` None while it has no reply."""

    @property
    def id(self) -> int: ...
    @property
    def stars(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def replied_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Bar:
    """One bar of an insight's chart; `value` in the chart's unit, `shown` as it is written.

    `label` is a word per language, or digits; `is_focus` marks what the sentence is about.
    """

    label: Mapping[str, str] = field(hash=False)
    value: float
    shown: str
    is_focus: bool = False


@dataclass(frozen=True)
class Action:
    """What can be done about it: `kind` names it for the planner, `facts` are its arguments."""

    kind: str
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Insight:
    """Something that the shop's own records show.

    `n` counts what it rests on, in `period` (first and last day, both included). `value` with its
    90 % interval `low` to `high` is in `unit`; the interval is None where a plain count needs
    none. `grade`: A, plenty of records and a clear answer; B, one of the two; C, a hint. `texts`
    has, per language: title, sentence, how (method in words), action, skip (what happens if one
    does nothing).
    """

    key: str
    family: str
    number: int
    grade: str
    n: int
    period: tuple[date, date]
    value: float
    low: float | None
    high: float | None
    unit: str
    formula: str
    action: Action
    texts: Mapping[str, Mapping[str, str]] = field(hash=False)
    chart: tuple[Bar, ...] = ()
    quotes: tuple[str, ...] = ()
    customers: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Missing:
    """What cannot be said yet. `have` of `need` records; `get` names the page that helps."""

    key: str
    number: int
    have: int
    need: int
    get: str
    texts: Mapping[str, Mapping[str, str]] = field(hash=False)


def grade_of(*, is_plenty: bool, is_clear: bool) -> str:
    return GRADES[2 - is_plenty - is_clear]
