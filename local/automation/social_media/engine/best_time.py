"""When a day's post goes out: the trade's usual times, until there are figures of one's own.

The times are assumptions and say so (content/best_times.toml); they come in order of preference.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from local.automation.social_media.engine.library import CONTENT, read_once
from marketing_platform.core.language import said_in

# Enough to change one's mind, and for the picture to be made ready.
SOONEST = timedelta(minutes=10)
AT_ONCE = timedelta(minutes=2)


@dataclass(frozen=True)
class UsualTimes:
    times: tuple[time, ...]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Slot:
    """`at` is aware, in the shop's zone. `is_usual`: one of the trade's times, an assumption;
    otherwise all of them have passed and it goes out at once.
    """

    at: datetime
    reasons: Mapping[str, str]
    is_usual: bool

    def reason(self, language: str) -> str:
        return said_in(language, self.reasons)


@read_once
def usual_times() -> Mapping[str, UsualTimes]:
    read = tomllib.loads((CONTENT / "best_times.toml").read_text("utf-8"))
    return {
        trade: UsualTimes(tuple(time.fromisoformat(each) for each in row["times"]), row["reason"])
        for trade, row in read["trades"].items()
    }


@read_once
def passed_reasons() -> Mapping[str, str]:
    read = tomllib.loads((CONTENT / "best_times.toml").read_text("utf-8"))
    return dict(read["passed"])


def best_slot(category: str, on: date, *, now: datetime, zone: ZoneInfo) -> Slot | None:
    """The best time on that day that is still to come; None when the day is over."""
    usual = usual_times().get(category) or usual_times()["other"]
    for each in usual.times:
        at = datetime.combine(on, each, zone)
        if at >= now + SOONEST:
            return Slot(at, usual.reasons, is_usual=True)
    at_once = (now + AT_ONCE).astimezone(zone).replace(second=0, microsecond=0)
    if at_once.date() != on:
        return None
    return Slot(at_once, passed_reasons(), is_usual=False)


def end_of(on: date, zone: ZoneInfo) -> datetime:
    """Until when the post of a day may go out: a greeting is of its day."""
    return datetime.combine(on + timedelta(days=1), time(0), zone)
