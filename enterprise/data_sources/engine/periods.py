"""Days, weeks from Monday and calendar months."""

from datetime import date, timedelta

RANK = {"day": 0, "week": 1, "month": 2}


def period_start(day: date, grain: str) -> date:
    if grain == "month":
        return day.replace(day=1)
    return day if grain == "day" else day - timedelta(days=day.weekday())


def next_start(start: date, grain: str) -> date:
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=1 if grain == "day" else 7)


def last_day(start: date, grain: str) -> date:
    """The last day that a row of this grain and date stands for."""
    if grain == "month":
        return next_start(start, "month") - timedelta(days=1)
    return start + timedelta(days=6) if grain == "week" else start


def complete_periods(first: date, last: date, grain: str) -> list[date]:
    """The starts of the periods that lie wholly within both days."""
    start = period_start(first, grain)
    if start < first:
        start = next_start(start, grain)
    found = []
    while next_start(start, grain) <= last + timedelta(days=1):
        found.append(start)
        start = next_start(start, grain)
    return found


def coarsest(grains: set[str], default: str = "day") -> str:
    return max(grains, key=lambda grain: RANK.get(grain, 0), default=default)


def is_coarser(grain: str, than: str) -> bool:
    return RANK.get(grain, 0) > RANK[than]
