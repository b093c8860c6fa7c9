"""Words for findings. Every message is a translatable id; numbers are written the Indian way.

A sentence names its interval and never claims a cause.
"""

import math
from datetime import date

from enterprise.market_intelligence.engine.contracts import (
    Grain,
    MetricSeries,
    NotEnough,
    Sentence,
)
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _

RUPEE_UNITS = frozenset({"inr", "₹", "rs", "rs.", "rupee", "rupees"})
MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
    _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
)  # fmt: skip
WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"),
    _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
UP, DOWN, NONE = "up", "down", "none"

TREND = {
    (Grain.DAY, UP): _(
        "%(series)s rises by about %(value)s a day (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.WEEK, UP): _(
        "%(series)s rises by about %(value)s a week (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.MONTH, UP): _(
        "%(series)s rises by about %(value)s a month (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.DAY, DOWN): _(
        "%(series)s falls by about %(value)s a day (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.WEEK, DOWN): _(
        "%(series)s falls by about %(value)s a week (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.MONTH, DOWN): _(
        "%(series)s falls by about %(value)s a month (95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.DAY, NONE): _(
        "%(series)s shows no clear trend: the change a day lies between %(low)s and %(high)s."
    ),
    (Grain.WEEK, NONE): _(
        "%(series)s shows no clear trend: the change a week lies between %(low)s and %(high)s."
    ),
    (Grain.MONTH, NONE): _(
        "%(series)s shows no clear trend: the change a month lies between %(low)s and %(high)s."
    ),
}
UNCHANGED = _("%(series)s did not change: all %(n)s values are %(value)s.")
SHIFT = {
    (Grain.DAY, UP): _(
        "%(series)s moved up by about %(value)s on %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.WEEK, UP): _(
        "%(series)s moved up by about %(value)s in the week of %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.MONTH, UP): _(
        "%(series)s moved up by about %(value)s in the month of %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.DAY, DOWN): _(
        "%(series)s moved down by about %(value)s on %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.WEEK, DOWN): _(
        "%(series)s moved down by about %(value)s in the week of %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
    (Grain.MONTH, DOWN): _(
        "%(series)s moved down by about %(value)s in the month of %(start_on)s and stayed there "
        "(95 in 100: %(low)s to %(high)s)."
    ),
}
SEASON_YEAR = _(
    "%(series)s is highest in %(peak_month)s, about %(value)s above its yearly average "
    "(95 in 100: %(low)s to %(high)s), and lowest in %(trough_month)s."
)
SEASON_WEEK = _(
    "%(series)s is highest on %(peak_weekday)s, about %(value)s above its weekly average "
    "(95 in 100: %(low)s to %(high)s), and lowest on %(trough_weekday)s."
)
ANOMALY = {
    Grain.DAY: _("%(series)s was %(value)s on %(start_on)s; %(low)s to %(high)s was expected."),
    Grain.WEEK: _(
        "%(series)s was %(value)s in the week of %(start_on)s; %(low)s to %(high)s was expected."
    ),
    Grain.MONTH: _(
        "%(series)s was %(value)s in the month of %(start_on)s; %(low)s to %(high)s was expected."
    ),
}
GIVEN = {
    "points": _("At least %(least)s points; you gave %(given)s."),
    "gaps": _("Fewer gaps: %(missing)s of %(of)s periods are missing, at most a fifth may be."),
    "varied": _("For unusual values: values that vary; more than half of them are the same."),
    "repeated": _("For unusual values: more different values; too many of them are the same."),
}
NEEDS = {
    ("trend", Grain.DAY): _("For a trend: at least %(least)s days; you gave %(given)s."),
    ("trend", Grain.WEEK): _("For a trend: at least %(least)s weeks; you gave %(given)s."),
    ("trend", Grain.MONTH): _("For a trend: at least %(least)s months; you gave %(given)s."),
    ("shift", Grain.DAY): _(
        "For level shifts and unusual values: at least %(least)s days; you gave %(given)s."
    ),
    ("shift", Grain.WEEK): _(
        "For level shifts and unusual values: at least %(least)s weeks; you gave %(given)s."
    ),
    ("shift", Grain.MONTH): _(
        "For level shifts and unusual values: at least %(least)s months; you gave %(given)s."
    ),
    ("season", Grain.DAY): _(
        "For the pattern within a week: at least %(least)s days; you gave %(given)s."
    ),
    ("season", Grain.WEEK): _(
        "For the pattern within a year: two full years (%(least)s weeks); you gave %(given)s."
    ),
    ("season", Grain.MONTH): _(
        "For the pattern within a year: two full years (%(least)s months); you gave %(given)s."
    ),
}


def needs(series: MetricSeries, message: str, **values: object) -> NotEnough:
    """A NotEnough for ``series`` in both forms: English text and message with values."""
    wording = Sentence(message, tuple((name, str(value)) for name, value in values.items()))
    return NotEnough(series=series.name, needs=english(wording), wording=wording)


def english(wording: Sentence) -> str:
    """The sentence in English, dates as '6 April 2026'."""
    return wording.message % {
        **{name: _said(name, value) for name, value in wording.values},
        "parts": ", ".join(map(english, wording.parts)),
    }


def is_rupees(unit: str) -> bool:
    return unit.strip().lower() in RUPEE_UNITS


def format_value(value: float, unit: str) -> str:
    """'₹12,34,567', '1,234 leads', '4.2 %', '-3.25': three to four figures that can be read."""
    number = _grouped(abs(value))
    sign = "-" if value < 0 and number.strip("0.") else ""
    if is_rupees(unit):
        return f"{sign}₹{number}"
    return f"{sign}{number} {unit.strip()}".rstrip()


def _grouped(size: float) -> str:
    if size >= 100:
        return indian_grouping(round(size))
    if size == 0 or size >= 10:
        return f"{size:.1f}".removesuffix(".0")
    decimals = min(12, 1 - math.floor(math.log10(size)))
    return f"{size:.{max(decimals, 2)}f}".rstrip("0").rstrip(".") or "0"


def _said(name: str, value: str) -> str:
    if name.endswith("_on"):
        day = date.fromisoformat(value)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    if name.endswith("_month"):
        return MONTHS[int(value) - 1]
    if name.endswith("_weekday"):
        return WEEKDAYS[int(value)]
    return value
