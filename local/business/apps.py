from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocalBusinessConfig(AppConfig):
    name = "local.business"
    label = "local_business"
    verbose_name = _("Local businesses")
    default_auto_field = "django.db.models.BigAutoField"
