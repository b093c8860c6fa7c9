"""Sending codes and notices to our own users."""

from django.conf import settings

from marketing_platform.core import clock
from marketing_platform.messaging.contracts import Message, Messenger
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.tiers.contracts import resolve


def message_send(
    *,
    text: str,
    kind: str,
    to_phone: str | None = None,
    to_email: str | None = None,
    subject: str = "",
    language: str = "en",
    code: str = "",
) -> OutgoingMessage:
    """Send now and remember that it was sent. Raises OutsideFailure when the sender cannot."""
    sender: Messenger = resolve(settings.MESSENGER)()
    message = Message(
        kind=kind,
        language=language,
        subject=subject,
        text=text,
        to_phone=to_phone or "",
        to_email=to_email or "",
        code=code,
    )
    sender.send(message)
    return OutgoingMessage.objects.create(
        to_phone=message.to_phone,
        to_email=message.to_email,
        kind=kind,
        language=language,
        subject=subject if sender.keeps_text else "",
        text=text if sender.keeps_text else "",
        sender=sender.name,
        sent_at=clock.now(),
    )
