"""The staff admin, on its own host with its own session."""

from django.contrib import admin
from django.urls import path

from marketing_platform.operations.staff_sign_in import staff_sign_in, staff_sign_out
from marketing_platform.urls.shared import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
)
from marketing_platform.urls.shared import urlpatterns as shared_patterns

urlpatterns = [
    *shared_patterns,
    path("login/", staff_sign_in, name="staff_sign_in"),
    path("logout/", staff_sign_out, name="staff_sign_out"),
    path("", admin.site.urls),
]
