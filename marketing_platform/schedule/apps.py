from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScheduleConfig(AppConfig):
    name = "marketing_platform.schedule"
    label = "platform_schedule"
    verbose_name = _("Machine room")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketing_platform.schedule import provisioning, upkeep  # noqa: F401
        from marketing_platform.schedule.registry import handlers_load

        handlers_load()
