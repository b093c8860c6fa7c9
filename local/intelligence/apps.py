from django.apps import AppConfig


class LocalIntelligenceConfig(AppConfig):
    name = "local.intelligence"
    label = "local_intelligence"
    default_auto_field = "django.db.models.BigAutoField"
