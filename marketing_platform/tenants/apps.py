from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    name = "marketing_platform.tenants"
    label = "tenants"
    verbose_name = _("All clients")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The kernel's first app brings up Celery, so that tasks can be sent by name from anywhere.
        from marketing_platform import celery  # noqa: F401
        from marketing_platform.tenants import checks  # noqa: F401
