from django.apps import AppConfig


class LocalExecutionConfig(AppConfig):
    name = "local.execution"
    label = "local_execution"
    default_auto_field = "django.db.models.BigAutoField"
