"""Every route and method of every host, as A's owner with B's ids; and as somebody from elsewhere.

The walk is only worth what its detectors are: the last tests take a guard away and must be told.
"""

import functools
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import get_resolver

from marketing_platform.api.models import ApiKey
from marketing_platform.core.errors import NotFound
from marketing_platform.tenants.across import across_tenants
from marketing_platform.tenants.context import tenant_context
from tests.isolation import matrix
from tests.isolation.matrix import Kind, Row
from tests.isolation.walk import (
    METHODS,
    NONCE,
    Walker,
    absent_ids,
    address,
    ask,
    equal_ids,
    everything,
    fingerprint,
    ids_of,
    leaks,
    missing_rows,
    routes,
    seen,
    unowned_keys,
    walk,
)
from tests.isolation.world import TIERS, Side, World, canary, photo

pytestmark = pytest.mark.django_db
MATRICES = {"local": matrix.LOCAL, "enterprise": matrix.ENTERPRISE}
SIGNED_IN = Callable[..., Client]
WALKER_OF = Callable[..., Walker]


def routes_of(urlconf: str) -> list[str]:
    return [route for route, _entry in routes(get_resolver(urlconf))]


def workspace_routes(tier: str) -> list[str]:
    return routes_of(settings.TENANT_TYPES[tier]["URLCONF"])


@pytest.fixture
def browser_of(session_for: SIGNED_IN) -> SIGNED_IN:
    """browser_of(side, tenant=None): signed in there; a failure is an answer, not an exception."""

    def make(side: Side, tenant: Any = None) -> Client:
        browser = session_for(side.owner, tenant)
        browser.raise_request_exception = False
        browser.cookies["handoff_nonce"] = NONCE
        return browser

    return make


@pytest.fixture
def walker_of(world: World, browser_of: SIGNED_IN) -> Callable[..., Walker]:
    """walker_of(tier): A's owner on A's host with what is only B's; or as the arguments say."""

    def make(tier: str, **other: Any) -> Walker:
        usual = {
            "browser": other.get("browser") or browser_of(world.a, world.a.tenants[tier]),
            "tier": tier,
            "foreign": ids_of(world.b, tier),
            "absent": absent_ids(tier),
            "marks": world.b.marks,
            "untouched": world.b,
            "before": fingerprint(world.b, tier),
        }
        return Walker(**(usual | other))

    return make


# --- the matrix is whole


@pytest.mark.parametrize("tier", TIERS)
def test_every_route_of_a_workspace_has_a_row(tier: str) -> None:
    found = workspace_routes(tier)

    assert missing_rows(found, MATRICES[tier]) == []
    assert sorted(set(MATRICES[tier]) - set(found)) == []


def test_every_public_route_has_a_row() -> None:
    found = routes_of(settings.ROOT_URLCONF)

    assert missing_rows(found, matrix.PUBLIC) == []
    assert sorted(set(matrix.PUBLIC) - set(found)) == []


def test_every_route_of_the_staff_has_a_row() -> None:
    found = routes_of(settings.ADMIN_URLCONF)

    assert [route for route in found if matrix.admin_row(route) is None] == []


def test_a_route_without_a_row_is_noticed() -> None:
    assert missing_rows(["settings/", "settings/new/"], matrix.LOCAL) == ["settings/new/"]
    assert matrix.admin_row("billing/secret/add/") is None
    assert matrix.admin_row("export/") is None


def test_every_operation_of_the_api_description_is_walked(world: World) -> None:
    for tier in TIERS:
        browser = Client(HTTP_HOST=f"{world.a.tenants[tier].slug}.{settings.BASE_HOST}")
        described = browser.get("/api/schema/", {"format": "json"}).json()["paths"]
        walked = {
            "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in workspace_routes(tier)
        }

        assert described
        assert set(described) <= walked


# --- the walk


@pytest.mark.parametrize("tier", TIERS)
def test_nothing_of_the_other_is_seen_changed_or_told_apart_from_nothing(
    walker_of: WALKER_OF, tier: str
) -> None:
    assert walk(walker_of(tier), workspace_routes(tier), MATRICES[tier], METHODS) == []
    assert unowned_keys() == []


@pytest.mark.parametrize("tier", ["local", pytest.param("enterprise", marks=pytest.mark.slow)])
def test_a_key_that_both_have_names_ones_own_row(
    world: World, walker_of: WALKER_OF, tier: str
) -> None:
    """The walk with equal ids, where A may do it: what is done is done to A."""
    rows = MATRICES[tier]
    named = [route for route in workspace_routes(tier) if rows[route].kind is Kind.ROW]
    mine = equal_ids(ids_of(world.a, tier))
    walker = walker_of(tier, foreign=mine, absent=mine)

    assert walk(walker, named, rows, ("get", "post")) == []
    done = {route for route in named if not _is_like_absent(walker_of(tier, foreign=mine), route)}
    assert done >= SHOWN_OR_DONE[tier]


