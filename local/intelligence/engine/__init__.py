"""Insights for a shop: the days ahead, and what its own bills, customers and reviews show."""

from local.intelligence.engine.ahead import (
    MOST_DAYS,
    LocalInsights,
    LocalInsightsRequest,
    NotEnough,
    OccasionInsight,
    check_request,
    insights_about,
    last_day,
)

__all__ = [
    "MOST_DAYS",
    "LocalInsights",
    "LocalInsightsRequest",
    "NotEnough",
    "OccasionInsight",
    "check_request",
    "insights_about",
    "last_day",
]
