from django.apps import AppConfig


class EffectsConfig(AppConfig):
    name = "marketing_platform.effects"
    label = "platform_effects"
    default_auto_field = "django.db.models.BigAutoField"
