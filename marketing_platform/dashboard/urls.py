"""Pages of a workspace that both tiers share."""

from django.urls import path

from marketing_platform.dashboard import views

urlpatterns = [
    path("settings/", views.settings_home, name="settings"),
    path("settings/team/", views.team, name="team"),
    path("settings/api-keys/", views.api_keys, name="api_keys"),
    path("settings/api-keys/<uuid:key_id>/revoke/", views.api_key_revoke, name="api_key_revoke"),
]
