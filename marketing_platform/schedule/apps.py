from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "marketing_platform.schedule"
    label = "platform_schedule"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketing_platform.schedule import provisioning, upkeep  # noqa: F401
        from marketing_platform.schedule.registry import handlers_load

        handlers_load()
