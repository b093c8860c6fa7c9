"""LocalIntelligenceEngine: what is coming for a shop, what its records show, what to do."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from local.business.engine import BusinessFacts
from local.intelligence.engine import (
    LocalInsights,
    LocalInsightsRequest,
    check_request,
    insights_about,
    last_day,
)
from local.intelligence.models import InsightRun
from local.intelligence.selectors import latest_run
from local.intelligence.services import insights_compute
from local.occasions.selectors import occasions_for

__all__ = [
    "BusinessInsights",
    "BusinessInsightsRequest",
    "LocalInsights",
    "LocalInsightsRequest",
    "LocalIntelligenceEngine",
]


@dataclass(frozen=True)
class BusinessInsightsRequest:
    """`today` is the day in India; `is_fresh` computes again even if today's run is there."""

    business: BusinessFacts
    today: date
    now: datetime
    is_fresh: bool = False


@dataclass(frozen=True)
class BusinessInsights:
    """Insights and what is missing, as kept: see engine.contracts for their fields."""

    insights: tuple[dict[str, Any], ...]
    missing: tuple[dict[str, Any], ...]
    as_of: datetime
    run_hash: str
    visits: int
    reviews: int

    def customers_of(self, key: str) -> tuple[UUID, ...]:
        """Whom the insight is about, such as who is due."""
        for row in self.insights:
            if row["key"] == key:
                return tuple(UUID(each) for each in row["customers"])
        return ()


class LocalIntelligenceEngine:
    """Named in the registry; made by the factory."""

    def get_local_insights(self, request: LocalInsightsRequest) -> LocalInsights:
        """The occasions ahead that matter for this category and city.

        Reads the acting workspace's own calendar changes. Raises DaysOutOfRange (1 to 90) or
        DateOutOfRange.
        """
        check_request(request)
        occasions = occasions_for(request.business, request.date, last_day(request))
        return insights_about(request, occasions)

    def get_business_insights(self, request: BusinessInsightsRequest) -> BusinessInsights:
        """What the acting workspace's bills, customers, reviews and hours show.

        Answers today's run, which is computed once a day or when `is_fresh` asks for it.
        """
        run = None if request.is_fresh else latest_run(request.today)
        if run is None:
            run = insights_compute(facts=request.business, today=request.today, now=request.now)
        return _answer(run)


def _answer(run: InsightRun) -> BusinessInsights:
    return BusinessInsights(
        insights=tuple(run.result["insights"]),
        missing=tuple(run.result["missing"]),
        as_of=run.computed_at,
        run_hash=run.inputs_hash,
        visits=run.visits,
        reviews=run.reviews,
    )
