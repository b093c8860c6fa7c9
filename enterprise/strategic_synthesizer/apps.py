from django.apps import AppConfig


class EnterpriseStrategicSynthesizerConfig(AppConfig):
    name = "enterprise.strategic_synthesizer"
    label = "enterprise_strategic_synthesizer"
    default_auto_field = "django.db.models.BigAutoField"
