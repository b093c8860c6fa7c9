"""Pages of an Enterprise workspace. Overview, named `home`, belongs to market intelligence."""

from django.urls import include, path

urlpatterns = [
    path("", include("enterprise.market_intelligence.urls")),
    path("", include("enterprise.optimization_engine.urls")),
    path("", include("enterprise.campaign_generator.urls")),
    path("", include("enterprise.strategic_synthesizer.urls")),
    path("", include("enterprise.data_sources.urls")),
    path("", include("enterprise.clients.urls")),
]
