"""Computing and keeping insights, and what people do with them."""

from enterprise.market_intelligence.services.care import (
    finding_assign,
    finding_comment,
    finding_snooze,
)
from enterprise.market_intelligence.services.first_hour import (
    first_hour_put_away,
    first_hour_take_up,
    step_settle,
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
    "first_hour_put_away",
    "first_hour_take_up",
    "run_store",
    "step_settle",
]
