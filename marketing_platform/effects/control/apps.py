from django.apps import AppConfig


class EffectsControlConfig(AppConfig):
    name = "marketing_platform.effects.control"
    label = "platform_effects_control"
    verbose_name = "What leaves the platform"
    default_auto_field = "django.db.models.BigAutoField"
