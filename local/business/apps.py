from django.apps import AppConfig


class LocalBusinessConfig(AppConfig):
    name = "local.business"
    label = "local_business"
    default_auto_field = "django.db.models.BigAutoField"
