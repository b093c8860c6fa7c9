"""How every number of a brief is written: one way for page, PDF and slides."""

import math
from datetime import date

from enterprise.strategic_synthesizer.engine.contracts import Evidence, Figure
from marketing_platform.core.text import indian_grouping

HUNDRED, LAKH, CRORE = 100, 100_000, 10_000_000
MOST_DECIMALS = 9
SMALLEST_RATIO = 0.01
WORDS = {
    "en": {
        "lakh": "lakh",
        "crore": "crore",
        "to": "{low} to {high}",
        "day": "{n} day",
        "days": "{n} days",
        "week": "{n} week",
        "weeks": "{n} weeks",
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    },
    "hi": {
        "lakh": "लाख",
        "crore": "करोड़",
        "to": "{low} से {high}",
        "day": "{n} दिन",
        "days": "{n} दिन",
        "week": "{n} हफ़्ता",
        "weeks": "{n} हफ़्ते",
        "months": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    },
}


def shown(evidence: Evidence, figure: Figure, language: str) -> str:
    """The figure as it is written, in the language's words and Indian grouping."""
    if figure.part == "as_of":
        return day(evidence.as_of, language)
    if figure.part == "happened_on":
        return day(evidence.happened_on or evidence.as_of, language)
    if figure.part == "rows":
        return number(evidence.rows)
    if figure.part == "level":
        return quantity((evidence.level or 0) * 100, "percent", language)
    if figure.part == "interval":
        return interval(evidence, language)
    return quantity(getattr(evidence, figure.part), evidence.unit, language)


def interval(evidence: Evidence, language: str) -> str:
    """'₹1.2 lakh to ₹3.4 lakh'; raises ValueError where there is none."""
    if evidence.low is None or evidence.high is None:
        raise ValueError(f"{evidence.id} has no interval")
    low = quantity(evidence.low, evidence.unit, language)
    high = quantity(evidence.high, evidence.unit, language)
    return WORDS[language]["to"].format(low=low, high=high)


def quantity(value: float, unit: str, language: str) -> str:
    if unit == "inr":
        return rupees(value, language)
    if unit == "percent":
        return f"{number(value)}%"
    if unit == "ratio" and abs(value) >= SMALLEST_RATIO:
        return number(round(value, 2))
    if unit in ("weeks", "days"):
        name = unit.rstrip("s") if round(value) == 1 else unit
        return WORDS[language][name].format(n=number(round(value)))
    return number(value)


def rupees(value: float, language: str) -> str:
    """₹3.50 → ₹3.5 · ₹950 · ₹45,300 · ₹12.4 lakh · ₹1.24 crore; three figures that count."""
    size = abs(value)
    text = _three(size)
    sign = _sign(value, text)
    if size < HUNDRED:
        return f"{sign}₹{text}"
    for limit, name in ((CRORE, "crore"), (LAKH, "lakh")):
        # What would round up to the next unit is written in it.
        if float(f"{size:.3g}") >= limit:
            return f"{sign}₹{_three(size / limit)} {WORDS[language][name]}"
    return f"{sign}₹{text}"


def number(value: float) -> str:
    """4,21,000 · 312 · 41.3 · 4.21 · 0.0421; three figures that count, whole from a hundred on."""
    text = _three(abs(value))
    return f"{_sign(value, text)}{text}"


def day(moment: date, language: str) -> str:
    month = WORDS[language]["months"].split()[moment.month - 1]
    return f"{moment.day} {month} {moment.year}"


def _sign(value: float, text: str) -> str:
    return "−" if value < 0 and text != "0" else ""


def _three(size: float) -> str:
    if size >= HUNDRED or float(size).is_integer():
        return indian_grouping(round(size))
    decimals = min(MOST_DECIMALS, max(1, 2 - math.floor(math.log10(size))))
    text = f"{size:.{decimals}f}"
    return text.rstrip("0").rstrip(".") or "0"
