from django.urls import path

from local.intelligence.api import BusinessInsightsView, LocalInsightsView
from local.intelligence.views import insights

urlpatterns = [
    path("insights/", insights.insights, name="local-insights"),
    path("insights/again/", insights.insights_again, name="local-insights-again"),
]
api_urlpatterns = [
    path("intelligence", LocalInsightsView.as_view(), name="api-local-intelligence"),
    path("insights", BusinessInsightsView.as_view(), name="api-local-insights"),
]
