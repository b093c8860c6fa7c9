import logging.config

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.models.signals import post_migrate


class OperationsConfig(AppConfig):
    name = "marketing_platform.operations"
    label = "platform_operations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Here and not by Django (LOGGING_CONFIG is None), so that its own handlers are not added.
        logging.config.dictConfig(settings.LOGGING)
        from marketing_platform.operations import task_log  # noqa: F401
        from marketing_platform.operations.staff_groups import groups_after_migrate

        # By then every permission is there: they are made app by app, and ours ask first.
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(groups_after_migrate, sender=last)
