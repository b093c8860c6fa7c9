"""API of an Enterprise workspace, mounted at /api/enterprise/."""

from enterprise.market_intelligence.urls import api_urlpatterns

urlpatterns = [*api_urlpatterns]
