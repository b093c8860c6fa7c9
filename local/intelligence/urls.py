from django.urls import path

from local.intelligence import views
from local.intelligence.api import LocalInsightsView

urlpatterns = [path("insights/", views.insights, name="local-insights")]
api_urlpatterns = [
    path("intelligence", LocalInsightsView.as_view(), name="api-local-intelligence"),
]
