import logging.config

from django.apps import AppConfig
from django.conf import settings


class OperationsConfig(AppConfig):
    name = "marketing_platform.operations"
    label = "platform_operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here and not by Django (LOGGING_CONFIG is None), so that its own handlers are not added.
        logging.config.dictConfig(settings.LOGGING)
        from marketing_platform.operations import task_log  # noqa: F401
