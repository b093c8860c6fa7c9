"""All insights from a shop's own records together, and how they are kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from local.intelligence.engine.busy_hours import busy_hours
from local.intelligence.engine.contracts import GRADES, Insight, Missing, Review, Visit
from local.intelligence.engine.hours_risk import Holiday, hours_risk
from local.intelligence.engine.rating import rating
from local.intelligence.engine.review_aspects import what_reviews_say
from local.intelligence.engine.segments import due_for_visit, slipping_away, who_comes

# One for all: a change of any formula makes other runs of the same records.
VERSION = "own_records/2"
# What is lost soonest stands first among equals.
ORDER = ("hours_risk", "due", "slipping", "reviews", "busy_hours", "rating", "segments")


@dataclass(frozen=True)
class Hours:
    """What Google shows: see hours_risk."""

    is_known: bool
    has_regular_hours: bool
    special_days: frozenset[date]


@dataclass(frozen=True)
class OwnRecords:
    """Everything the insights rest on."""

    category: str
    visits: Sequence[Visit]
    reviews: Sequence[Review]
    holidays: Sequence[Holiday]
    hours: Hours


def own_insights(records: OwnRecords, *, today: date) -> tuple[list[Insight], list[Missing]]:
    """What can be said today, the surest first, and what cannot."""
    customers = {"category": records.category, "today": today}
    answers: Iterable[Insight | Missing | None] = (
        busy_hours(records.visits),
        who_comes(records.visits, **customers),
        due_for_visit(records.visits, **customers),
        slipping_away(records.visits, **customers),
        what_reviews_say(records.reviews, today=today),
        rating(records.reviews, today=today),
        hours_risk(
            records.holidays,
            is_known=records.hours.is_known,
            has_regular_hours=records.hours.has_regular_hours,
            special_days=records.hours.special_days,
            today=today,
        ),
    )
    found, missing = [], []
    for answer in answers:
        if isinstance(answer, Insight):
            found.append(answer)
        elif answer is not None:
            missing.append(answer)
    found.sort(key=lambda each: (GRADES.index(each.grade), ORDER.index(each.key)))
    return found, missing


def inputs_hash(records: OwnRecords, *, today: date) -> str:
    """The same for the same records on the same day."""
    digest = hashlib.sha256(f"{VERSION}\n{today}\n{records.category}\n".encode())
    for visit in sorted(records.visits, key=_visit_key):
        digest.update(repr(_visit_key(visit)).encode())
    for review in sorted(records.reviews, key=lambda each: each.id):
        digest.update(repr((review.id, review.stars, review.text, review.replied_at)).encode())
    digest.update(repr(sorted((each.slug, each.on) for each in records.holidays)).encode())
    hours = records.hours
    days = sorted(hours.special_days)
    digest.update(repr((hours.is_known, hours.has_regular_hours, days)).encode())
    return digest.hexdigest()[:32]


def _visit_key(visit: Visit) -> tuple[Any, ...]:
    return (
        visit.happened_at.isoformat(),
        str(visit.customer_id),
        visit.amount_paise or 0,
        visit.has_time,
    )


def as_json(answer: Insight | Missing) -> dict[str, Any]:
    """Plain JSON, with the days as ISO dates and the customers as texts."""
    row: dict[str, Any] = json.loads(json.dumps(_plain(asdict(answer)), default=str))
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
