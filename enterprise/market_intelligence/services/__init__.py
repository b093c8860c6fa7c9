"""Computing and keeping insights, and what people do with them."""

from enterprise.market_intelligence.services.care import (
    finding_assign,
    finding_comment,
    finding_snooze,
)
from enterprise.market_intelligence.services.refresh import feed_refresh
from enterprise.market_intelligence.services.runs import analysis_store, run_store
from enterprise.market_intelligence.services.starting import feed_ready, feed_retry

__all__ = [
    "analysis_store",
    "feed_ready",
    "feed_refresh",
    "feed_retry",
    "finding_assign",
    "finding_comment",
    "finding_snooze",
    "run_store",
]
