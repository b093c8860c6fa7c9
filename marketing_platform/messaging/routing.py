"""The sender of production: e-mail by mail, numbers by WhatsApp and then by text message."""

from django.conf import settings

from marketing_platform.core.errors import OutsideFailure
from marketing_platform.messaging.contracts import Message, Messenger
from marketing_platform.messaging.email import EmailSender
from marketing_platform.messaging.errors import SenderRefused
from marketing_platform.messaging.sms import Msg91Sender
from marketing_platform.messaging.whatsapp import WhatsAppSender


class RoutingSender:
    """After sending, `name` says which way it went."""

    name = "routing"
    keeps_text = False

    def send(self, message: Message) -> None:
        """Tries one way after the other. Raises what the last one said."""
        refused: OutsideFailure = SenderRefused()
        for sender in _ways(message):
            try:
                sender.send(message)
            except OutsideFailure as error:
                refused = error
            else:
                self.name = sender.name
                return
        raise refused


def _ways(message: Message) -> list[Messenger]:
    if message.to_email:
        return [EmailSender()]
    whatsapp = (
        settings.MESSAGES_WHATSAPP_NOTICE_TEMPLATE,
        settings.MESSAGES_WHATSAPP_CODE_TEMPLATE,
    )
    sms = (settings.SMS_NOTICE_TEMPLATE, settings.SMS_CODE_TEMPLATE)
    ways: list[tuple[bool, Messenger]] = [
        (bool(settings.MESSAGES_WHATSAPP_TOKEN and whatsapp[bool(message.code)]), WhatsAppSender()),
        (bool(settings.SMS_AUTH_KEY and sms[bool(message.code)]), Msg91Sender()),
    ]
    return [sender for is_set, sender in ways if is_set]
