from django.apps import AppConfig


class LocalWhatsAppConfig(AppConfig):
    name = "local.automation.whatsapp"
    label = "local_whatsapp"
    default_auto_field = "django.db.models.BigAutoField"
