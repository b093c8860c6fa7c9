"""Pages of a Local workspace. Today, named `home`, belongs to execution."""

from django.urls import include, path

urlpatterns = [
    path("", include("local.execution.urls")),
    path("", include("local.automation.social_media.urls")),
    path("", include("local.automation.whatsapp.urls")),
    path("", include("local.automation.google_business.urls")),
    path("", include("local.guidance.urls")),
    path("", include("local.customers.urls")),
    path("", include("local.intelligence.urls")),
    path("", include("local.occasions.urls")),
    path("", include("local.business.urls")),
]
