from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marketing_platform.core import clock
from marketing_platform.tenants.errors import IllegalState, InvalidSlug, SlugTaken
from marketing_platform.tenants.models import Domain, State, Tenant, TenantEvent
from marketing_platform.tenants.selectors import tenant_by_host
from marketing_platform.tenants.services import (
    abandoned_slugs_free,
    tenant_block,
    tenant_move,
    tenant_reactivate,
    tenant_reserve,
    workspace_provision,
)
from marketing_platform.tenants.slugs import slug_suggest

pytestmark = pytest.mark.django_db


def reserve(name: str = "Test Shop", **options: object) -> Tenant:
    return tenant_reserve(
        tier="local", name=name, language="en", actor_id=None, now=clock.now(), **options
    )


def test_a_reserved_workspace_has_an_address_and_no_schema() -> None:
    tenant = reserve("Sharma & Sons")

    assert (tenant.slug, tenant.state) == ("sharma-sons", State.PENDING)
    assert tenant.schema_name.startswith("t_")
    assert tenant_by_host("sharma-sons.localhost") == tenant


def test_the_second_of_a_name_gets_another_address() -> None:
    reserve("Sharma Sons")

    assert reserve("Sharma Sons").slug == "sharma-sons-2"


@pytest.mark.parametrize("name", ["आशा मिठाई", "🎉🎉", "عطر", "12", "x"])
def test_a_name_without_latin_letters_still_gets_an_address(name: str) -> None:
    assert slug_suggest(name).startswith("shop")


@pytest.mark.parametrize("slug", ["admin", "api", "www", "static", "docs"])
def test_a_reserved_slug_is_taken(slug: str) -> None:
    with pytest.raises(SlugTaken):
        reserve(slug=slug)


@pytest.mark.parametrize("slug", ["ab", "-ab", "Ab", "a_b", "a--b", "a" * 60, "1ab", "a.b", "ab-"])
def test_a_slug_that_is_no_host_label_is_refused(slug: str) -> None:
    with pytest.raises(InvalidSlug):
        reserve(slug=slug)


def test_a_taken_slug_changes_nothing() -> None:
    reserve(slug="rani-salon")
    before = Tenant.objects.count()

    with pytest.raises(SlugTaken):
        reserve(slug="rani-salon")
    assert Tenant.objects.count() == before


def test_a_schema_name_from_user_text_is_refused_by_the_database() -> None:
    tenant = reserve()
    tenant.schema_name = "information_schema"

    with pytest.raises(IntegrityError), transaction.atomic():
        tenant.save()


def test_blocking_is_recorded_and_undone_only_by_reactivating() -> None:
    tenant = reserve()
    now = clock.now()
    tenant_move(tenant, State.PREPARING, sources=[State.PENDING], now=now)
    tenant_move(tenant, State.ACTIVE, sources=[State.PREPARING], now=now)

    assert tenant_block(tenant=tenant, reason="abuse", actor_id=None, now=now) is True
    assert tenant_block(tenant=tenant, reason="again", actor_id=None, now=now) is False
    assert tenant_reactivate(tenant=tenant, reason="ok", actor_id=None, now=now) is True
    kinds = list(TenantEvent.objects.filter(tenant=tenant).values_list("kind", flat=True))
    assert kinds.count("blocked") == 1


def test_a_pending_workspace_cannot_be_blocked() -> None:
    with pytest.raises(IllegalState):
        tenant_block(tenant=reserve(), reason="x", actor_id=None, now=clock.now())


@pytest.mark.parametrize("state", [State.PENDING, State.PREPARING, State.FAILED, State.ERASED])
def test_reactivating_opens_no_workspace_that_was_never_prepared(state: State) -> None:
    tenant = reserve()
    Tenant.objects.filter(pk=tenant.pk).update(state=state)

    with pytest.raises(IllegalState):
        tenant_reactivate(tenant=tenant, reason="ok", actor_id=None, now=clock.now())
    assert Tenant.objects.get(pk=tenant.pk).state == state


def test_a_source_that_leads_nowhere_is_a_mistake_in_the_program() -> None:
    with pytest.raises(ValueError, match="no way leads from"):
        tenant_move(reserve(), State.ACTIVE, sources=[State.PENDING], now=clock.now())


@pytest.mark.parametrize("state", [State.BLOCKED, State.CLOSING, State.ERASED])
def test_provisioning_again_opens_no_closed_door(state: State, local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)
    workspace_provision(local_tenant)

    assert Tenant.objects.get(pk=local_tenant.pk).state == state


def test_an_abandoned_address_is_free_after_a_week() -> None:
    tenant = reserve(slug="left-alone")
    fresh = reserve(slug="just-now")
    week = clock.now() - timedelta(days=8)
    Tenant.objects.filter(pk=tenant.pk).update(created_at=week)

    assert abandoned_slugs_free(now=clock.now()) == 1
    assert not Domain.objects.filter(tenant=tenant).exists()
    assert Domain.objects.filter(tenant=fresh).exists()
    assert reserve(slug="left-alone").slug == "left-alone"
    assert abandoned_slugs_free(now=clock.now()) == 0
