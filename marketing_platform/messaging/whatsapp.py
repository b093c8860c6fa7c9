"""Messages on WhatsApp from our own line: Meta's Cloud API, approved templates.

Codes: an authentication template with a copy-code or one-tap button, which takes the code twice,
https://developers.facebook.com/docs/whatsapp/business-management-api/authentication-templates
Notices: a utility template whose body is one variable. Errors:
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import logging
from typing import Any

from django.conf import settings

from marketing_platform.messaging.calling import post
from marketing_platform.messaging.contracts import Message
from marketing_platform.messaging.errors import RecipientUnreachable, SenderAway, SenderRefused

logger = logging.getLogger(__name__)
# No WhatsApp there, Meta holds the message back, the number is blocked or in no allowed list.
UNREACHABLE = frozenset({131021, 131026, 131030, 131045, 131047, 131049, 131050, 130472})
LATER = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004})
LONGEST_NOTICE = 1000


class WhatsAppSender:
    name = "whatsapp"
    keeps_text = False

    def send(self, message: Message) -> None:
        """Raises RecipientUnreachable, SenderRefused or SenderAway."""
        url = f"{settings.MESSAGES_WHATSAPP_URL}/{settings.MESSAGES_WHATSAPP_NUMBER_ID}/messages"
        answer = post(
            self.name,
            url,
            headers={"Authorization": f"Bearer {settings.MESSAGES_WHATSAPP_TOKEN}"},
            body={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": message.to_phone.removeprefix("+"),
                "type": "template",
                "template": _template(message),
            },
        )
        if answer.status == 200 and answer.body.get("messages"):
            return
        raise _refusal(answer.status, answer.body.get("error"))


def _template(message: Message) -> dict[str, Any]:
    text = message.code or " ".join(message.text.split())[:LONGEST_NOTICE]
    value = [{"type": "text", "text": text}]
    components: list[dict[str, Any]] = [{"type": "body", "parameters": value}]
    if message.code:
        button = {"type": "button", "sub_type": "url", "index": "0", "parameters": value}
        components.append(button)
    is_code = bool(message.code)
    return {
        "name": settings.MESSAGES_WHATSAPP_CODE_TEMPLATE
        if is_code
        else settings.MESSAGES_WHATSAPP_NOTICE_TEMPLATE,
        "language": {"code": message.language},
        "components": components,
    }


def _refusal(status: int, error: Any) -> Exception:
    code = error.get("code") if isinstance(error, dict) else None
    if code in UNREACHABLE:
        return RecipientUnreachable()
    if code in LATER:
        return SenderAway()
    logger.error("WhatsApp refuses our messages: status %s, error %s", status, code)
    return SenderRefused()
