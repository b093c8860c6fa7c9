"""LocalIntelligenceEngine: what is coming for a shop, and what to do about it."""

from local.intelligence.engine import (
    LocalInsights,
    LocalInsightsRequest,
    check_request,
    insights_about,
    last_day,
)
from local.occasions.selectors import occasions_for

__all__ = ["LocalInsights", "LocalInsightsRequest", "LocalIntelligenceEngine"]


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
