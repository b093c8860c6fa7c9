"""Amounts, days and yes/no as shops write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from local.customers.engine.phones import ascii_digits
from local.customers.errors import InvalidVisit
from marketing_platform.core.clock import IST
from marketing_platform.core.text import mark as _

EMPTY = frozenset({"", "-", "--", "—", "n/a", "na", "nil", "null", "none"})
RUPEE_WORDS = re.compile(
    r"₹|\b(?:rs|inr)(?=\d)|\b(?:rs|inr|rupees?)\b\.?|रुपये|रुपए|रु\.?", re.IGNORECASE
)
INDIAN = re.compile(r"^\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?$")
WESTERN = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
PLAIN = re.compile(r"^(?:\d+(?:\.\d*)?|\.\d+)$")
LARGEST_PAISE = 10_00_00_000 * 100  # ten crore rupees: beyond it a column was mistaken
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HINDI_MONTHS = (
    "जनवरी", "फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर",
    "दिसंबर",
)  # fmt: skip
CLOCK = r"(?:[ t,]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*([ap]\.?m\.?)?(?:z|[+-]\d{2}:?\d{2})?)?"
ISO = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){CLOCK}$")
NUMERIC = re.compile(rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){CLOCK}$")
NAMED = re.compile(
    rf"^(\d{{1,2}})[ -]+([^\W\d_]+(?:[\u0900-\u097f]*))\.?,?[ -]+(\d{{4}}|\d{{2}}){CLOCK}$"
)
SERIAL = re.compile(r"^[3-5]\d{4}(?:\.\d+)?$")
EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST = date(2000, 1, 1)
YES = frozenset({
    "yes", "y", "true", "1", "agreed", "agree", "ok", "opted in", "opt-in", "optin", "subscribed",
    "haan", "ha", "haa", "ji", "हाँ", "हां", "हा", "जी", "जी हाँ", "सहमत", "होय", "हो", "✓", "✔",
})  # fmt: skip
NO = frozenset({
    "no", "n", "false", "0", "stop", "stopped", "opted out", "opt-out", "optout", "unsubscribed",
    "said no", "मना किया",
    "nahi", "nahin", "नहीं", "नही", "ना", "नाही", "नको", "✗", "✘", "x", "dnd",
})  # fmt: skip
NOT_AN_AMOUNT = _("Amount: write it in numbers, for example 450 or 1,250.50.")
NEGATIVE = _("Amount: it is less than nothing. Leave returned goods out.")
TOO_LARGE = _("Amount: it is more than ₹10 crore. Look whether the columns are right.")
NOT_A_DATE = _("Date: write it as day/month/year, for example 05/11/2026.")
IN_FUTURE = _("Date: this day has not come yet. Dates are read as day/month/year.")
LONG_AGO = _("Date: this is before the year 2000. Look whether the columns are right.")


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened; noon in India when only the day is known."""

    at: datetime
    has_time: bool

    @property
    def day(self) -> date:
        return self.at.astimezone(IST).date()


def is_empty(text: str) -> bool:
    return text.strip().lower() in EMPTY


@lru_cache(maxsize=16_384)
def paise_of(text: str) -> int | None:
    """Integer paise; None for an empty cell. '₹1,04,500.50', '1,04,500/-' and '४५०' are read.

    Raises InvalidVisit for words, for less than nothing and for more than ten crore rupees.
    """
    if is_empty(text):
        return None
    bare = RUPEE_WORDS.sub("", ascii_digits(text)).replace("\u00a0", " ").strip()
    bare = bare.removesuffix("/-").removesuffix("/=").replace(" ", "").replace("\u2212", "-")
    is_negative = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.strip("()").lstrip("+-")
    if INDIAN.match(bare) or WESTERN.match(bare):
        bare = bare.replace(",", "")
    if len(bare) > 30 or not PLAIN.match(bare):
        raise InvalidVisit(NOT_AN_AMOUNT, field="amount")
    paise = int((Decimal(bare) * 100).to_integral_value())
    if is_negative and paise:
        raise InvalidVisit(NEGATIVE, field="amount")
    if paise > LARGEST_PAISE:
        raise InvalidVisit(TOO_LARGE, field="amount")
    return paise


@lru_cache(maxsize=16_384)
def moment_of(text: str, today: date) -> Moment | None:
    """The day, and the time if it is given, day before month; None for an empty cell.

    Raises InvalidVisit for what is no date, lies in the future or before 2000.
    """
    if is_empty(text):
        return None
    try:
        day, clock = _day_and_time(ascii_digits(text).strip().lower())
    except (ValueError, OverflowError):
        raise InvalidVisit(NOT_A_DATE, field="date") from None
    if day > today:
        raise InvalidVisit(IN_FUTURE, field="date")
    if day < EARLIEST:
        raise InvalidVisit(LONG_AGO, field="date")
    return Moment(datetime.combine(day, clock or time(12), tzinfo=IST), clock is not None)


def yes_or_no(text: str) -> bool | None:
    """True only for a word that says yes; None for an empty or unknown word."""
    word = " ".join(ascii_digits(text).strip().lower().rstrip(".").split())
    return True if word in YES else False if word in NO else None


def birthday_of(text: str) -> tuple[int, int] | None:
    """(month, day) of '14/02', '14-02-1990', '14 Feb' or an ISO date; None when empty or none."""
    bare = ascii_digits(text).strip().lower()
    short = re.match(r"^(\d{1,2})[-/. ](\d{1,2})$", bare)
    named = re.match(r"^(\d{1,2})[ -]+([^\W\d_]+[\u0900-\u097f]*)$", bare)
    try:
        if short:
            day = date(2000, int(short[2]), int(short[1]))
        elif named:
            day = date(2000, _month(named[2]), int(named[1]))
        else:
            day = _day_and_time(bare)[0]
    except (ValueError, OverflowError):
        return None
    return day.month, day.day


def _day_and_time(text: str) -> tuple[date, time | None]:
    if found := ISO.match(text):
        return date(int(found[1]), int(found[2]), int(found[3])), _clock(found)
    if found := NUMERIC.match(text):
        return date(_year(found[3]), int(found[2]), int(found[1])), _clock(found)
    if found := NAMED.match(text):
        return date(_year(found[3]), _month(found[2]), int(found[1])), _clock(found)
    if SERIAL.match(text):
        return EXCEL_EPOCH + timedelta(days=int(float(text))), None
    raise ValueError("not a date")


def _clock(found: re.Match[str]) -> time | None:
    """The time after the day, in groups 4 to 6."""
    if found[4] is None:
        return None
    hour, half = int(found[4]), (found[6] or "")[:1]
    if half == "p" and hour < 12:
        hour += 12
    if half == "a" and hour == 12:
        hour = 0
    return time(hour, int(found[5]))


def _month(name: str) -> int:
    for place, hindi in enumerate(HINDI_MONTHS):
        if name.startswith(hindi[:3]) and hindi.startswith(name[:3]):
            return place + 1
    return MONTHS.index(name[:3]) + 1


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)
