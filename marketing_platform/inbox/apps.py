from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "marketing_platform.inbox"
    label = "inbox"
    verbose_name = _("Webhook events")
    default_auto_field = "django.db.models.BigAutoField"
