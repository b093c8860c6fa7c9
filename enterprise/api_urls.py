"""API of an Enterprise workspace, mounted at /api/enterprise/."""

from enterprise.campaign_generator.urls import api_urlpatterns as campaign_generator
from enterprise.data_sources.urls import api_urlpatterns as data_sources
from enterprise.market_intelligence.urls import api_urlpatterns as market_intelligence
from enterprise.optimization_engine.urls import api_urlpatterns as optimization_engine
from enterprise.strategic_synthesizer.urls import api_urlpatterns as strategic_synthesizer

urlpatterns = [
    *data_sources,
    *market_intelligence,
    *optimization_engine,
    *campaign_generator,
    *strategic_synthesizer,
]
