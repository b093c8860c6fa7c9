from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "marketing_platform.connections"
    label = "platform_connections"
    default_auto_field = "django.db.models.BigAutoField"
