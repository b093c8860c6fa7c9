from django.apps import AppConfig


class LocalOccasionsConfig(AppConfig):
    name = "local.occasions"
    label = "local_occasions"
    default_auto_field = "django.db.models.BigAutoField"
