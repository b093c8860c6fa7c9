from django.apps import AppConfig


class LocalGuidanceConfig(AppConfig):
    name = "local.guidance"
    label = "local_guidance"
    default_auto_field = "django.db.models.BigAutoField"
