"""Days of a campaign: first and last, Indian holidays, a review each second week."""

from collections.abc import Sequence
from datetime import date, timedelta

import holidays

from enterprise.campaign_generator.engine.contracts import Event

REVIEW_EVERY_WEEKS = 2


def events(weeks: Sequence[date], language: str = "en") -> tuple[Event, ...]:
    """In order of days. Holiday names in en or hi, from the `holidays` package."""
    first, last = weeks[0], weeks[-1] + timedelta(days=6)
    days = holidays.country_holidays(
        "IN",
        years=range(first.year, last.year + 1),
        categories=("public", "optional"),
        language="hi" if language == "hi" else "en_IN",
    )
    found = [Event(first, "start"), Event(last, "end")]
    found += [Event(on, "holiday", name) for on, name in days.items() if first <= on <= last]
    found += [Event(week, "review") for week in weeks[REVIEW_EVERY_WEEKS::REVIEW_EVERY_WEEKS]]
    return tuple(sorted(found, key=lambda event: (event.on, event.kind != "start", event.kind)))
