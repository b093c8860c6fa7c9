"""Error pages of every host; the API gets problem details instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketing_platform.api.problems import problem_response
from marketing_platform.core.errors import InvalidInput, NotFound, PlatformError, Refused
from marketing_platform.core.support_code import support_code
from marketing_platform.core.text import mark as _


class ServerFault(PlatformError):
    code = "server_error"
    status = 500
    sentence = _("Something failed on our side. We have been told. Please try again.")


class CsrfMissing(Refused):
    code = "csrf_failed"
    sentence = _("Load the page again: its security token is missing or old.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, InvalidInput(), "400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, Refused(), "403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, NotFound(), "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, ServerFault(), "500.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, CsrfMissing(), "403_csrf.html")


def _answer(request: HttpRequest, error: PlatformError, template: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(request, error)
    context = {"support_code": support_code(getattr(request, "request_id", ""))}
    return render(request, template, context, status=error.status)
