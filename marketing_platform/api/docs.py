"""The OpenAPI description, and the same as a page that reads without a script."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from marketing_platform.api.reference import Reference, reference_of
from marketing_platform.users.permissions import public_page

View = Callable[[HttpRequest], HttpResponse]


def schema_page(patterns: Sequence[Any]) -> View:
    """These routes as OpenAPI."""
    view = SpectacularAPIView.as_view(
        patterns=list(patterns), permission_classes=[AllowAny], authentication_classes=[]
    )

    @public_page
    @never_cache
    def schema(request: HttpRequest) -> HttpResponse:
        return view(request)

    return schema


def docs_page(patterns: Sequence[Any]) -> View:
    """These routes for people. Read once a process: routes do not change while it runs."""

    @cache
    def read() -> Reference:
        with override("en"):
            found = SchemaGenerator(patterns=list(patterns)).get_schema(request=None, public=True)
        return reference_of(found)

    @public_page
    @require_safe
    def docs(request: HttpRequest) -> HttpResponse:
        return render(request, "api/docs.html", {"reference": read()})

    return docs