def _is_like_absent(walker: Walker, route: str) -> bool:
    """Whether A's own row is answered like no row: then the walk above proved nothing by it."""
    row = MATRICES[walker.tier][route]
    return all(
        seen(ask(walker, route, row, method, walker.foreign)[0], walker.foreign)
        == seen(ask(walker, route, row, method, walker.absent)[0], walker.absent)
        for method in ("get", "post")
    )


SHOWN_OR_DONE = {
    "local": {
        "settings/api-keys/<uuid:key_id>/revoke/",
        "billing/return/",
        "offers/<int:offer_id>/end/",
        "settings/results/<int:result_id>/remove/",
    },
    "enterprise": {
        "settings/api-keys/<uuid:key_id>/revoke/",
        "billing/return/",
        "data/drafts/<int:batch_id>/",
        "data/drafts/<int:batch_id>/discard/",
        "data/imports/<int:batch_id>/undo/",
    },
}
# Pages that show what was stored: they must show one's own, or the walk looks at empty pages.
SHOWS_ROWS = {
    "local": {
        "settings/api-keys/",
        "settings/brand/",
        "settings/results/",
        "settings/business/",
        "offers/",
        "occasions/",
    },
    "enterprise": {"settings/api-keys/", "data/"},
}


@pytest.mark.parametrize("tier", TIERS)
def test_pages_show_ones_own_rows_to_each(
    world: World, walker_of: WALKER_OF, browser_of: SIGNED_IN, tier: str
) -> None:
    for side in world:
        walker = walker_of(tier, browser=browser_of(side, side.tenants[tier]))
        for route in SHOWS_ROWS[tier]:
            answer, _changed = ask(walker, route, MATRICES[tier][route], "get", walker.foreign)
            assert canary(side.letter) in everything(answer), (side.letter, route)


# --- from elsewhere


@pytest.mark.parametrize("tier", TIERS)
def test_a_session_of_a_person_who_does_not_belong_opens_nothing(
    world: World, walker_of: WALKER_OF, browser_of: SIGNED_IN, tier: str
) -> None:
    browser = browser_of(world.a, world.b.tenants[tier])
    walker = walker_of(tier, browser=browser, marks=(canary("B"),), is_stranger=True)
    rows = _without_tokens(tier)

    assert walk(walker, rows, rows, ("get", "post", "delete")) == []


@pytest.mark.slow
@pytest.mark.parametrize("tier", TIERS)
def test_the_cookie_of_one_host_is_nothing_on_the_other(
    world: World, walker_of: WALKER_OF, browser_of: SIGNED_IN, tier: str
) -> None:
    browser = browser_of(world.a, world.a.tenants[tier])
    browser.defaults["HTTP_HOST"] = f"{world.b.tenants[tier].slug}.{settings.BASE_HOST}"
    walker = walker_of(tier, browser=browser, marks=(canary("B"),), is_stranger=True)
    rows = _without_tokens(tier)

    assert walk(walker, rows, rows, ("get", "post")) == []


def _without_tokens(tier: str) -> dict[str, Row]:
    """B's links do work on B's host: that is what they are for."""
    return {route: row for route, row in MATRICES[tier].items() if row.kind is not Kind.TOKEN}


# A key is looked at before the method is.
OFTEN = [
    method if method in {"get", "post"} else pytest.param(method, marks=pytest.mark.slow)
    for method in METHODS
]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("method", OFTEN)
def test_a_key_opens_its_own_workspace_alone(world: World, tier: str, method: str) -> None:
    api = [route for route in workspace_routes(tier) if route.startswith(f"api/{tier}/")]
    assert api
    for here, other in ((world.a, world.b), (world.b, world.a)):
        browser = Client(HTTP_HOST=f"{here.tenants[tier].slug}.{settings.BASE_HOST}")
        ids = equal_ids(ids_of(here, tier))
        for route in api:
            path = address(route, MATRICES[tier][route], ids)
            ask_with = functools.partial(
                getattr(browser, method), path, content_type="application/json"
            )
            own = ask_with(headers={"Authorization": f"Bearer {here.keys[tier]}"})
            foreign = ask_with(headers={"Authorization": f"Bearer {other.keys[tier]}"})

            assert own.status_code not in {401, 403}, own.content
            assert own.status_code < 500, own.content
            assert foreign.status_code == 403
            assert list(leaks(foreign, here.marks)) == []


