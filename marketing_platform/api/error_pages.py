"""Errors that a page's view let through: answered with their own status and sentence."""

import logging
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext
from redis.exceptions import (
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    TimeoutError,
)

from marketing_platform.api.errors import ServiceAway
from marketing_platform.api.problems import problem_response, sentence_of, title_of, with_headers
from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.core.support_code import support_code
from marketing_platform.core.text import mark as _

logger = logging.getLogger(__name__)
# Redis is away or takes no writes; its other errors are mistakes of ours.
REDIS_AWAY = (ConnectionError, TimeoutError, OutOfMemoryError, ReadOnlyError)


class WayClosed(PlatformError):
    code = "method_not_allowed"
    status = 405
    sentence = _("This address belongs to a button. Go back and press the button again.")


class PlatformErrorMiddleware:
    """Stands last, nearest to the views. Every other exception goes on to Django's 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_bare = isinstance(response, HttpResponseNotAllowed) and not response.content
        if is_bare and not request.path_info.startswith("/api/"):
            page = error_answer(request, WayClosed())
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, REDIS_AWAY):
            logger.error("Redis is away: %s", exception)
            exception = ServiceAway()
        # Django's admin passes ids on unread: what is no id fails below it, in the model's field.
        if isinstance(exception, ValidationError) and request.host_kind == "admin":
            exception = InvalidInput()
        return error_answer(request, exception) if isinstance(exception, PlatformError) else None


def error_answer(request: HttpRequest, error: PlatformError) -> HttpResponse:
    """A problem under /api/, elsewhere a page."""
    if request.path_info.startswith("/api/"):
        return problem_response(request, error)
    context = {
        "status": error.status,
        "title": gettext(title_of(error.status)),
        "sentence": sentence_of(error),
        "support_code": support_code(getattr(request, "request_id", "")),
    }
    response = render(request, "platform_error.html", context, status=error.status)
    return with_headers(response, error)
