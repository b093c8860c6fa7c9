"""Cache entries, counts and their clearing stay in their workspace."""

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.tenants.cache import cache_clear
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.isolation.world import TIERS, World

pytestmark = pytest.mark.django_db


def kept(tenant: Tenant | None, key: str) -> Any:
    with tenant_context(tenant) if tenant else public_context():
        return cache.get(key)


@pytest.mark.parametrize("tier", TIERS)
def test_what_one_stores_the_other_and_public_do_not_read(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    with tenant_context(a):
        cache.set("page:1001", "CANARY-A")

    assert (kept(a, "page:1001"), kept(b, "page:1001"), kept(None, "page:1001")) == (
        "CANARY-A",
        None,
        None,
    )


def test_every_way_to_store_carries_the_workspace(world: World) -> None:
    a, b = world.pair("local")
    with tenant_context(a):
        cache.add("added", 1)
        cache.set_many({"many": 1})
        cache.get_or_set("or-set", 1)
        cache.set("counted", 1)
        cache.incr("counted")
        cache.set("versioned", 1, version=7)
    with tenant_context(b):
        found = [cache.get(key) for key in ("added", "many", "or-set", "counted")]
        assert found == [None, None, None, None]
        assert cache.get("versioned", version=7) is None
        assert cache.touch("added") is False
        assert cache.delete("added") is False
    assert kept(a, "counted") == 2


def test_a_plain_key_would_be_shared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    a, b = world.pair("local")
    monkeypatch.setattr(cache._connections["default"], "key_func", lambda key, *_rest: key)
    with tenant_context(a):
        cache.set("page:1001", "CANARY-A")

    assert kept(b, "page:1001") == "CANARY-A"


def test_clearing_one_leaves_the_other_the_public_side_and_the_broker(world: World) -> None:
    a, b = world.pair("local")
    redis = cache._cache.get_client(None, write=True)
    for tenant in (a, b):
        with tenant_context(tenant):
            cache.set_many({f"page:{number}": number for number in range(1200)})
    cache.set("sample", 1)
    redis.rpush("celery", "message")

    assert cache_clear(a) == 1200
    assert (kept(a, "page:7"), kept(b, "page:7"), kept(None, "sample")) == (None, 7, 1)
    assert redis.llen("celery") == 1
    assert cache_clear(a) == 0


def test_the_public_side_is_not_a_workspace_to_clear() -> None:
    with pytest.raises(CrossTenantError):
        cache_clear(Tenant(schema_name="public"))


def test_a_limit_used_up_in_one_leaves_the_other_open(
    world: World, session_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "API_REQUESTS_PER_MINUTE", 2)
    person = User.objects.create_user(email="both@canary.example", full_name="Both")
    browsers: list[Client] = []
    for tenant in world.pair("local"):
        membership_add(tenant=tenant, user=person, role=Role.OWNER, now=clock.now())
        browsers.append(session_for(person, tenant))
    path = "/api/local/intelligence"

    first = [browsers[0].post(path, {}, "application/json").status_code for _ in range(3)]
    other = browsers[1].post(path, {}, "application/json").status_code

    assert (first, other) == ([200, 200, 429], 200)
