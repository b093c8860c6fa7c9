"""A warm request does not ask whose host it is; whatever changes is seen."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from marketing_platform.core import clock
from marketing_platform.tenants import host_cache
from marketing_platform.tenants.host_cache import HostCache, hosts, tenant_forget
from marketing_platform.tenants.models import Domain, State, Tenant
from marketing_platform.tenants.selectors import SERVING, tenant_by_host
from marketing_platform.tenants.services import (
    abandoned_slugs_free,
    address_ensure,
    tenant_block,
    tenant_reserve,
)

HOST, NOBODY = "asha-sweets.localhost", "nobody.localhost"
NOT_SERVING = [state for state in State if state not in SERVING]


@pytest.fixture
def asked(django_assert_num_queries: Any) -> Any:
    """asked(host, times): the workspace of the host, which takes so many statements."""

    def ask(host: str, times: int) -> Tenant | None:
        with django_assert_num_queries(times):
            return tenant_by_host(host)

    return ask


@pytest.mark.django_db
@pytest.mark.parametrize("state", SERVING)
def test_a_serving_workspace_is_asked_for_once(
    local_tenant: Tenant, asked: Any, state: State
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)

    assert asked(HOST, 1) == local_tenant
    assert asked(HOST, 0) == local_tenant


@pytest.mark.django_db
def test_it_is_asked_for_again_after_its_time(
    local_tenant: Tenant, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_cache, "SERVING_SECONDS", 0.0)
    monkeypatch.setattr(host_cache, "UNKNOWN_SECONDS", 0.0)
    for host in (HOST, NOBODY):
        asked(host, 1)
        asked(host, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("state", NOT_SERVING)
def test_what_does_not_serve_is_asked_for_every_time(
    local_tenant: Tenant, asked: Any, state: State
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)

    assert asked(HOST, 1).state == state
    assert asked(HOST, 1).state == state


@pytest.mark.django_db
def test_a_host_that_nobody_has_is_asked_for_once(asked: Any) -> None:
    assert asked(NOBODY, 1) is None
    assert asked(NOBODY, 0) is None


@pytest.mark.django_db
def test_an_address_is_known_as_soon_as_it_is_taken() -> None:
    assert tenant_by_host("sharma-sons.localhost") is None

    tenant = tenant_reserve(
        tier="local", name="Sharma Sons", language="en", actor_id=None, now=clock.now()
    )

    assert tenant_by_host("sharma-sons.localhost") == tenant


@pytest.mark.django_db
def test_a_change_of_state_is_seen_at_once(local_tenant: Tenant) -> None:
    tenant_by_host(HOST)

    tenant_block(tenant=local_tenant, reason="asked", actor_id=None, now=clock.now())

    assert tenant_by_host(HOST).state == State.BLOCKED


@pytest.mark.django_db
def test_control_a_change_past_the_services_is_not_seen(local_tenant: Tenant) -> None:
    tenant_by_host(HOST)

    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.BLOCKED)

    assert tenant_by_host(HOST).state == State.ACTIVE


@pytest.mark.django_db
def test_a_freed_address_and_a_new_one_are_seen_at_once() -> None:
    now = clock.now()
    tenant = tenant_reserve(tier="local", name="Gone", language="en", actor_id=None, now=now)
    # As if it had been served: pending workspaces are not remembered.
    hosts.put("gone.localhost", tenant, changes=hosts.changes)
    assert abandoned_slugs_free(now=now + timedelta(days=8)) == 1
    assert tenant_by_host("gone.localhost") is None

    tenant.refresh_from_db()
    assert address_ensure(tenant=tenant, now=now)

    assert tenant_by_host(Domain.objects.get(tenant=tenant).domain) == tenant


@pytest.mark.django_db
def test_what_a_page_does_to_the_row_is_its_own(local_tenant: Tenant) -> None:
    tenant_by_host(HOST).name = "changed by the first request"
    tenant_by_host(HOST).name = "changed by the second"

    assert tenant_by_host(HOST).name == local_tenant.name


@pytest.mark.django_db
def test_what_was_read_before_a_change_is_not_remembered_after_it(local_tenant: Tenant) -> None:
    before = hosts.changes
    tenant_forget(local_tenant.pk)

    hosts.put(HOST, local_tenant, changes=before)

    assert hosts.get(HOST) == (False, None)


@pytest.mark.django_db
def test_control_without_a_change_it_is_remembered(local_tenant: Tenant) -> None:
    hosts.put(HOST, local_tenant, changes=hosts.changes)

    assert hosts.get(HOST) == (True, local_tenant)


@pytest.mark.django_db(transaction=True)
def test_what_others_read_before_the_commit_is_forgotten_with_it(local_tenant: Tenant) -> None:
    with transaction.atomic():
        tenant_block(tenant=local_tenant, reason="asked", actor_id=None, now=clock.now())
        thread = threading.Thread(target=_look_up_elsewhere)
        thread.start()
        thread.join()
        assert hosts.get(HOST)[1].state == State.ACTIVE

    assert tenant_by_host(HOST).state == State.BLOCKED


def _look_up_elsewhere() -> None:
    try:
        tenant_by_host(HOST)
    finally:
        connection.close()


def test_it_is_bounded_and_unknown_hosts_do_not_push_known_ones_out() -> None:
    cache = HostCache(size=3)
    tenant = Tenant(slug="one")
    cache.put("one", tenant, changes=0)
    for number in range(10):
        cache.put(f"nobody-{number}", None, changes=0)

    assert cache.get("one") == (True, tenant)
    assert [cache.get(f"nobody-{n}")[0] for n in (6, 7, 8, 9)] == [False, True, True, True]


def test_the_one_not_asked_for_longest_goes_first() -> None:
    cache = HostCache(size=2)
    for name in ("one", "two"):
        cache.put(name, Tenant(slug=name), changes=0)
    cache.get("one")

    cache.put("three", Tenant(slug="three"), changes=0)

    assert [cache.get(name)[0] for name in ("one", "two", "three")] == [True, False, True]


def test_forgetting_one_leaves_the_others() -> None:
    cache = HostCache()
    one, two = Tenant(slug="one"), Tenant(slug="two")
    cache.put("one", one, changes=0)
    cache.put("two", two, changes=0)

    cache.forget(one.pk)

    assert (cache.get("one"), cache.get("two")) == ((False, None), (True, two))


def test_threads_may_share_it() -> None:
    cache, wrong = HostCache(size=20), []
    tenants = {f"host-{n}": Tenant(slug=f"host-{n}") for n in range(30)}

    def use(seed: int) -> None:
        try:
            for step in range(2000):
                host = f"host-{(step * seed) % 30}"
                found = cache.get(host)[1]
                if found is not None and found is not tenants[host]:
                    wrong.append(host)
                cache.put(host, tenants[host], changes=cache.changes)
                if step % 50 == 0:
                    cache.forget(tenants[host].pk)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=use, args=(seed,)) for seed in (7, 11, 13, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert sum(cache.get(host)[0] for host in tenants) <= 20
