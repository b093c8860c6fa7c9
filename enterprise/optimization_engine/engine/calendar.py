"""Indian festivals as weekly columns: the share of each week that lies in a festival's days.

Dates are of the `holidays` package (national days and the festivals it lists for India); how many
days before a festival people shop is ours: the fortnight before Diwali, the nine nights before
Dussehra, the last week of the financial year. A festival with fewer than two occurrences in the
weeks is left out: once is not a pattern.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np

# festival → (part of its name in the package, days before, days after)
WINDOWS = {
    "diwali": ("Diwali", 14, 2),
    "dussehra": ("Dussehra", 9, 0),
    "holi": ("Holi", 5, 0),
    "eid": ("Eid al-Fitr", 7, 1),
    "raksha_bandhan": ("Raksha Bandhan", 6, 0),
    "christmas": ("Christmas", 5, 6),
    "independence_day": ("Independence Day", 5, 2),
    "republic_day": ("Republic Day", 5, 2),
}
YEAR_END = (3, 25, 31)
LEAST_OCCURRENCES = 2
DAYS = 7


def festival_columns(weeks: Sequence[date]) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and (n, k) shares of the weeks that begin on ``weeks``."""
    found = {}
    years = range(weeks[0].year, weeks[-1].year + 2)
    for name, (part, before, after) in WINDOWS.items():
        days = [
            (on - timedelta(days=before), on + timedelta(days=after))
            for on in _dates(part, tuple(years))
        ]
        found[name] = [sum(_overlap(week, *window) for window in days) / DAYS for week in weeks]
    month, first, last = YEAR_END
    ends = [(date(year, month, first), date(year, month, last)) for year in years]
    found["year_end"] = [sum(_overlap(week, *window) for window in ends) / DAYS for week in weeks]
    kept = {
        name: column for name, column in found.items() if _occurrences(column) >= LEAST_OCCURRENCES
    }
    columns = np.array(list(kept.values())).T if kept else np.zeros((len(weeks), 0))
    return tuple(kept), columns


def window_share(week: date, first_on: date, last_on: date) -> float:
    """Share of the seven days from ``week`` on that lie between two dates, both included."""
    return _overlap(week, first_on, last_on) / DAYS


def _overlap(week: date, first_on: date, last_on: date) -> int:
    last = min(week + timedelta(days=DAYS - 1), last_on)
    return max(0, (last - max(week, first_on)).days + 1)


def _occurrences(column: Sequence[float]) -> int:
    is_on = np.array(column) > 0
    return int(is_on[0]) + int((is_on[1:] & ~is_on[:-1]).sum())


@cache
def _dates(part: str, years: tuple[int, ...]) -> tuple[date, ...]:
    days = holidays.country_holidays("IN", years=years, categories=("public", "optional"))
    named = sorted(day for day, name in days.items() if _is_named(name, part))
    first_of_year = {day.year: day for day in reversed(named)}
    return tuple(sorted(first_of_year.values()))


def _is_named(name: str, part: str) -> bool:
    return any(one.strip() in (part, f"{part} (estimated)") for one in name.split(";"))
