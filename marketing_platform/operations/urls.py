"""Health answers, mounted at /health/ on every host."""

from django.urls import path

from marketing_platform.operations import health

urlpatterns = [
    path("live", health.live, name="health_live"),
    path("ready", health.ready, name="health_ready"),
]
