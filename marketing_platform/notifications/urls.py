"""The bell's page and API, in both tiers."""

from django.urls import path

from marketing_platform.notifications import views
from marketing_platform.notifications.api import NotificationsView

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/seen/", views.seen, name="notifications-seen"),
    path("notifications/preferences/", views.preferences, name="notifications-preferences"),
]
api_urlpatterns = [path("notifications", NotificationsView.as_view(), name="api-notifications")]
