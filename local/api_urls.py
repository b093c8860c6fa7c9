"""API of a Local workspace, mounted at /api/local/; features list theirs as `api_urlpatterns`."""

from local.automation.google_business.urls import api_urlpatterns as google_business
from local.automation.social_media.urls import api_urlpatterns as social_media
from local.automation.whatsapp.urls import api_urlpatterns as whatsapp
from local.customers.urls import api_urlpatterns as customers
from local.execution.urls import api_urlpatterns as execution
from local.guidance.urls import api_urlpatterns as guidance
from local.intelligence.urls import api_urlpatterns as intelligence

urlpatterns = [
    *customers,
    *guidance,
    *social_media,
    *whatsapp,
    *google_business,
    *intelligence,
    *execution,
]
