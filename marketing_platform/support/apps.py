from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "marketing_platform.support"
    label = "support"
    verbose_name = _("Help")
    default_auto_field = "django.db.models.BigAutoField"
