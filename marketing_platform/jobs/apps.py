from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "marketing_platform.jobs"
    label = "platform_jobs"
    default_auto_field = "django.db.models.BigAutoField"
