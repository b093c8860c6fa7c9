from typing import Any

from django.utils.translation import gettext
from rest_framework.request import Request


def failure_of(row: Any) -> str:
    if not row.failure_sentence:
        return ""
    text = gettext(row.failure_sentence)
    return text % row.failure_params if row.failure_params else text


def actor_of(request: Request) -> Any:
    """A person, or None behind a key."""
    return getattr(request._request.user, "pk", None)
