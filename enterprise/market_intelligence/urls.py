"""Pages and API of market intelligence."""

from django.urls import path

from enterprise.market_intelligence import views
from enterprise.market_intelligence.api import EvidenceView, InsightsView, IntelligenceView
from enterprise.market_intelligence.views import first_hour

urlpatterns = [
    path("", views.overview, name="home"),
    path("first/", first_hour.begin, name="enterprise-first"),
    path("first/put-away/", first_hour.put_away, name="enterprise-first-put-away"),
    path("first/<slug:step>/", first_hour.step_page, name="enterprise-first-step"),
    path("insights/", views.insights, name="enterprise-insights"),
    path("insights/assign/", views.assign, name="enterprise-insight-assign"),
    path("insights/comment/", views.comment, name="enterprise-insight-comment"),
    path("insights/snooze/", views.snooze, name="enterprise-insight-snooze"),
    path("insights/recompute/", views.recompute, name="enterprise-insights-recompute"),
    path("insights/runs/<str:run_hash>/", views.evidence, name="enterprise-evidence"),
]
api_urlpatterns = [
    path("intelligence", IntelligenceView.as_view(), name="api-enterprise-intelligence"),
    path("insights", InsightsView.as_view(), name="api-enterprise-insights"),
    path("insights/<str:run_hash>", EvidenceView.as_view(), name="api-enterprise-evidence"),
]
