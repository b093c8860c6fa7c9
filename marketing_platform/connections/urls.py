"""Connected accounts of a workspace, in both tiers; and the address that providers know."""

from django.urls import path

from marketing_platform.connections import views
from marketing_platform.connections.api import ConnectionsView
from marketing_platform.connections.callback import callback

BASE = "settings/connections/"
urlpatterns = [
    path(BASE, views.connections, name="connections"),
    path(f"{BASE}choose/<uuid:choice_id>/", views.choose, name="connection-choose"),
    path(f"{BASE}<slug:provider>/connect/", views.connect, name="connection-connect"),
    path(f"{BASE}<slug:provider>/complete/", views.complete, name="connection-complete"),
    path(f"{BASE}<slug:provider>/token/", views.token, name="connection-token"),
    path(f"{BASE}<uuid:connection_id>/test/", views.connection_test, name="connection-test"),
    path(f"{BASE}<uuid:connection_id>/disconnect/", views.disconnect, name="connection-disconnect"),
]
api_urlpatterns = [path("connections", ConnectionsView.as_view(), name="api-connections")]
public_urlpatterns = [path("connect/<slug:provider>/", callback, name="connection-callback")]
