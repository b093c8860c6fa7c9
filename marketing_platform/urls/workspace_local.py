"""The URL map of Local workspaces."""

from marketing_platform.urls.workspace import (  # noqa: F401
    handler400,
    handler403,
    handler404,
    handler500,
    patterns_for,
)

urlpatterns = patterns_for("local")
