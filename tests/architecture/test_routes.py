"""Every route of a workspace says who may use it, and strangers are refused at each."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Permission

SAMPLES = {"uuid": str(uuid.UUID(int=7)), "int": "7", "slug": "x", "str": "x", "path": "x/y"}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


def workspace_routes(tier: str) -> list[tuple[str, URLPattern]]:
    return list(routes(get_resolver(settings.TENANT_TYPES[tier]["URLCONF"])))


def mark_of(view: Any) -> Any:
    if getattr(view, "is_public", False):
        return "public"
    return getattr(view, "permission", None) or getattr(
        getattr(view, "cls", None), "permission", None
    )


def example_of(path: str, pattern: URLPattern) -> str:
    """The route with a value in each of its places."""
    for name, converter in getattr(pattern.pattern, "converters", {}).items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        value = SAMPLES.get({"string": "str"}.get(kind, kind), "2026-12-01")
        for written in (f"<{kind}:{name}>", f"<str:{name}>", f"<{name}>"):
            path = path.replace(written, value)
    return "/" + path


@pytest.mark.parametrize("tier", settings.TIERS)
def test_every_route_is_marked(tier: str) -> None:
    unmarked = [path for path, entry in workspace_routes(tier) if mark_of(entry.callback) is None]

    assert unmarked == []


@pytest.mark.parametrize("tier", settings.TIERS)
def test_an_unmarked_route_would_be_noticed(tier: str) -> None:
    assert mark_of(lambda request: None) is None
    marks = {mark_of(entry.callback) for _path, entry in workspace_routes(tier)}

    assert {"public", Permission.READ} <= marks


@pytest.mark.django_db
@pytest.mark.parametrize("tier", settings.TIERS)
@pytest.mark.parametrize(
    "method",
    ["get", "post", *(pytest.param(name, marks=pytest.mark.slow) for name in ("put", "delete"))],
)
def test_strangers_are_refused_at_every_route(
    tier: str,
    method: str,
    meera: User,
    local_tenant: Tenant,
    enterprise_tenant: Tenant,
    session_for: Any,
) -> None:
    tenant = {"local": local_tenant, "enterprise": enterprise_tenant}[tier]
    nobody = Client(HTTP_HOST=f"{tenant.slug}.localhost")
    stranger = session_for(meera, tenant)
    wrong = []
    for path, entry in workspace_routes(tier):
        if mark_of(entry.callback) == "public" or "(?P" in path:
            continue
        url = example_of(path, entry)
        for who, browser in (("nobody", nobody), ("stranger", stranger)):
            status = getattr(browser, method)(url).status_code
            if status not in {301, 302, 401, 403, 405}:
                wrong.append(f"{who} {method} {url}: {status}")

    assert wrong == []


@pytest.mark.django_db
def test_a_viewer_looks_and_changes_nothing(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    Membership.objects.filter(user=asha).update(role="viewer")
    viewer = session_for(asha, local_tenant)

    assert viewer.get("/").status_code == 200
    assert viewer.get("/settings/api-keys/").status_code == 403
    for path in ("/settings/brand/save/", "/offers/add/", "/settings/api-keys/", "/billing/pay/"):
        assert viewer.post(path, {}).status_code in {403, 404, 405}
