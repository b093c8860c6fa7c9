"""Requests that no code below could read or store are refused before any of it runs."""

import codecs
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketing_platform.api.errors import UnreadableRequest
from marketing_platform.api.problems import problem_response

# Of everything Python can decode, what browsers and programs send. Forms and JSON are UTF-8.
CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})


class ReadableRequestMiddleware:
    """400 for NUL in the path, the query or a cookie, and for an unknown charset."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _has_nul(request) and _has_known_charset(request):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            return problem_response(request, UnreadableRequest())
        context = {"request_id": getattr(request, "request_id", "")}
        return render(request, "400.html", context, status=400)


def _has_nul(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    return (
        "\0" in request.path_info
        or "\0" in query
        or "%00" in query
        or any("\0" in name or "\0" in value for name, value in request.COOKIES.items())
    )


def _has_known_charset(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset")
    if charset is None:
        return True
    try:
        return codecs.lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False
