"""Findings of dated series, as the feed tells them: with rupees and what else moved."""

from collections.abc import Iterable, Mapping

from enterprise.market_intelligence.engine import rupees, wording
from enterprise.market_intelligence.engine.contracts import (
    Analysis,
    CrossCheck,
    FittedSeries,
    Insight,
    Kind,
    Moved,
    Sentence,
)
from enterprise.market_intelligence.engine.evidence import (
    ChartData,
    Finding,
    Grade,
    Refusal,
    Report,
    Shape,
    graded,
)
from enterprise.market_intelligence.engine.ranking import is_clear
from enterprise.market_intelligence.engine.rupees import Worth
from enterprise.market_intelligence.engine.sentences import format_value

ENOUGH = 52


def series_report(analysis: Analysis, worths: Mapping[str, Worth]) -> Report:
    """``worths`` by series name; a series that is not in it has no price."""
    drawn = {series.series: series for series in analysis.fitted}
    checks = {(check.series, check.happened_on): check for check in analysis.checks}
    findings = tuple(
        _finding(insight, drawn, checks, worths.get(insight.series, rupees.UNPRICED))
        for insight in analysis.insights
    )
    refusals = tuple(Refusal(each.series, each.wording) for each in analysis.not_enough)
    return Report(findings, refusals)


def _finding(
    insight: Insight,
    drawn: Mapping[str, FittedSeries],
    checks: Mapping,
    worth: Worth,
) -> Finding:
    fitted = drawn[insight.series]
    day = insight.details.dates[0] if insight.details.dates else fitted.dates[0]
    happened_on = day if insight.kind in {Kind.LEVEL_SHIFT, Kind.ANOMALY} else fitted.dates[-1]
    clear = is_clear(insight)
    check = checks.get((insight.series, day)) if insight.kind is Kind.LEVEL_SHIFT else None
    return Finding(
        key=key_of(insight),
        kind=insight.kind,
        metric=insight.series,
        unit=fitted.unit,
        heading=Sentence(wording.HEADINGS[insight.kind], (("series", insight.series),)),
        wording=insight.wording,
        value=insight.value,
        low=insight.low,
        high=insight.high,
        level=insight.level,
        n=insight.n,
        first_on=fitted.dates[0],
        last_on=fitted.dates[-1],
        happened_on=happened_on,
        method=insight.method,
        grade=_grade(insight) if clear else Grade.C,
        is_clear=clear,
        limits=Sentence(wording.LIMITS[insight.kind]),
        action=Sentence(_action(insight, worth)),
        chart=_chart(insight, fitted),
        effect=rupees.effect_of(insight, fitted.grain, worth) if clear else None,
        context=(_said_of(check, drawn),) if check else (),
        grain=fitted.grain,
    )


def key_of(insight: Insight) -> str:
    day = ""
    if insight.kind in {Kind.LEVEL_SHIFT, Kind.ANOMALY}:
        day = insight.details.dates[0].isoformat()
    return "|".join(filter(None, (insight.kind, insight.series, day)))


def _grade(insight: Insight) -> Grade:
    half = (insight.high - insight.low) / 2
    if insight.kind is Kind.ANOMALY:
        away = abs(insight.value - (insight.high + insight.low) / 2)
        return graded(away / half if half > 0 else 1.0, insight.n, enough=ENOUGH)
    return graded(abs(insight.value) / half if half > 0 else 1.0, insight.n, enough=ENOUGH)


def _action(insight: Insight, worth: Worth) -> str:
    if insight.kind is not Kind.LEVEL_SHIFT:
        return wording.ACTIONS[insight.kind]
    if worth.role.is_cost:
        return wording.COST_UP if insight.value > 0 else wording.COST_DOWN
    return wording.GAIN_UP if insight.value > 0 else wording.GAIN_DOWN


def _chart(insight: Insight, fitted: FittedSeries) -> ChartData:
    if insight.kind is not Kind.SEASON:
        return ChartData(Shape.SERIES, unit=fitted.unit, of=fitted.series)
    phases = insight.details.profile
    rows = tuple((str(each.phase), each.value, each.low, each.high, None) for each in phases)
    return ChartData(Shape.BARS, unit=fitted.unit, of=fitted.series, rows=rows)


def _said_of(check: CrossCheck, drawn: Mapping[str, FittedSeries]) -> Sentence:
    if check.moved:
        parts = tuple(_moved(each, drawn[each.series].unit) for each in check.moved)
        return Sentence(wording.SAME_TIME, (), parts)
    if check.compared:
        return Sentence(wording.ONLY_THIS, (("count", str(check.compared)),))
    return Sentence(wording.NO_OTHER)


def _moved(moved: Moved, unit: str) -> Sentence:
    value, low, high = moved.change, moved.low, moved.high
    message = wording.ROSE
    if value < 0:
        value, low, high, message = -value, -high, -low, wording.FELL
    shown: Iterable[tuple[str, str]] = (
        (name, format_value(number, unit))
        for name, number in (("value", value), ("low", low), ("high", high))
    )
    return Sentence(message, (("series", moved.series), *shown))
