from django.apps import AppConfig


class EnterpriseClientsConfig(AppConfig):
    name = "enterprise.clients"
    label = "enterprise_clients"
    default_auto_field = "django.db.models.BigAutoField"
