"""Mounted at /media/ on every host."""

from django.urls import path

from marketing_platform.media.views import signed

urlpatterns = [path("signed/<str:token>", signed, name="media_signed")]
