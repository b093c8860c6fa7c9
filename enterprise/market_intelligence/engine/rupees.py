"""What a change in a figure means in paise over thirteen weeks."""

import math
from dataclasses import dataclass
from enum import StrEnum

from enterprise.market_intelligence.engine import wording
from enterprise.market_intelligence.engine.contracts import Grain, Insight, Kind, Sentence
from enterprise.market_intelligence.engine.evidence import WEEKS_AHEAD, Effect
from enterprise.market_intelligence.engine.sentences import format_value

PERIODS = {Grain.DAY: 91, Grain.WEEK: WEEKS_AHEAD, Grain.MONTH: 3}


class Role(StrEnum):
    """What one unit of a series is: a rupee spent, a rupee earned, a rupee of cost a lead, a lead,
    or something that nobody can price."""

    SPEND = "spend"
    REVENUE = "revenue"
    COST_PER_LEAD = "cost_per_lead"
    LEADS = "leads"
    OTHER = "other"

    @property
    def is_cost(self) -> bool:
        return self in {Role.SPEND, Role.COST_PER_LEAD}


@dataclass(frozen=True)
class Worth:
    """``factor``: for a cost per lead the leads a period, for leads the rupees that one costs,
    from the last thirteen weeks; 1 otherwise. None: not known."""

    role: Role
    factor: float | None = 1.0


UNPRICED = Worth(Role.OTHER, None)


def effect_of(insight: Insight, grain: Grain, worth: Worth) -> Effect | None:
    """None for a season, an unclear trend and whatever has no price."""
    if worth.factor is None or worth.role is Role.OTHER or insight.kind is Kind.SEASON:
        return None
    periods = PERIODS[grain]
    value, low, high = insight.value, insight.low, insight.high
    if insight.kind is Kind.TREND:
        times, message = periods * (periods + 1) / 2, wording.IF_ON
    elif insight.kind is Kind.ANOMALY:
        # The interval is what was expected; the effect is what was seen beyond it.
        middle = (low + high) / 2
        value, low, high = value - middle, value - high, value - low
        times, message = 1.0, wording.ONCE
    else:
        times, message = float(periods), _AT[worth.role]
    return priced(value, low, high, times, worth, message)


def change_effect(change: tuple[float, float, float], grain: Grain, worth: Worth) -> Effect | None:
    """Of the coming periods against as many before, in a series' own unit."""
    if worth.factor is None or worth.role is Role.OTHER:
        return None
    message = wording.AGAINST_AT_COST if worth.role is Role.LEADS else wording.AGAINST
    return priced(*change, float(PERIODS[grain]), worth, message)


def priced(
    value: float, low: float, high: float, times: float, worth: Worth, message: str
) -> Effect:
    scale = times * (worth.factor or 0.0) * 100
    count = worth.factor or 0.0
    shown = format_value(count, "INR" if worth.role is Role.LEADS else "")
    return effect(value * scale, low * scale, high * scale, message, ("count", shown))


def effect(paise: float, low: float, high: float, message: str, *more: tuple[str, str]) -> Effect:
    """``more``: further values of the message; value, low and high are written here."""
    amounts = zip(("value", "low", "high"), (paise, low, high), strict=True)
    values = tuple((name, format_value(_rounded(amount) / 100, "INR")) for name, amount in amounts)
    return Effect(round(paise), round(low), round(high), Sentence(message, (*values, *more)))


def _rounded(paise: float) -> float:
    """To three figures: more would claim a precision that no interval here has."""
    if paise == 0:
        return 0.0
    return round(paise, 2 - math.floor(math.log10(abs(paise))))


_AT = {
    Role.SPEND: wording.IN_RUPEES,
    Role.REVENUE: wording.IN_RUPEES,
    Role.COST_PER_LEAD: wording.AT_LEADS,
    Role.LEADS: wording.AT_COST,
}
