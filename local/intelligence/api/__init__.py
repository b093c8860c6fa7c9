from local.intelligence.api.days_ahead import LocalInsightsView
from local.intelligence.api.own_records import BusinessInsightsView

__all__ = ["BusinessInsightsView", "LocalInsightsView"]
