"""Text messages through MSG91's flow API, with the header and templates registered for DLT.

https://control.msg91.com/apidoc/textsms/send-sms-flow.php: `flow_id` names a template that was
registered at MSG91 together with its DLT template id and our DLT entity id; a call carries the
header (`sender`) and the variables. Errors come with status 200 and "type": "error" as well.
"""

import logging
from typing import Any

from django.conf import settings

from marketing_platform.messaging.calling import post
from marketing_platform.messaging.contracts import Message
from marketing_platform.messaging.errors import RecipientUnreachable, SenderRefused

logger = logging.getLogger(__name__)
# Operators cut what is longer; a notice has its page and its e-mail.
LONGEST_NOTICE = 400
# What MSG91 says of a recipient, in the words of its answers.
OF_RECIPIENT = ("mobile", "blocked", "dnd", "invalid number")


class Msg91Sender:
    name = "sms"
    keeps_text = False

    def send(self, message: Message) -> None:
        """Raises RecipientUnreachable, SenderRefused or SenderAway."""
        answer = post(
            self.name,
            f"{settings.SMS_URL}/api/v5/flow/",
            headers={"authkey": settings.SMS_AUTH_KEY},
            body={
                "flow_id": settings.SMS_CODE_TEMPLATE
                if message.code
                else settings.SMS_NOTICE_TEMPLATE,
                "sender": settings.SMS_HEADER,
                "recipients": [
                    {"mobiles": message.to_phone.removeprefix("+"), **_variables(message)}
                ],
            },
        )
        if answer.status == 200 and answer.body.get("type") == "success":
            return
        raise _refusal(answer.status, answer.body)


def _variables(message: Message) -> dict[str, str]:
    if message.code:
        return {"VAR1": message.code}
    return {"VAR1": " ".join(message.text.split())[:LONGEST_NOTICE]}


def _refusal(status: int, body: dict[str, Any]) -> Exception:
    said = str(body.get("message") or body.get("errors") or "").lower()
    if status not in {401, 403} and any(word in said for word in OF_RECIPIENT):
        return RecipientUnreachable()
    logger.error("MSG91 refuses our messages: status %s, %s", status, said[:120])
    return SenderRefused()
