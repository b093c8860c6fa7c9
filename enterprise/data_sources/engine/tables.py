"""The tidy tables that everything above reads: frozen, plain Python, money in integer paise.

They hold what is live: rows replaced by a later import, undone or marked as not used are gone, and
channel names that somebody merged stand under one name.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

DAY, WEEK, MONTH = "day", "week", "month"
GRAINS = (DAY, WEEK, MONTH)


@dataclass(frozen=True)
class LeftOut:
    """A source that a table could not use, and why, as a sentence to be translated."""

    name: str
    sentence: str


@dataclass(frozen=True)
class SpendTable:
    """Spend by period and channel. ``paise[p][c]`` belongs to ``periods[p]``, ``channels[c]``.

    ``periods`` are the first days (Monday, first of the month) of complete periods without holes.
    A channel has 0 where its source reports and nothing was spent, and outside of
    ``covered[c]``, the first and last day for which its sources speak at all.
    """

    grain: str
    periods: tuple[date, ...]
    channels: tuple[str, ...]
    paise: tuple[tuple[int, ...], ...]
    covered: tuple[tuple[date, date], ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def column(self, channel: str) -> tuple[int, ...]:
        """One channel's paise by period. Raises ValueError for an unknown channel."""
        place = self.channels.index(channel)
        return tuple(row[place] for row in self.paise)


@dataclass(frozen=True)
class OutcomeMetric:
    """One outcome that can be asked for. ``code`` is what ``outcome_series`` takes.

    ``unit`` is "INR" for rupees and "" for a count or a plain figure. ``is_total`` says that a
    coarser period's value is the sum of the finer ones; otherwise it is their mean. ``grain`` is
    the coarsest one that its sources report.
    """

    code: str
    name: str
    unit: str
    grain: str
    is_total: bool
    first_on: date
    last_on: date
    n: int


@dataclass(frozen=True)
class Series:
    """Values by period, without holes at the ends; ``None`` where the source has no value."""

    name: str
    unit: str
    grain: str
    dates: tuple[date, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class StageFact:
    """A stay in a stage; ``left_at`` is None while it lasts."""

    stage: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class DealFact:
    """``amount_paise`` is None when the source gives none; ``is_won`` is None while open."""

    id: str
    account: str
    amount_paise: int | None
    stage: str
    created_on: date
    closed_on: date | None
    is_won: bool | None
    source: str
    owner: str
    stage_history: tuple[StageFact, ...] = ()
    # The system the deal is from, by the name of its data source.
    system: str = ""


@dataclass(frozen=True)
class LeadFact:
    """``source`` is where the lead came from: a channel's code, the source's own words or ''."""

    id: str
    created_on: date
    source: str
    stage: str
    email_hash: str
    stage_history: tuple[StageFact, ...] = ()
    system: str = ""


@dataclass(frozen=True)
class ContactFact:
    id: str
    account: str
    source: str
    region: str
    lifecycle: str
    owner: str
    email_hash: str
    created_on: date | None
    system: str = ""


@dataclass(frozen=True)
class Sentence:
    """A sentence to be translated at the edge and filled with ``params``."""

    text: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def english(self) -> str:
        return self.text % self.params if self.params else self.text


def hash_of(rows: Iterable[object]) -> str:
    """A stable SHA-256 of rows, whatever their order; evidence of what a result was made from.

    The repr of each row counts, so rows are tuples of str, int, date and None, not floats that
    differ in their last digit.
    """
    digest = hashlib.sha256()
    for line in sorted(repr(row) for row in rows):
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
