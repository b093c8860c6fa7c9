"""Public pages have one address in each language: /hi/pricing/ beside /pricing/.

The address without a language answers in the visitor's own and names those with one to search
engines; whoever comes by one with a language keeps that language.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.translation import get_language, override

from marketing_platform.users.language import language_keep

View = Callable[..., HttpResponse]
CODES = tuple(code for code, _name in settings.LANGUAGES)


def in_each_language(route: str, view: View, name: str) -> list[URLPattern]:
    """The page itself, and the same under the prefix of each language."""
    return [
        path(route, _with_addresses(view, route), name=name),
        *(
            path(f"{code}/{route}", _spoken(_with_addresses(view, route), code), name=f"{name}_in")
            for code in CODES
        ),
    ]


def _spoken(view: View, language: str) -> View:
    @wraps(view)
    def inner(request: HttpRequest, **arguments: Any) -> HttpResponse:
        with override(language):
            request.LANGUAGE_CODE = language
            response = view(request, **arguments)
        response.headers["Content-Language"] = language
        language_keep(response, language, is_secure=request.is_secure())
        return response

    return inner


def _with_addresses(view: View, route: str) -> View:
    """Tells the page's head where it stands in each language."""
    pattern = re.sub(r"<slug:(\w+)>", r"{\1}", route)

    @wraps(view)
    def inner(request: HttpRequest, **arguments: Any) -> HttpResponse:
        tail = pattern.format_map(arguments)
        request.page_addresses = {code: f"{settings.PUBLIC_URL}/{code}/{tail}" for code in CODES}
        request.page_address = request.page_addresses[get_language() or "en"]
        return view(request, **arguments)

    return inner
