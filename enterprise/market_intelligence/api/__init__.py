"""API of market intelligence."""

from enterprise.market_intelligence.api.insights import EvidenceView, InsightsView
from enterprise.market_intelligence.api.intelligence import IntelligenceView

__all__ = ["EvidenceView", "InsightsView", "IntelligenceView"]
