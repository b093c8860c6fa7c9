"""One id for everything that happens because of one request: log lines, errors, the answer."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_ACCEPTED = re.compile(r"^[A-Za-z0-9-]{8,64}$")

current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def current_request_id() -> str:
    """The id of the request being answered, or an empty string outside one."""
    return getattr(current_request.get(), "request_id", "")


class RequestIdMiddleware:
    """Sets `request.request_id` and the response header. Stands first in MIDDLEWARE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = accepted_or_new(request.headers.get(HEADER, ""))
        before = current_request.set(request)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(before)
        response.headers[HEADER] = request.request_id
        return response


def accepted_or_new(offered: str) -> str:
    """The caller's id when it is safe to write into a log, else a new one."""
    return offered if _ACCEPTED.fullmatch(offered) else uuid.uuid4().hex
