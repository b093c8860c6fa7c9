"""Special hours as Google keeps them: read, compared, merged.

Business Information API v1, locations.specialHours: the list is replaced as a whole, so a change
of one day carries all the others along, exactly as they came. Midnight comes back as {}.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from local.automation.google_business.errors import HoursAlike

PERIODS = "specialHourPeriods"
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(frozen=True)
class DayHours:
    """What the owner wants on one day: closed, or open from `opens` to `closes`.

    `closes` before `opens` is on the next morning. Raises HoursAlike when they are the same.
    """

    on: date
    opens: time | None = None
    closes: time | None = None

    def __post_init__(self) -> None:
        if self.opens is not None and self.opens == self.closes:
            raise HoursAlike(field="closes")

    @property
    def is_closed(self) -> bool:
        return self.opens is None


def period_of(wanted: DayHours) -> dict[str, Any]:
    """As Google wants it written."""
    if wanted.opens is None or wanted.closes is None:
        return {"startDate": _date(wanted.on), "closed": True}
    ends = wanted.on + timedelta(days=wanted.closes < wanted.opens)
    return {
        "startDate": _date(wanted.on),
        "openTime": _time(wanted.opens),
        "endDate": _date(ends),
        "closeTime": _time(wanted.closes),
    }


def day_of(period: Mapping[str, Any]) -> date | None:
    """The day a period belongs to; None for one that Google left incomplete."""
    start = period.get("startDate")
    try:
        return date(start["year"], start["month"], start["day"])
    except (TypeError, KeyError, ValueError):
        return None


def days_of(special_hours: Mapping[str, Any]) -> set[date]:
    return {day for day in map(day_of, _periods(special_hours)) if day}


def on_day(special_hours: Mapping[str, Any], on: date) -> list[str]:
    """The day's hours in one spelling, in order: ["closed"], ["10:00-13:00", "17:00-01:00"], []."""
    return sorted(_spelled(each) for each in _periods(special_hours) if day_of(each) == on)


def spelled(wanted: DayHours) -> list[str]:
    return [_spelled(period_of(wanted))]


def merged(special_hours: Mapping[str, Any], wanted: DayHours) -> dict[str, Any]:
    """The whole list with this one day replaced; every other period stays as Google sent it."""
    others = [deepcopy(each) for each in _periods(special_hours) if day_of(each) != wanted.on]
    return {PERIODS: [*others, period_of(wanted)]}


def regular_on(regular_hours: Mapping[str, Any], on: date) -> list[str]:
    """The weekday's usual hours, in the spelling of on_day; [] when closed or not given."""
    weekday = WEEKDAYS[on.weekday()]
    periods = regular_hours.get("periods", [])
    rows = [each for each in periods if isinstance(each, dict) and each.get("openDay") == weekday]
    return sorted(_span(each) for each in rows)


def _periods(special_hours: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = special_hours.get(PERIODS, [])
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def _spelled(period: Mapping[str, Any]) -> str:
    return "closed" if period.get("closed") else _span(period)


def _span(period: Mapping[str, Any]) -> str:
    return f"{_clock(period.get('openTime'))}-{_clock(period.get('closeTime'))}"


def _clock(given: Any) -> str:
    """{"hours": 9, "minutes": 30} → 09:30; {} and nothing → 00:00; 24 is midnight too."""
    found = given if isinstance(given, dict) else {}
    return f"{int(found.get('hours', 0)) % 24:02d}:{int(found.get('minutes', 0)):02d}"


def _date(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}


def _time(at: time) -> dict[str, int]:
    return {"hours": at.hour, "minutes": at.minute}
