from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "marketing_platform.media"
    label = "platform_media"
    default_auto_field = "django.db.models.BigAutoField"
