from django.apps import AppConfig


class LocalGoogleBusinessConfig(AppConfig):
    name = "local.automation.google_business"
    label = "local_google_business"
    default_auto_field = "django.db.models.BigAutoField"
