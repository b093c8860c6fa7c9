"""Insights about the days ahead, for one business. Plain Python.

Each insight says what is coming, how long it takes to get ready, why it matters to this category
in this city, and one thing to do. Nothing here is measured from the business's own sales; what
that would need stands in `not_enough`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from local.business.engine import CATEGORIES, CITIES, BusinessFacts
from local.intelligence.errors import DateOutOfRange, DaysOutOfRange
from local.occasions.engine import DATED_THROUGH, Occasion

CONTENT = Path(__file__).parents[1] / "content"
MOST_DAYS = 90
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2035, 12, 31)
MAIN_DAY = 3
KINDS_OF_ASSUMPTION = ("season",)


@dataclass(frozen=True)
class LocalInsightsRequest:
    """The `days` days from `date` on, for one business; sentences in `language`."""

    business: BusinessFacts
    date: date
    days: int = 30
    language: str = "en"


@dataclass(frozen=True)
class OccasionInsight:
    """One occasion ahead.

    `days_left` is 0 on the day and while it lasts. `days_to_prepare` is what the work takes and
    `prepare_by` the day to begin. `weight` is 1 to 3. `grade`: A, a published date and a main
    day for the trade; B, one of the two; C, neither.
    """

    occasion: str
    name: str
    names: Mapping[str, str] = field(hash=False)
    kind: str
    scope: str
    date: date
    ends_on: date
    certain: bool
    date_note: str
    days_left: int
    days_to_prepare: int
    prepare_by: date
    weight: int
    grade: str
    offers_allowed: bool
    reason: str
    action: str


@dataclass(frozen=True)
class NotEnough:
    """What cannot be said yet, and what it needs."""

    subject: str
    needs: str


@dataclass(frozen=True)
class LocalInsights:
    date: date
    days: int
    insights: tuple[OccasionInsight, ...]
    not_enough: tuple[NotEnough, ...]


def check_request(request: LocalInsightsRequest) -> None:
    """Raises DaysOutOfRange or DateOutOfRange."""
    if not 1 <= request.days <= MOST_DAYS:
        raise DaysOutOfRange(field="days", most=MOST_DAYS)
    if not FIRST_DAY <= request.date <= LAST_DAY:
        raise DateOutOfRange(field="date", first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat())


def last_day(request: LocalInsightsRequest) -> date:
    return request.date + timedelta(days=request.days - 1)


def insights_about(request: LocalInsightsRequest, occasions: Iterable[Occasion]) -> LocalInsights:
    """Insights in the order of their days, the more important first; seasons under way last."""
    found = [_insight(request, each) for each in occasions]
    found.sort(key=lambda each: _order(request, each))
    return LocalInsights(
        date=request.date,
        days=request.days,
        insights=tuple(found),
        not_enough=_not_enough(request),
    )


def _order(request: LocalInsightsRequest, insight: OccasionInsight) -> tuple:
    is_under_way = insight.kind == "season" and insight.date < request.date
    return is_under_way, insight.days_left, -insight.weight, insight.date, insight.occasion


def _insight(request: LocalInsightsRequest, occasion: Occasion) -> OccasionInsight:
    category = request.business.category
    weight = occasion.weight_for(category)
    to_prepare = occasion.preparation_for(category)
    return OccasionInsight(
        occasion=occasion.slug,
        name=occasion.name_in(request.language),
        names=occasion.names,
        kind=occasion.kind,
        scope=occasion.scope,
        date=occasion.date,
        ends_on=occasion.ends_on,
        certain=occasion.certain,
        date_note=occasion.date_note_in(request.language),
        days_left=max(0, (occasion.date - request.date).days),
        days_to_prepare=to_prepare,
        prepare_by=occasion.date - timedelta(days=to_prepare),
        weight=weight,
        grade=_grade(occasion, weight),
        offers_allowed=occasion.offers_allowed,
        reason=_filled(f"reason.{_reason_key(occasion, weight)}", request, occasion),
        action=_filled(f"action.{_action_key(occasion, weight, category)}", request, occasion),
    )


def _grade(occasion: Occasion, weight: int) -> str:
    is_published = occasion.kind not in KINDS_OF_ASSUMPTION and "assumption" not in occasion.source
    return "CBA"[is_published + (weight == MAIN_DAY)]


def _reason_key(occasion: Occasion, weight: int) -> str:
    if occasion.is_own:
        return "own"
    return f"festive_{weight}" if occasion.kind == "festive" else occasion.kind


def _action_key(occasion: Occasion, weight: int, category: str) -> str:
    if occasion.kind in ("solemn", "civic"):
        return occasion.kind
    return CATEGORIES[category].group if weight > 1 else "greeting"


def _filled(key: str, request: LocalInsightsRequest, occasion: Occasion) -> str:
    room, name = key.split(".")
    language = request.language
    category = CATEGORIES[request.business.category].names[language]
    return _sentences()[room][name][language].format(
        occasion=occasion.name_in(language),
        city=CITIES[request.business.city].names[language],
        category=category.lower() if language == "en" else category,
    )


def _not_enough(request: LocalInsightsRequest) -> tuple[NotEnough, ...]:
    rows = _sentences()["not_enough"]
    missing = [NotEnough("festival_effect", rows["festival_effect"][request.language])]
    if last_day(request) > DATED_THROUGH:
        needs = rows["later_dates"][request.language].format(day=DATED_THROUGH.isoformat())
        missing.append(NotEnough("later_dates", needs))
    return tuple(missing)


@cache
def _sentences() -> dict:
    return tomllib.loads((CONTENT / "sentences.toml").read_text(encoding="utf-8"))
