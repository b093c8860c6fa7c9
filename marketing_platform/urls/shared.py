"""What every host serves: health, language, signed files, static files, error pages."""

from django.urls import include, path

from marketing_platform.dashboard.language import set_language
from marketing_platform.onboarding import found

handler400 = "marketing_platform.dashboard.errors.bad_request"
handler403 = "marketing_platform.dashboard.errors.forbidden"
handler404 = "marketing_platform.dashboard.errors.not_found"
handler500 = "marketing_platform.dashboard.errors.server_error"

urlpatterns = [
    path("health/", include("marketing_platform.operations.urls")),
    path("language/", set_language, name="set_language"),
    path("manifest.webmanifest", found.manifest, name="manifest"),
    path("icon-<int:size>.png", found.icon, name="icon"),
    path("media/", include("marketing_platform.media.urls")),
]
