"""The OpenAPI description and its page, from our own host only."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import never_cache
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from marketing_platform.tiers.registry import REGISTRY, deployed
from marketing_platform.users.permissions import public_page


def _schema_view(tiers: tuple[str, ...]) -> Any:
    patterns = [path(f"api/{tier}/", include(REGISTRY[tier].api_urls)) for tier in tiers]
    return SpectacularAPIView.as_view(
        patterns=patterns, permission_classes=[AllowAny], authentication_classes=[]
    )


@public_page
@never_cache
def schema_of_platform(request: HttpRequest) -> HttpResponse:
    """Every deployed tier's routes, for the public host."""
    return _schema_view(deployed())(request)


@public_page
@never_cache
def schema_of_workspace(request: HttpRequest) -> HttpResponse:
    """The routes of this workspace's tier."""
    return _schema_view((request.tenant.tier,))(request)


@public_page
def docs_page(request: HttpRequest) -> HttpResponse:
    """Swagger UI served by ourselves; its script is a file, so the strict policy holds."""
    view = SpectacularSwaggerSplitView.as_view(
        url_name="api_schema",
        url_self=None,
        permission_classes=[AllowAny],
        authentication_classes=[],
    )
    return view(request)
