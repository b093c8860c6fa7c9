"""Money, intervals and the engine's sentences in the reader's language; charts as SVG."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from enterprise.data_sources.selectors.outcomes import NAMES
from enterprise.optimization_engine.engine.chart import curve_chart, weekly_chart
from enterprise.optimization_engine.engine.contracts import (
    INR,
    FitResult,
    Interval,
    ResponseCurve,
    Said,
)
from enterprise.optimization_engine.selectors import channel_label
from marketing_platform.core.text import indian_grouping

register = template.Library()
LAKH, CRORE = 100_000, 10_000_000
OUR_NAMES = frozenset(NAMES.values())


@register.filter
def channel(name: str) -> str:
    """A channel's label: ours in the reader's language, others as the file has them."""
    label = channel_label(name)
    return gettext(label) if label != name else name


@register.filter
def outcome_name(name: str) -> str:
    return gettext(name) if name in OUR_NAMES else name


@register.filter
def rupees(paise: int | float) -> str:
    """'₹950', '₹45,300', '₹4.2 lakh', '₹1.35 crore': what a person would say."""
    return rupee_words(float(paise) / 100)


@register.filter
def paise_exact(paise: int) -> str:
    """To the paisa: '₹4,20,000' or '₹4,20,000.50'."""
    sign = "-" if paise < 0 else ""
    whole, rest = divmod(abs(int(paise)), 100)
    return f"{sign}₹{indian_grouping(whole)}{f'.{rest:02d}' if rest else ''}"


def rupee_words(amount: float) -> str:
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    for least, word in ((CRORE, gettext("crore")), (LAKH, gettext("lakh"))):
        if size >= least * 0.9995:
            return f"{sign}₹{_three_figures(size / least)} {word}"
    if size < 100 and size != round(size):
        return f"{sign}₹{size:.2f}"
    return f"{sign}₹{indian_grouping(round(size))}"


@register.filter
def amount(value: float, unit: str) -> str:
    """An amount of the outcome: rupees in words people use, others grouped."""
    if unit == INR:
        return rupee_words(value)
    sign, size = ("-" if value < 0 else ""), abs(value)
    number = indian_grouping(round(size)) if size >= 100 else _three_figures(size)
    return f"{sign}{number} {unit}".rstrip()


@register.filter
def span(value: Interval, unit: str) -> str:
    """'₹1.2 lakh – ₹3.4 lakh'."""
    return f"{amount(value.low, unit)} – {amount(value.high, unit)}"


@register.filter
def roas(value: float, unit: str) -> str:
    """Rupees back for a rupee, or outcome for ₹1 lakh where the outcome is not money."""
    if unit == INR:
        return f"₹{_three_figures(value)}"
    return amount(value * LAKH, unit)


@register.filter
def roas_span(value: Interval, unit: str) -> str:
    return f"{roas(value.low, unit)} – {roas(value.high, unit)}"


@register.filter
def percent(share: float) -> str:
    """'18%'; below a tenth with one decimal."""
    value = 100 * share
    return (
        f"{value:.1f}%"
        if abs(value) < 9.95 and round(value, 1) != round(value)
        else (f"{value:.0f}%")
    )


@register.filter
def percent_span(value: Interval) -> str:
    return f"{percent(value.low)} – {percent(value.high)}"


@register.filter
def at_least(chance: float) -> str:
    """A probability rounded down, never to certainty: '96%', '99%'."""
    return f"{min(99, int(100 * chance))}%"


@register.filter
def in_percent(value: float) -> str:
    """A number that is in percent already, with its sign: '+5.8%'."""
    return f"{value:+.1f}%"


@register.filter
def plain(number: float) -> str:
    """A coordinate with a point, whatever the language writes."""
    return f"{number:.2f}"


@register.filter
def said(sentence: Said) -> str:
    """A sentence of the engine, in the reader's language."""
    text = gettext(sentence.message)
    return (
        text % {name: _value(name, one) for name, one in sentence.values}
        if sentence.values
        else text
    )


@register.filter
def zipped(first: Iterable[Any], second: Iterable[Any]) -> list[tuple[Any, Any]]:
    return list(zip(first, second, strict=True))


@register.inclusion_tag("enterprise/budget/_curve.html")
def response_curve(curve: ResponseCurve, unit: str, chart_id: str) -> dict[str, Any]:
    rows = list(zip(curve.spend_paise, curve.mean, curve.low, curve.high, strict=True))
    return {
        "chart": curve_chart(curve),
        "curve": curve,
        "unit": unit,
        "chart_id": chart_id,
        "rows": rows[:: max(1, len(rows) // 8)],
    }


@register.inclusion_tag("enterprise/budget/_weekly.html")
def weekly_lines(fit: FitResult) -> dict[str, Any]:
    weekly = fit.weekly
    rows = zip(
        weekly.weeks, weekly.actual, weekly.fitted, weekly.baseline, weekly.media, strict=True
    )
    return {"chart": weekly_chart(weekly), "fit": fit, "rows": list(rows)[-60:]}


def _value(name: str, value: str | int | float) -> str | int | float:
    if name.endswith("_on"):
        return date_format(date.fromisoformat(str(value)), "j F Y")
    if name.endswith("_paise"):
        return rupees(float(value))
    if name in {"channel", "other"}:
        return channel(str(value))
    if name == "name":
        return outcome_name(str(value))
    return value


def _three_figures(size: float) -> str:
    if size == 0:
        return "0"
    if size >= 100:
        return indian_grouping(round(size))
    if size >= 10:
        return f"{size:.1f}".removesuffix(".0")
    text = f"{size:.2f}" if size >= 0.1 else f"{size:.2g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def error_sentence(sentence: str, params: dict[str, Any]) -> str | SafeString:
    """A PlatformError of this feature, in the reader's language."""
    return said(Said(sentence, tuple(params.items())))
