"""The way of deals through their stages: how many go on, how long they stay, where it sticks.

Conversion counts only stays that are old enough for most to have ended: a stage that loses fast
and wins slowly would otherwise look worse than it is while young deals still wait in it.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from enterprise.market_intelligence.engine.deals import DealRow, Spell, spells, stage_order
from enterprise.market_intelligence.engine.proportions import Share, wilson
from enterprise.market_intelligence.engine.survival import (
    Quantile,
    Survival,
    kaplan_meier,
    quantile,
)

FEWEST_DEALS = 60
FEWEST_ENDED = 30
HISTORY_SHARE = 0.5
RIPE_SHARE = 0.9
MOST_STAGES = 12
LEVEL = 0.95


@dataclass(frozen=True)
class Stage:
    """One stage. ``going_on`` None: fewer than 30 stays that ended. ``waiting`` deals stand in it
    now, worth ``waiting_paise`` where amounts are known. ``unripe`` stays were too young.
    ``longest``: days of the longest stay."""

    name: str
    entered: int
    going_on: Share | None
    days: Quantile | None
    ended: int
    unripe: int
    waiting: int
    waiting_paise: int
    longest: float = 0.0


@dataclass(frozen=True)
class Sticking:
    """The one stage whose interval lies apart from all others: of days or of conversion."""

    stage: Stage
    is_slow: bool


@dataclass(frozen=True, eq=False)
class Pipeline:
    """``win_rate`` of deals old enough for nine in ten to be closed; ``closing`` in days from
    created to won or lost, open deals censored. ``stages`` is empty without stage history."""

    stages: tuple[Stage, ...]
    sticking: tuple[Sticking, ...]
    win_rate: Share | None
    closing: Quantile
    curve: Survival
    deals: int
    with_history: int
    first_on: date
    last_on: date

    @property
    def history_is_missing(self) -> bool:
        return not self.stages


def pipeline(deals: Sequence[DealRow], as_of: datetime) -> Pipeline | None:
    """None below 60 deals. Pure; ``as_of`` is when the figures were read."""
    known = [deal for deal in deals if deal.created_on <= as_of.date()]
    if len(known) < FEWEST_DEALS:
        return None
    with_history = [deal for deal in known if deal.history]
    stages: tuple[Stage, ...] = ()
    if len(with_history) >= max(FEWEST_DEALS, HISTORY_SHARE * len(known)):
        stages = _stages(with_history, as_of)
    lasted = [_open_days(deal, as_of) for deal in known]
    closed = [_is_closed(deal, as_of) for deal in known]
    curve = kaplan_meier(lasted, closed)
    return Pipeline(
        stages=stages,
        sticking=_sticking(stages),
        win_rate=_win_rate(known, curve, as_of),
        closing=quantile(curve, 0.5, LEVEL),
        curve=curve,
        deals=len(known),
        with_history=len(with_history),
        first_on=min(deal.created_on for deal in known),
        last_on=as_of.date(),
    )


def _stages(deals: Sequence[DealRow], as_of: datetime) -> tuple[Stage, ...]:
    order = stage_order(deals)[:MOST_STAGES]
    by_stage: dict[str, list[Spell]] = {name: [] for name in order}
    for spell in spells(deals, order, as_of):
        by_stage[spell.stage].append(spell)
    # All stages are looked at together, so their intervals share what may go wrong.
    level = 1 - (1 - LEVEL) / max(1, len(order))
    return tuple(_stage(name, by_stage[name], as_of, level) for name in order if by_stage[name])


def _stage(name: str, found: Sequence[Spell], as_of: datetime, level: float) -> Stage:
    curve = kaplan_meier([each.days for each in found], [each.has_ended for each in found])
    ripe, unripe = _ripe(found, curve, as_of)
    waiting = [each.deal for each in found if not each.has_ended and each.deal.stage == name]
    hits = sum(bool(each.went_on) for each in ripe)
    return Stage(
        name=name,
        entered=len(found),
        going_on=wilson(hits, len(ripe), level) if len(ripe) >= FEWEST_ENDED else None,
        days=quantile(curve, 0.5, level) if curve.events >= FEWEST_ENDED else None,
        ended=curve.events,
        unripe=unripe,
        waiting=len(waiting),
        waiting_paise=sum(deal.amount_paise or 0 for deal in waiting),
        longest=curve.longest,
    )


def _ripe(found: Sequence[Spell], curve: Survival, as_of: datetime) -> tuple[list[Spell], int]:
    """Ended stays among those begun so long ago that nine in ten have ended, and how many
    others there are."""
    ripe_after = quantile(curve, RIPE_SHARE, LEVEL).value
    if ripe_after is None:
        ripe_after = curve.longest
    begun_by = as_of - timedelta(days=ripe_after)
    ripe = [each for each in found if each.has_ended and each.entered_at <= begun_by]
    return ripe, len(found) - len(ripe)


def _win_rate(deals: Sequence[DealRow], curve: Survival, as_of: datetime) -> Share | None:
    ripe_after = quantile(curve, RIPE_SHARE, LEVEL).value
    if ripe_after is None:
        return None
    begun_by = as_of.date() - timedelta(days=ripe_after)
    outcome = Counter(
        deal.is_won for deal in deals if _is_closed(deal, as_of) and deal.created_on <= begun_by
    )
    closed = outcome[True] + outcome[False]
    return wilson(outcome[True], closed, LEVEL) if closed >= FEWEST_ENDED else None


def _sticking(stages: Sequence[Stage]) -> tuple[Sticking, ...]:
    """Named only where the interval lies apart from that of every other stage."""
    found = []
    slowest = _slowest(stages)
    if slowest is not None:
        found.append(Sticking(slowest, is_slow=True))
    counted = [each for each in stages if each.going_on]
    weakest = min(counted, key=lambda each: each.going_on.high, default=None)
    others = [each for each in counted if each is not weakest]
    if others and all(each.going_on.low > weakest.going_on.high for each in others):
        found.append(Sticking(weakest, is_slow=False))
    return tuple(found)


def _slowest(stages: Sequence[Stage]) -> Stage | None:
    """None where a stage in which many still wait cannot be compared: it may be slower."""
    timed = [each for each in stages if each.days]
    if len(timed) < 2 or any(
        each.days is None and each.entered - each.ended >= FEWEST_ENDED for each in stages
    ):
        return None
    slowest = max(timed, key=lambda each: math.inf if each.days.low is None else each.days.low)
    if slowest.days.value is None or slowest.days.low is None:
        return None
    others = [each.days.high for each in timed if each is not slowest]
    is_apart = all(high is not None and high < slowest.days.low for high in others)
    return slowest if is_apart else None


def _is_closed(deal: DealRow, as_of: datetime) -> bool:
    return deal.is_won is not None and deal.closed_on is not None and deal.closed_on <= as_of.date()


def _open_days(deal: DealRow, as_of: datetime) -> float:
    end = deal.closed_on if _is_closed(deal, as_of) else as_of.date()
    return float(max((end - deal.created_on).days, 0))
