"""Pages and API of market intelligence."""

from django.urls import path

from enterprise.market_intelligence import views
from enterprise.market_intelligence.api import IntelligenceView

urlpatterns = [
    path("", views.overview, name="home"),
    path("insights/", views.insights, name="enterprise-insights"),
]
api_urlpatterns = [
    path("intelligence", IntelligenceView.as_view(), name="api-enterprise-intelligence"),
]
