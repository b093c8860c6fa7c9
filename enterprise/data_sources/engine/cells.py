"""Single cells: numbers as Indians, Americans and Germans write them, and dates."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from enterprise.data_sources.engine.contracts import DateOrder
from marketing_platform.core.clock import IST

EMPTY = frozenset({"", "-", "--", "—", "n/a", "na", "null", "none"})
CURRENCY = re.compile(r"^(?:₹|rs\.?|inr)\s*|\s*(?:₹|rs\.?|inr)$", re.IGNORECASE)
INDIAN = re.compile(r"^\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?$")
WESTERN = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
PLAIN = re.compile(r"^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?$")
CONTINENTAL = re.compile(r"^\d{1,3}(?:\.\d{3})*(?:,\d+)?$|^\d+,\d+$")
COMMA_CENTS = re.compile(r"^[^,]*\d,\d{1,2}$")
LONGEST_NUMBER = 30
SCALES = {
    **dict.fromkeys(("k", "thousand", "thousands", "000"), 10**3),
    **dict.fromkeys(("l", "lakh", "lakhs", "lac", "lacs"), 10**5),
    **dict.fromkeys(("mn", "million", "millions"), 10**6),
    **dict.fromkeys(("cr", "crore", "crores"), 10**7),
}
SCALE = re.compile(r"(?<=[\d. ])(k|l|lakhs?|lacs?|cr|crores?|thousands?|mn|millions?)\.?$", re.I)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt ].*)?$")
NUMERIC = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[, ].*)?$")
DAY_NAMED = re.compile(r"^(\d{1,2})[ -]([a-z]{3})[a-z]*\.?,?[ -](\d{4}|\d{2})(?:[, ].*)?$")
MONTH_NAMED = re.compile(r"^([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})(?:[, ].*)?$")
MONTH_ALONE = re.compile(r"^([a-z]{3})[a-z]*\.?[ -](\d{4})$")
WEEKDAY_BEFORE = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ")
SERIAL = re.compile(r"^[3-6]\d{4}(?:\.\d+)?$")
OFFSET_TIME = re.compile(r"[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)? ?(z|utc|[+-]\d{2}:?\d{2})$")
BARE_TIME = re.compile(r"[t ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$")
YES = frozenset({"yes", "y", "true", "1", "won", "closed won", "हाँ", "हां"})
NO = frozenset({"no", "n", "false", "0", "lost", "closed lost", "नहीं"})
EXCEL_EPOCH = date(1899, 12, 30)


def is_empty(text: str) -> bool:
    return text.strip().lower() in EMPTY


@lru_cache(maxsize=8_192)
def number_of(text: str, *, has_decimal_comma: bool = False) -> Decimal | None:
    """The number in a cell; None for an empty one. Raises ValueError for anything else.

    Reads ₹ and Rs, lakh and thousand grouping, "5.2 lakh" and "1.5 Cr", (brackets) for minus, and
    any script's digits.
    """
    if is_empty(text):
        return None
    cleaned = _ascii_digits(text).replace("\u00a0", " ").replace("\u202f", " ").strip()
    if len(cleaned) > LONGEST_NUMBER:
        raise ValueError("too long")
    is_negative = cleaned.startswith("(") and cleaned.endswith(")")
    cleaned = cleaned.strip("()").strip()
    cleaned = CURRENCY.sub("", cleaned).removesuffix("%").strip()
    if cleaned[:1] in {"-", "+", "\u2212"}:
        is_negative ^= cleaned[0] != "+"
        cleaned = CURRENCY.sub("", cleaned[1:].strip()).strip()
    scale = scale_of(text)
    cleaned = (SCALE.sub("", cleaned) if scale > 1 else cleaned).replace(" ", "")
    if has_decimal_comma and CONTINENTAL.match(cleaned):
        cleaned = cleaned.replace(".", "").replace(",", ".")
    elif INDIAN.match(cleaned) or WESTERN.match(cleaned):
        cleaned = cleaned.replace(",", "")
    elif not PLAIN.match(cleaned):
        raise ValueError("not a number")
    value = Decimal(cleaned) * scale
    return -value if is_negative else value


def scale_of(text: str) -> int:
    """1,00,000 for "5.2 lakh" and so on, 1 without such a word. L and K need a sign of rupees."""
    cleaned = text.strip().strip("()").strip()
    bare = CURRENCY.sub("", cleaned.lstrip("-+\u2212")).strip()
    match = SCALE.search(bare)
    if match is None or (len(match[1]) == 1 and bare == cleaned):
        return 1
    return SCALES[match[1].lower()]


def uses_decimal_comma(texts: Iterable[str]) -> bool:
    """Whether some cell can only be read with a decimal comma and none only with a point."""
    seen = False
    for text in texts:
        bare = CURRENCY.sub("", text.strip()).strip()
        if COMMA_CENTS.match(bare) and "." not in bare.rpartition(",")[2]:
            seen = True
        elif re.search(r"\.\d{1,2}$", bare) and "," in bare:
            return False
    return seen


@lru_cache(maxsize=8_192)
def date_of(text: str, order: DateOrder) -> date:
    """The day in a cell; ValueError if there is none, or the order of 3/4/2026 is unknown."""
    cleaned = WEEKDAY_BEFORE.sub("", _ascii_digits(text).strip().lower())
    if match := ISO.match(cleaned):
        return _indian_day(date(int(match[1]), int(match[2]), int(match[3])), cleaned)
    if match := NUMERIC.match(cleaned):
        first, second, year = int(match[1]), int(match[2]), _year(match[3])
        if order is DateOrder.UNKNOWN:
            raise ValueError("order unknown")
        day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
        return date(year, month, day)
    if match := DAY_NAMED.match(cleaned):
        return date(_year(match[3]), _month(match[2]), int(match[1]))
    if match := MONTH_NAMED.match(cleaned):
        return date(int(match[3]), _month(match[1]), int(match[2]))
    if match := MONTH_ALONE.match(cleaned):
        return date(int(match[2]), _month(match[1]), 1)
    if SERIAL.match(cleaned):
        return EXCEL_EPOCH + timedelta(days=int(float(cleaned)))
    raise ValueError("not a date")


@lru_cache(maxsize=8_192)
def moment_of(text: str, order: DateOrder) -> datetime:
    """The moment in a cell: its time where it has one, else midnight in India; or ValueError."""
    cleaned = _ascii_digits(text).strip().lower()
    day = date_of(text, order)
    if (match := OFFSET_TIME.search(cleaned)) is not None:
        offset = "+00:00" if match[2] in {"z", "utc"} else match[2]
        clock = match[1]
        written = ISO.match(cleaned)
        day = date(*(int(part) for part in written.groups())) if written else day
        return datetime.fromisoformat(f"{day.isoformat()}T{clock}{offset}").astimezone(IST)
    if SERIAL.match(cleaned):
        minutes = round(float(cleaned) % 1 * 24 * 60)
        return datetime(day.year, day.month, day.day, tzinfo=IST) + timedelta(minutes=minutes)
    clock = BARE_TIME.search(cleaned)
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (0, 0)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=IST)


def yes_or_no(text: str) -> bool | None:
    """True, False, or None for an empty cell. Raises ValueError for anything else."""
    cleaned = _ascii_digits(text).strip().lower()
    if cleaned in YES:
        return True
    if cleaned in NO:
        return False
    if is_empty(text):
        return None
    raise ValueError("neither yes nor no")


def looks_like_date(text: str) -> bool:
    for order in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST):
        try:
            date_of(text, order)
        except ValueError:
            continue
        return not SERIAL.match(text.strip())
    return False


def date_order_of(texts: Iterable[str]) -> DateOrder | None:
    """The order that the column itself proves; UNKNOWN if it proves none or both; None when
    no date depends on it."""
    days, months, numeric = False, False, False
    for text in texts:
        match = NUMERIC.match(_ascii_digits(text).strip().lower())
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        numeric = numeric or first != second
        days = days or first > 12
        months = months or second > 12
    if not numeric:
        return None
    if days == months:
        return DateOrder.UNKNOWN
    return DateOrder.DAY_FIRST if days else DateOrder.MONTH_FIRST


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign
        for sign in text
    )


def _indian_day(day: date, text: str) -> date:
    """A time that names its offset, such as 2026-01-05T20:12:33Z, counts on India's day."""
    match = OFFSET_TIME.search(text)
    if match is None:
        return day
    offset = "+00:00" if match[2] in {"z", "utc"} else match[2]
    moment = datetime.fromisoformat(f"{day.isoformat()}T{match[1]}{offset}")
    return moment.astimezone(IST).date()


def _month(name: str) -> int:
    return MONTHS.index(name[:3]) + 1


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)
