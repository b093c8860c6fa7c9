"""Errors as RFC 9457 problem details: every answer has a code, a sentence and the request id."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response

from marketing_platform.core.errors import LimitReached, PlatformError
from marketing_platform.core.support_code import support_code
from marketing_platform.core.text import mark as _

CONTENT_TYPE = "application/problem+json"
# Parameters of sentences that are our own words, to be translated like the sentence.
OUR_WORDS = {"limit", "state", "tier"}
TITLES = {
    400: _("Please correct the request"),
    401: _("Not signed in"),
    402: _("Payment needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Not acceptable"),
    409: _("Conflict"),
    413: _("Too large"),
    415: _("Wrong content type"),
    422: _("Cannot be processed"),
    429: _("Too many requests"),
    500: _("Something failed on our side"),
    502: _("Another service failed"),
    503: _("Not ready"),
}


def problem_body(
    request: HttpRequest, *, status: int, code: str, detail: str, **extra: Any
) -> dict[str, Any]:
    return {
        "type": f"urn:problem-type:{code}",
        "title": gettext(title_of(status)),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        "support_code": support_code(getattr(request, "request_id", "")),
        **extra,
    }


def title_of(status: int) -> str:
    return TITLES.get(status, TITLES[400])


def sentence_of(error: PlatformError) -> str:
    """The error's sentence in the reader's language."""
    sentence = gettext(error.sentence)
    params = {
        name: gettext(value) if name in OUR_WORDS and isinstance(value, str) else value
        for name, value in error.params.items()
    }
    return sentence % params if params else sentence


def _of_platform(request: HttpRequest, error: PlatformError) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if error.field:
        extra["field"] = error.field
        extra["errors"] = [{"field": error.field, "detail": sentence_of(error)}]
    if isinstance(error, LimitReached):
        extra["limit"] = error.limit
    return problem_body(
        request, status=error.status, code=error.code, detail=sentence_of(error), **extra
    )


def problem_response(request: HttpRequest, error: PlatformError) -> HttpResponse:
    """For middleware and plain views."""
    response = JsonResponse(
        _of_platform(request, error), status=error.status, content_type=CONTENT_TYPE
    )
    return with_headers(response, error)


def with_headers(response: Any, error: Exception) -> Any:
    """When to try again, how to sign in: what HTTP says beside the body."""
    if isinstance(error, LimitReached):
        response["Retry-After"] = str(error.retry_after)
    if getattr(response, "status_code", 0) == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every expected exception becomes a problem; others go on to Django's 500."""
    request = context["request"]
    if isinstance(error, PlatformError):
        body = _of_platform(request, error)
    elif isinstance(error, exceptions.ValidationError):
        body = problem_body(
            request,
            status=400,
            code="invalid_input",
            detail=gettext("Please correct the fields listed in errors."),
            errors=list(_flatten(error.detail)),
        )
    elif isinstance(error, exceptions.APIException):
        body = problem_body(
            request, status=error.status_code, code=error.default_code, detail=str(error.detail)
        )
    elif isinstance(error, Http404):
        body = problem_body(request, status=404, code="not_found", detail=gettext("Not found"))
    elif isinstance(error, PermissionDenied):
        body = problem_body(request, status=403, code="refused", detail=gettext("Not allowed"))
    elif isinstance(error, RequestDataTooBig):
        body = problem_body(
            request, status=413, code="too_large", detail=gettext("The request body is too large.")
        )
    else:
        return None
    response = Response(body, status=body["status"], content_type=CONTENT_TYPE)
    for name, value in (getattr(error, "extra_headers", None) or {}).items():
        response[name] = value
    return with_headers(response, error)


def _flatten(detail: Any, path: str = "") -> Any:
    """DRF's nested details as rows {field: 'series[0].points', detail: …}."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            key = f"[{name}]" if isinstance(name, int) else (f".{name}" if path else str(name))
            yield from _flatten(inner, path if name == "non_field_errors" else path + key)
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        for index, inner in enumerate(detail):
            if inner:
                yield from _flatten(inner, f"{path}[{index}]")
    else:
        for sentence in detail if isinstance(detail, list) else [detail]:
            yield {"field": path or "body", "detail": str(sentence)}
