from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "marketing_platform.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketing_platform.messaging import checks  # noqa: F401
