"""Which findings come first: what is clear, what is recent, what is large."""

from collections.abc import Iterable
from datetime import date

from enterprise.market_intelligence.engine.contracts import FittedSeries, Grain, Insight, Kind

WEIGHTS = {Kind.LEVEL_SHIFT: 1.0, Kind.ANOMALY: 0.4, Kind.TREND: 0.6, Kind.SEASON: 0.4}
HALF_LIFE_DAYS = 180.0
CLEAREST = 6.0
PERIOD_DAYS = {Grain.DAY: 1.0, Grain.WEEK: 7.0, Grain.MONTH: 30.4}


def ranked(insights: Iterable[Insight], fitted: Iterable[FittedSeries]) -> tuple[Insight, ...]:
    """Most telling first; stable for the same input."""
    drawn = {series.series: series for series in fitted}
    return tuple(sorted(insights, key=lambda one: (-weight(one, drawn[one.series]), one.series)))


def is_clear(insight: Insight) -> bool:
    """Whether there is something to tell: a trend whose interval holds zero tells nothing."""
    if insight.kind is Kind.TREND:
        return insight.low > 0 or insight.high < 0
    return True


def weight(insight: Insight, fitted: FittedSeries) -> float:
    if not is_clear(insight):
        return 0.0
    size = abs(_change(insight, fitted))
    return WEIGHTS[insight.kind] * _clarity(insight) * _recency(insight, fitted) * (0.2 + size)


def _change(insight: Insight, fitted: FittedSeries) -> float:
    """Relative to the level before; a trend over a quarter of a year; at most threefold."""
    relative = insight.details.relative
    if relative is None:
        return 0.2
    if insight.kind is Kind.TREND:
        relative *= 91 / PERIOD_DAYS[fitted.grain]
    return max(-2.0, min(2.0, relative))


def _clarity(insight: Insight) -> float:
    """Distance from nothing in half-intervals, 1 to 6."""
    half = (insight.high - insight.low) / 2
    if half <= 0:
        return 1.0
    middle = (insight.high + insight.low) / 2
    away = insight.value - middle if insight.kind is Kind.ANOMALY else insight.value
    return max(1.0, min(CLEAREST, abs(away) / half))


def _recency(insight: Insight, fitted: FittedSeries) -> float:
    if insight.kind not in {Kind.LEVEL_SHIFT, Kind.ANOMALY}:
        return 1.0
    happened: date = insight.details.dates[0]
    return float(0.5 ** ((fitted.dates[-1] - happened).days / HALF_LIFE_DAYS))
