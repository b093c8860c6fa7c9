"""A real sender without its settings is noticed before anybody waits for a code."""

from django.conf import settings
from django.core import checks

from marketing_platform.tiers.registry import deployed

WHATSAPP = (
    "MESSAGES_WHATSAPP_NUMBER_ID",
    "MESSAGES_WHATSAPP_TOKEN",
    "MESSAGES_WHATSAPP_CODE_TEMPLATE",
)
SMS = ("SMS_AUTH_KEY", "SMS_HEADER", "SMS_CODE_TEMPLATE")
EMAIL = ("EMAIL_HOST", "DEFAULT_FROM_EMAIL")
OF_SENDER = {
    "WhatsAppSender": WHATSAPP,
    "Msg91Sender": SMS,
    "EmailSender": EMAIL,
    "RoutingSender": EMAIL,
}


@checks.register(checks.Tags.security)
def sender_is_set(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    name = settings.MESSENGER.rpartition(".")[2]
    missing = _empty(OF_SENDER.get(name, ()))
    if name == "RoutingSender":
        for group in (WHATSAPP, SMS):
            empty = _empty(group)
            missing += empty if len(empty) < len(group) else []
        if "local" in deployed() and _empty(WHATSAPP) and _empty(SMS) and not missing:
            missing = [WHATSAPP[1], SMS[0]]
    return [
        checks.Error(
            f"{setting} is empty, and MESSENGER is {name}.",
            hint="Codes would go nowhere. For numbers, WhatsApp or SMS must be complete.",
            id="messaging.E001",
        )
        for setting in missing
    ]


def _empty(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not getattr(settings, name).strip()]
