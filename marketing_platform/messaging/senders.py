"""Senders. Development prints to the console and keeps the text for the inbox page."""

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketing_platform.messaging.contracts import Message

logger = logging.getLogger("messages")


class ConsoleSender:
    """Prints what would be sent. Refused where the development inbox is off (production)."""

    name = "console"
    keeps_text = True

    def __init__(self) -> None:
        if not settings.SHOW_DEVELOPMENT_INBOX:
            raise ImproperlyConfigured("Set MESSENGER to a real sender: codes would go nowhere.")

    def send(self, message: Message) -> None:
        logger.info("to %s: %s", message.to_phone or message.to_email, message.text)
