"""What allauth may do here: password reset by mail through our Messenger; no open sign-up."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from marketing_platform.messaging.background import send_without_waiting
from marketing_platform.messaging.services import message_send
from marketing_platform.users.sessions import sessions_end


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        subject = render_to_string(f"{template_prefix}_subject.txt", context).strip()
        text = render_to_string(f"{template_prefix}_message.txt", context)
        send = partial(
            message_send,
            to_email=email,
            subject=" ".join(subject.split()),
            text=text,
            kind="account",
        )
        send_without_waiting(send)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our public address, whatever Host the request named."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.PUBLIC_URL}{path}"

    def set_password(self, user: Any, password: str) -> None:
        super().set_password(user, password)
        sessions_end(user)
