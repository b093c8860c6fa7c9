"""Findings in the reader's language, and their charts as SVG."""

from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext

from enterprise.market_intelligence.engine.chart import draw, draw_profile
from enterprise.market_intelligence.engine.chart_findings import (
    draw_bars,
    draw_fan,
    draw_steps,
)
from enterprise.market_intelligence.engine.contracts import FittedSeries, Grain, Insight, Sentence
from enterprise.market_intelligence.engine.evidence import Finding
from enterprise.market_intelligence.engine.sentences import MONTHS, WEEKDAYS, format_value
from enterprise.market_intelligence.engine.wording import named

register = template.Library()
MOST_TABLE_ROWS = 200


@register.filter
def said(wording: Sentence) -> str:
    """A sentence of the engine, in the reader's language."""
    return gettext(wording.message) % {
        **{name: _said(name, text) for name, text in wording.values},
        "parts": ", ".join(map(said, wording.parts)),
    }


@register.filter
def series_name(name: str) -> str:
    """Our own words in a series' name in the reader's language; names of files as they are."""
    return named(name, gettext)


@register.filter
def amount(value: float, unit: str) -> str:
    """A value in its unit: '₹412', '118 leads', '42.4 %', '13 days', '1.54 ×'."""
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "days":
        shown = f"{value:.1f}" if value < 10 else f"{value:.0f}"
        return gettext("%(value)s days") % {"value": shown}
    if unit == "ratio":
        return f"{value:.2f} ×"
    return format_value(value, _our_word(unit))


@register.filter
def percent(share: float) -> str:
    return f"{share:.0%}"


@register.inclusion_tag("enterprise/chart.html")
def insight_chart(fitted: FittedSeries, insights: Any, chart_id: str) -> dict[str, Any]:
    """The series with its expected range and the findings marked. One id a page each."""
    chart = draw(fitted, insights)
    rows = list(
        zip(
            fitted.dates,
            fitted.values,
            fitted.low or fitted.values,
            fitted.high or fitted.values,
            fitted.is_filled,
            strict=True,
        )
    )
    return {
        "chart": chart,
        "chart_id": chart_id,
        "series": series_name(fitted.series),
        "unit": fitted.unit,
        "has_band": bool(fitted.low),
        "is_daily": fitted.grain is Grain.DAY,
        "rows": rows[-MOST_TABLE_ROWS:],
        "rows_left_out": max(0, len(rows) - MOST_TABLE_ROWS),
        "count": len(fitted.values),
    }


@register.inclusion_tag("enterprise/profile_chart.html")
def season_chart(insight: Insight, fitted: FittedSeries, chart_id: str) -> dict[str, Any]:
    """The season's profile: one point with its interval per month or weekday."""
    chart = draw_profile(insight)
    is_weekly = fitted.grain is Grain.DAY
    return {
        "chart": chart,
        "bars": [(bar, *_phase_names(bar.phase, is_weekly)) for bar in chart.bars],
        "chart_id": chart_id,
        "series": series_name(insight.series),
        "unit": fitted.unit,
    }


@register.inclusion_tag("enterprise/insights/bars.html")
def bar_chart(finding: Finding, chart_id: str) -> dict[str, Any]:
    """One line a stage or group, with its interval."""
    return {
        "bars": [(bar, _our_word(bar.label)) for bar in draw_bars(finding.chart)],
        "columns": [gettext(column) for column in finding.chart.columns],
        "unit": finding.chart.unit,
        "title": said(finding.heading),
        "chart_id": chart_id,
    }


@register.inclusion_tag("enterprise/insights/fan.html")
def fan_chart(finding: Finding, chart_id: str) -> dict[str, Any]:
    """What was seen and what is expected, with its band."""
    rows = [(date.fromisoformat(str(row[0])), *row[1:]) for row in finding.chart.rows]
    return {
        "fan": draw_fan(finding.chart),
        "rows": [row for row in rows if row[1] is None],
        "unit": finding.chart.unit,
        "title": said(finding.heading),
        "chart_id": chart_id,
        "percent": round(100 * finding.level),
    }


@register.inclusion_tag("enterprise/insights/steps.html")
def step_chart(finding: Finding, chart_id: str) -> dict[str, Any]:
    """How many are still open after so many days."""
    rows = finding.chart.rows
    every = max(1, len(rows) // 12)
    return {
        "steps": draw_steps(finding.chart),
        "rows": [(day, 100 * share) for day, share in rows[::every]],
        "title": said(finding.heading),
        "chart_id": chart_id,
    }


def _phase_names(phase: int, is_weekly: bool) -> tuple[str, str]:
    """In full and short; 5 January 2026 is a Monday."""
    if is_weekly:
        return gettext(WEEKDAYS[phase]), date_format(date(2026, 1, 5 + phase), "D")
    return gettext(MONTHS[phase - 1]), date_format(date(2026, phase, 1), "M")


def _said(name: str, text: str) -> str:
    if name.endswith("_on"):
        return date_format(date.fromisoformat(text), "j F Y")
    if name.endswith("_month"):
        return gettext(MONTHS[int(text) - 1])
    if name.endswith("_weekday"):
        return gettext(WEEKDAYS[int(text)])
    if name in {"series", "name"}:
        return series_name(text)
    number, _, unit = text.partition(" ")
    return f"{number} {_our_word(unit)}".rstrip()


def _our_word(text: str) -> str:
    return named(text, gettext)


@register.filter
def plain(number: float) -> str:
    """A coordinate with a point, whatever the language writes."""
    return f"{number:.2f}"
