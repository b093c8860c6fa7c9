"""Overview, Insights, their evidence, and what people do with findings."""

from enterprise.market_intelligence.views.care import assign, comment, recompute, snooze
from enterprise.market_intelligence.views.evidence import evidence
from enterprise.market_intelligence.views.feed import insights, overview

__all__ = ["assign", "comment", "evidence", "insights", "overview", "recompute", "snooze"]
