"""Deals as the engine reads them, and what their stages tell about order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

SECONDS_IN_DAY = 86_400


@dataclass(frozen=True)
class Stay:
    stage: str
    entered_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class DealRow:
    """``is_won`` None: still open. ``amount_paise`` None: the source gives none."""

    id: str
    account: str
    amount_paise: int | None
    stage: str
    created_on: date
    closed_on: date | None
    is_won: bool | None
    source: str
    region: str = ""
    contacts: int = 0
    history: tuple[Stay, ...] = ()


@dataclass(frozen=True)
class Spell:
    """A deal's first stay in a stage: ``days`` until it ended or ``as_of``. ``went_on`` says
    whether a later stage or a win followed, None while the deal still stands there."""

    deal: DealRow
    stage: str
    entered_at: datetime
    days: float
    has_ended: bool
    went_on: bool | None


def stage_order(deals: Sequence[DealRow]) -> tuple[str, ...]:
    """Stages that open deals pass, first to last, as most deals pass them.

    Ordered by wins in pairs (Copeland 1951): a stage stands before another when more deals enter
    it first. Stages that only closed deals end in, such as Won and Lost, are left out.
    """
    before: dict[tuple[str, str], int] = defaultdict(int)
    passed: dict[str, int] = defaultdict(int)
    for deal in deals:
        entered = _first_stays(deal)
        names = [stay.stage for stay in entered if not _is_the_end(deal, stay)]
        for name in names:
            passed[name] += 1
        for earlier, later in combinations(names, 2):
            before[earlier, later] += 1
    names = sorted(passed)
    wins = {
        name: sum(before[name, other] > before[other, name] for other in names) for name in names
    }
    return tuple(sorted(names, key=lambda name: (-wins[name], -passed[name], name)))


def spells(deals: Sequence[DealRow], order: Sequence[str], as_of: datetime) -> list[Spell]:
    """Each deal's first stay in each stage of ``order``, those begun after ``as_of`` left out."""
    rank = {name: place for place, name in enumerate(order)}
    return [
        _spell(deal, stay, rank, as_of)
        for deal in deals
        for stay in _first_stays(deal)
        if stay.stage in rank and stay.entered_at <= as_of and not _is_the_end(deal, stay)
    ]


def _spell(deal: DealRow, stay: Stay, rank: dict[str, int], as_of: datetime) -> Spell:
    went_on = _went_on(deal, stay, rank)
    ended_at = stay.left_at if stay.left_at and stay.left_at <= as_of else None
    if ended_at is None and went_on is not None:
        # The source closed the deal and forgot to close the stay.
        ended_at = min(_after(deal, stay), as_of)
    days = ((ended_at or as_of) - stay.entered_at).total_seconds() / SECONDS_IN_DAY
    has_ended = ended_at is not None
    return Spell(
        deal, stay.stage, stay.entered_at, max(days, 0.0), has_ended,
        bool(went_on) if has_ended else None,
    )  # fmt: skip


def _went_on(deal: DealRow, stay: Stay, rank: dict[str, int]) -> bool | None:
    later = [
        other
        for other in deal.history
        if other.entered_at >= stay.entered_at and rank.get(other.stage, -1) > rank[stay.stage]
    ]
    if later or deal.is_won:
        return True
    return None if deal.is_won is None and stay.left_at is None else False


def _after(deal: DealRow, stay: Stay) -> datetime:
    """When the next stay began, else the end of the day that the deal was closed."""
    following = [other.entered_at for other in deal.history if other.entered_at > stay.entered_at]
    if following:
        return min(following)
    closed = deal.closed_on or stay.entered_at.date()
    at = datetime(closed.year, closed.month, closed.day, 23, 59, tzinfo=stay.entered_at.tzinfo)
    return max(at, stay.entered_at)


def _first_stays(deal: DealRow) -> list[Stay]:
    seen: set[str] = set()
    found = []
    for stay in sorted(deal.history, key=lambda each: each.entered_at):
        if stay.stage not in seen:
            seen.add(stay.stage)
            found.append(stay)
    return found


def _is_the_end(deal: DealRow, stay: Stay) -> bool:
    """Whether a closed deal ended in this stage on its closing day (a day less, for time zones)
    or later: no stage that a deal waits in, but the name of its end."""
    if deal.is_won is None or deal.closed_on is None or len(deal.history) < 2:
        return False
    return stay.stage == deal.stage and stay.entered_at.date() >= deal.closed_on - timedelta(days=1)
