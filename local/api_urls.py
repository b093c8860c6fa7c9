"""API of a Local workspace, mounted at /api/local/; features list theirs as `api_urlpatterns`."""

from local.automation.social_media.urls import api_urlpatterns as social_media
from local.intelligence.urls import api_urlpatterns as intelligence

urlpatterns = [*social_media, *intelligence]
