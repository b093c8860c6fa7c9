from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "marketing_platform.audit"
    label = "platform_audit"
    default_auto_field = "django.db.models.BigAutoField"