@pytest.mark.parametrize("tier", TIERS)
def test_the_other_tier_s_routes_are_not_there(
    world: World, browser_of: SIGNED_IN, tier: str
) -> None:
    other = {"local": "enterprise", "enterprise": "local"}[tier]
    theirs = set(MATRICES[other]) - set(MATRICES[tier])
    browser = browser_of(world.a, world.a.tenants[tier])
    ids = ids_of(world.a, other)

    assert theirs
    for route in theirs:
        path = address(route, MATRICES[other][route], ids)
        assert browser.get(path).status_code == 404, path
        assert browser.post(path).status_code == 404, path


def test_the_public_host_tells_an_owner_nothing_of_another(
    walker_of: WALKER_OF, world: World, browser_of: SIGNED_IN
) -> None:
    walker = walker_of("local", browser=browser_of(world.a))

    assert walk(walker, matrix.PUBLIC, matrix.PUBLIC, ("get", "post", "put", "delete")) == []


def test_the_staff_s_host_shows_an_owner_nothing(
    walker_of: WALKER_OF, world: World, session_for: SIGNED_IN
) -> None:
    browser = session_for(world.a.owner)
    browser.defaults["HTTP_HOST"] = f"admin.{settings.BASE_HOST}"
    found = routes_of(settings.ADMIN_URLCONF)
    rows = {route: row for route in found if (row := matrix.admin_row(route))}
    walker = walker_of("local", browser=browser, marks=(*world.a.marks, *world.b.marks))

    assert walk(walker, rows, rows, ("get", "post")) == []


# --- the detectors detect


def test_a_selector_without_its_workspace_is_detected(
    world: World, walker_of: WALKER_OF, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enterprise.data_sources import views

    right = views.draft_of

    def of_the_other(batch_id: int) -> Any:
        with tenant_context(world.b.tenants["enterprise"]):
            return right(batch_id)

    monkeypatch.setattr(views, "draft_of", of_the_other)
    found = walk(
        walker_of("enterprise"), ["data/drafts/<int:batch_id>/"], matrix.ENTERPRISE, ("get",)
    )

    assert found


def test_a_list_without_its_filter_is_detected(
    walker_of: WALKER_OF, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "marketing_platform.dashboard.views.keys_of", lambda tenant: across_tenants(ApiKey).all()
    )

    assert walk(walker_of("local"), ["settings/api-keys/"], matrix.LOCAL, ("get",)) == [
        "GET settings/api-keys/: shows CANARY-B"
    ]


def test_a_foreign_row_that_is_changed_is_detected(
    walker_of: WALKER_OF, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_anybody(*, key_id: Any, now: Any, **_who: Any) -> None:
        if not across_tenants(ApiKey).filter(pk=key_id).update(revoked_at=now):
            raise NotFound

    monkeypatch.setattr("marketing_platform.dashboard.views.key_revoke", of_anybody)
    route = "settings/api-keys/<uuid:key_id>/revoke/"

    assert walk(walker_of("local"), [route], matrix.LOCAL, ("post",)) == [
        f"POST {route}: changed a foreign row",
        f"POST {route}: 302, but 404 or another page for no such row: ('302', '404')",
    ]


def test_an_open_door_is_detected(
    world: World,
    walker_of: WALKER_OF,
    browser_of: SIGNED_IN,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    role = SimpleNamespace(role="owner")
    monkeypatch.setattr(
        "marketing_platform.users.middleware.acting_membership", lambda user, tenant: role
    )
    browser = browser_of(world.a, world.b.tenants["local"])
    walker = walker_of("local", browser=browser, marks=(canary("B"),), is_stranger=True)

    assert walk(walker, ["offers/"], matrix.LOCAL, ("get",)) == [
        "GET offers/: shows CANARY-B",
        "GET offers/: 200 for a stranger",
    ]


def test_a_failure_of_ours_is_detected(
    walker_of: WALKER_OF, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_platform.dashboard.views.keys_of", lambda tenant: 1 / 0)

    assert walk(walker_of("local"), ["settings/api-keys/"], matrix.LOCAL, ("get",)) == [
        "GET settings/api-keys/: 500"
    ]


def test_a_mark_is_found_in_a_header_a_cookie_and_a_file(world: World) -> None:
    in_header = HttpResponse(headers={"Location": "/CANARY-B/"})
    in_cookie = HttpResponse()
    in_cookie.set_cookie("last", "CANARY-B")
    in_file = StreamingHttpResponse(iter([photo("B")]))

    for answer in (in_header, in_cookie, in_file):
        assert list(leaks(answer, world.b.marks)) == ["shows CANARY-B"]
    assert list(leaks(HttpResponse(photo("A")), world.b.marks)) == []


def test_a_key_of_nobody_is_detected() -> None:
    cache._cache.get_client(None, write=True).set("report:1001", "x")

    assert unowned_keys() == ["report:1001"]
