"""A budget request checked against the fit: what may move, and how far."""

import math
from dataclasses import dataclass

import numpy as np

from enterprise.optimization_engine.engine.contracts import (
    AllocationRequest,
    Bound,
    FitResult,
)
from enterprise.optimization_engine.errors import BudgetInvalid
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _

MOST_PAISE = 10**14
DEFAULT_REACH = 0.3
# Limits that nobody typed are whole hundreds of rupees.
ROUND_PAISE = 10_000
TOUCHING = 1


@dataclass(frozen=True)
class Room:
    """Integer paise a week, (C,) each, and the range of their sum; ``wanted_high`` is what was
    asked for, which the upper limits may not reach."""

    today: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_fixed: np.ndarray
    total_low: int
    total_high: int
    wanted_high: int

    def binds(self, place: int, paise: int) -> str:
        if self.is_fixed[place] or self.low[place] == self.high[place]:
            return "fixed"
        if paise >= self.high[place] - TOUCHING:
            return "high"
        return "low" if paise <= self.low[place] + TOUCHING else ""


def default_bounds(fit: FitResult, reach: float = DEFAULT_REACH) -> tuple[Bound, ...]:
    """Today's spend ± 30 %, the box that Meridian starts from, inside what was ever spent.

    A channel that rests may come back with up to 30 % of its highest week.
    """
    made = []
    for channel, curve in zip(fit.channels, fit.curves, strict=True):
        low = math.floor(channel.today_paise * (1 - reach) / ROUND_PAISE) * ROUND_PAISE
        basis = channel.today_paise * (1 + reach) or curve.observed_high_paise * reach
        high = math.ceil(basis / ROUND_PAISE) * ROUND_PAISE
        high = max(min(high, curve.observed_high_paise), channel.today_paise)
        made.append(Bound(channel.channel, low, high))
    return tuple(made)


def checked(fit: FitResult, request: AllocationRequest) -> Room:
    """Raises BudgetInvalid, naming the field, for a budget that nothing could meet."""
    today = np.array([one.today_paise for one in fit.channels], dtype=np.int64)
    bounds = _matched(fit, request)
    low = np.array([one.low_paise for one in bounds], dtype=np.int64)
    high = np.array([one.high_paise for one in bounds], dtype=np.int64)
    is_fixed = np.array([one.is_fixed for one in bounds])
    low, high = np.where(is_fixed, today, low), np.where(is_fixed, today, high)
    _total(request, int(low.sum()), int(high.sum()))
    total_low = max(request.total_low_paise, int(low.sum()))
    total_high = min(request.total_high_paise, int(high.sum()))
    return Room(today, low, high, is_fixed, total_low, total_high, request.total_high_paise)


def _matched(fit: FitResult, request: AllocationRequest) -> list[Bound]:
    """One bound for each fitted channel, in the fit's order."""
    given: dict[str, Bound] = {}
    names = {one.channel for one in fit.channels}
    for place, bound in enumerate(request.bounds):
        if bound.channel not in names:
            raise BudgetInvalid(
                _("%(channel)s is not a channel of this fit."),
                field=f"bounds[{place}].channel", channel=bound.channel,
            )  # fmt: skip
        if bound.channel in given:
            raise BudgetInvalid(
                _("%(channel)s has two limits. Give it one."),
                field=f"bounds[{place}].channel", channel=bound.channel,
            )  # fmt: skip
        given[bound.channel] = bound
    defaults = {one.channel: one for one in default_bounds(fit)}
    made = [given.get(one.channel, defaults[one.channel]) for one in fit.channels]
    sent = {name: place for place, name in enumerate(given)}
    for place, bound in enumerate(made):
        field = f"bounds[{sent.get(bound.channel, place)}]"
        _one(fit, place, bound, field, may_extrapolate=request.may_extrapolate)
    return made


def _one(fit: FitResult, place: int, bound: Bound, field: str, *, may_extrapolate: bool) -> None:
    """``field`` names the place in the request, ``place`` the channel's in the fit."""
    if bound.is_fixed:
        return
    if bound.low_paise < 0 or bound.high_paise > MOST_PAISE:
        raise BudgetInvalid(
            _("The limits of %(channel)s must lie between ₹0 and ₹1,00,000 crore."),
            field=field, channel=bound.channel,
        )  # fmt: skip
    if bound.low_paise > bound.high_paise:
        raise BudgetInvalid(
            _("%(channel)s: the lower limit is above the upper limit. Swap them."),
            field=field, channel=bound.channel,
        )  # fmt: skip
    seen = max(fit.curves[place].observed_high_paise, fit.channels[place].today_paise)
    if bound.high_paise > seen and not may_extrapolate:
        raise BudgetInvalid(
            _("%(channel)s was never above %(seen)s a week, so its effect beyond that is a "
              "guess. Lower the upper limit, or allow going beyond what was seen."),
            field=field, channel=bound.channel, seen=_written(seen),
        )  # fmt: skip


def _total(request: AllocationRequest, low: int, high: int) -> None:
    first, last = request.total_low_paise, request.total_high_paise
    if first < 0 or last > MOST_PAISE or first > last or last == 0:
        raise BudgetInvalid(
            _("The weekly budget must be above ₹0, and its lower end not above its upper end."),
            field="total",
        )
    if last < low:
        raise BudgetInvalid(
            _("The lower limits add up to %(limits)s, more than the budget of "
              "%(budget)s. Lower a limit or raise the budget."),
            field="total", limits=_written(low), budget=_written(last),
        )  # fmt: skip
    if first > high:
        raise BudgetInvalid(
            _("The upper limits add up to %(limits)s, less than the budget of "
              "%(budget)s. Raise a limit or lower the budget."),
            field="total", limits=_written(high), budget=_written(first),
        )  # fmt: skip


def _written(paise: int) -> str:
    return Rupees(int(paise)).format()
