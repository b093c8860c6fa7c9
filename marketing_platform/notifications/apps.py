from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "marketing_platform.notifications"
    label = "platform_notifications"
    default_auto_field = "django.db.models.BigAutoField"
