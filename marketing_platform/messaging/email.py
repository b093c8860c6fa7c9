"""E-mail over SMTP as Django's settings say."""

import logging
import smtplib

from django.core.mail import EmailMessage

from marketing_platform.messaging.contracts import Message
from marketing_platform.messaging.errors import RecipientUnreachable, SenderAway, SenderRefused

logger = logging.getLogger(__name__)
PERMANENT_FROM = 500


class EmailSender:
    name = "email"
    keeps_text = False

    def send(self, message: Message) -> None:
        """Raises RecipientUnreachable, SenderRefused or SenderAway."""
        mail = EmailMessage(
            subject=message.subject or message.text[:80], body=message.text, to=[message.to_email]
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            status = min(code for code, _said in error.recipients.values())
            raise (RecipientUnreachable if status >= PERMANENT_FROM else SenderAway) from None
        except smtplib.SMTPResponseException as error:
            logger.error("the mail server refuses our messages: %s", error.smtp_code)
            raise (SenderRefused if error.smtp_code >= PERMANENT_FROM else SenderAway) from None
        except OSError as error:  # SMTPException too
            logger.warning("the mail server did not answer: %s", type(error).__name__)
            raise SenderAway from None
