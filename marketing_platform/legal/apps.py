from django.apps import AppConfig


class LegalConfig(AppConfig):
    name = "marketing_platform.legal"
    label = "legal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketing_platform.legal import checks  # noqa: F401
