"""When one series shifts: what did the others do at that time?

The same detector, not a second one: another series moved if a level shift of its own stands at
that time, or if one more step there raises the likelihood of its description by more than chance
would in one of twenty such questions (Bonferroni over the series asked).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from enterprise.market_intelligence.engine import regression
from enterprise.market_intelligence.engine.contracts import (
    LEVEL,
    CrossCheck,
    Insight,
    Kind,
    Moved,
)
from enterprise.market_intelligence.engine.model import SHORTEST_LEVEL, Model
from enterprise.market_intelligence.engine.regularise import RegularSeries
from enterprise.market_intelligence.engine.shifts import steps

FALSE_ALARMS = 0.05
NEARLY = 2


@dataclass(frozen=True, eq=False)
class Described:
    regular: RegularSeries
    model: Model


def cross_checks(
    insights: Sequence[Insight], described: Sequence[Described]
) -> tuple[CrossCheck, ...]:
    """One check a level shift, in the order of the shifts."""
    shifts = [each for each in insights if each.kind is Kind.LEVEL_SHIFT]
    return tuple(_check(shift, described) for shift in shifts)


def _check(shift: Insight, described: Sequence[Described]) -> CrossCheck:
    day = shift.details.dates[0]
    grain = next(each.regular.grain for each in described if each.regular.name == shift.series)
    asked = [
        (each, place)
        for each in described
        if each.regular.name != shift.series
        and each.regular.grain is grain
        and (place := _place(each.regular, day)) is not None
    ]
    moved = [_moved(each, place, len(asked)) for each, place in asked]
    return CrossCheck(shift.series, day, tuple(filter(None, moved)), len(asked))


def _place(regular: RegularSeries, day) -> int | None:
    """The position of ``day`` with enough figures on both sides of it."""
    place = int(np.searchsorted(np.array(regular.dates), day))
    shortest = SHORTEST_LEVEL[regular.grain]
    return place if shortest <= place <= len(regular.dates) - shortest else None


def _moved(each: Described, place: int, asked: int) -> Moved | None:
    model = each.model
    near = [own for own in model.shifts if abs(own - place) <= NEARLY]
    if near:
        return _sized(each, model.design, model.shift_start + model.shifts.index(near[0]), asked)
    if any(abs(own - place) < SHORTEST_LEVEL[each.regular.grain] for own in model.shifts):
        return None
    gain = float(regression.step_gains(model.response, model.design, np.array([place]))[0])
    if 2 * gain <= stats.chi2.isf(FALSE_ALARMS / asked, 1):
        return None
    design = np.column_stack([model.design, steps(len(model.response), [place])])
    return _sized(each, design, design.shape[1] - 1, asked)


def _sized(each: Described, design: np.ndarray, column: int, asked: int) -> Moved | None:
    """The step with its interval; None when the interval, wider than the test, holds zero."""
    contrast = np.zeros(design.shape[1])
    contrast[column] = 1.0
    found = regression.fit(each.model.response, design)
    change, low, high = found.interval(contrast, 1 - (1 - LEVEL) / asked)
    return Moved(each.regular.name, change, low, high) if low > 0 or high < 0 else None
