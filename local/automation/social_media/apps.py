from django.apps import AppConfig


class LocalSocialMediaConfig(AppConfig):
    name = "local.automation.social_media"
    label = "local_social_media"
    default_auto_field = "django.db.models.BigAutoField"
