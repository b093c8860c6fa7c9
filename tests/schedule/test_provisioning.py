"""From the decision to a workspace, through failures, killed workers and freed addresses."""

from datetime import timedelta
from typing import Any

import pytest

from marketing_platform.core import clock
from marketing_platform.schedule import services as schedule
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.provisioning import (
    pool_refill_schedule,
    workspace_prepare,
    workspace_prepare_again,
)
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants import services
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.models import (
    Domain,
    PreparedSchema,
    State,
    Tenant,
    TenantEvent,
)
from marketing_platform.tenants.selectors import tenant_by_host
from marketing_platform.tenants.services import abandoned_slugs_free, tenant_reserve

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Preparing fails as long as this holds a sentence; else it succeeds without a schema."""
    sentences = ["the disk is full"]

    def prepare_schema(_tenant: Tenant) -> str:
        if sentences:
            raise RuntimeError(sentences[0])
        return "v1"

    monkeypatch.setattr(services, "_schema_prepare", prepare_schema)
    return sentences


@pytest.fixture
def tenant() -> Tenant:
    return tenant_reserve(
        tier="local", name="Left Alone", language="en", actor_id=None, now=clock.now()
    )


def prepare(tenant: Tenant) -> DueWork:
    assert workspace_prepare(tenant=tenant, reason="trial", now=clock.now()) is True
    return DueWork.objects.filter(task="tenants.provision").latest("pk")


def run(row: DueWork) -> None:
    DueWork.objects.filter(pk=row.pk).update(due_at=clock.now())
    assert work_run(row.pk) is True


def kinds(tenant: Tenant) -> list[str]:
    return list(
        TenantEvent.objects.filter(tenant=tenant).order_by("id").values_list("kind", flat=True)
    )


def abandon(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(created_at=clock.now() - timedelta(days=8))
    assert abandoned_slugs_free(now=clock.now()) == 1


def test_a_freed_workspace_that_is_paid_for_gets_its_address_back(tenant: Tenant) -> None:
    abandon(tenant)
    prepare(tenant)

    assert (tenant.slug, tenant.state) == ("left-alone", State.PREPARING)
    assert tenant_by_host("left-alone.localhost") == tenant
    assert kinds(tenant) == ["reserved", "address_freed", "address_given", "preparing"]


def test_a_freed_address_that_somebody_took_is_followed_by_the_next(tenant: Tenant) -> None:
    abandon(tenant)
    other = tenant_reserve(
        tier="local", name="Left Alone", language="en", actor_id=None, now=clock.now()
    )
    prepare(tenant)

    assert (other.slug, tenant.slug) == ("left-alone", "left-alone-2")
    assert Domain.objects.get(tenant=tenant).domain == "left-alone-2.localhost"


def test_a_failed_try_leaves_the_workspace_preparing_until_the_last(
    tenant: Tenant, broken: list[str]
) -> None:
    row = prepare(tenant)
    for _ in range(schedule.ATTEMPTS - 1):
        run(row)
    tenant.refresh_from_db()
    assert (tenant.state, tenant.failure) == (State.PREPARING, "the disk is full")

    run(row)
    tenant.refresh_from_db()
    row.refresh_from_db()
    assert (tenant.state, row.error) == (State.FAILED, "the disk is full")
    assert row.dead_at is not None
    assert kinds(tenant) == ["reserved", "preparing", "failed"]


def test_the_next_try_of_the_same_row_makes_it_active(tenant: Tenant, broken: list[str]) -> None:
    row = prepare(tenant)
    run(row)
    broken.clear()
    run(row)

    tenant.refresh_from_db()
    assert (tenant.state, tenant.failure, tenant.schema_version) == (State.ACTIVE, "", "v1")
    assert kinds(tenant) == ["reserved", "preparing", "active"]


def test_a_row_of_a_failed_workspace_prepares_it_again(tenant: Tenant, broken: list[str]) -> None:
    row = prepare(tenant)
    services.workspace_give_up(tenant=tenant, reason="x", now=clock.now())
    broken.clear()
    run(row)

    assert kinds(tenant) == ["reserved", "preparing", "failed", "preparing", "active"]


def test_killed_workers_end_in_a_failed_workspace(tenant: Tenant) -> None:
    row = prepare(tenant)
    DueWork.objects.filter(pk=row.pk).update(attempts=schedule.ATTEMPTS)
    work_run(row.pk)

    tenant.refresh_from_db()
    event = TenantEvent.objects.filter(tenant=tenant).first()
    assert tenant.state == State.FAILED
    assert (event.kind, event.reason) == ("failed", "the worker was lost in attempt 6")


def test_staff_have_a_failed_workspace_prepared_again(
    tenant: Tenant, broken: list[str], asha: Any
) -> None:
    row = prepare(tenant)
    for _ in range(schedule.ATTEMPTS):
        run(row)
    broken.clear()
    again = {"tenant": tenant, "reason": "Disk was grown", "actor_id": asha.pk}
    assert workspace_prepare_again(**again, now=clock.now()) is True
    with pytest.raises(IllegalState):
        workspace_prepare_again(**again, now=clock.now())

    event = TenantEvent.objects.filter(tenant=tenant, kind="preparing").first()
    assert (event.reason, event.actor_id) == ("Disk was grown", asha.pk)
    second = DueWork.objects.latest("pk")
    assert second.key == f"provision:{tenant.pk}:2"
    run(second)
    tenant.refresh_from_db()
    assert tenant.state == State.ACTIVE


def test_a_workspace_left_preparing_without_work_can_be_prepared_again(tenant: Tenant) -> None:
    row = prepare(tenant)
    DueWork.objects.filter(pk=row.pk).update(dead_at=clock.now())
    workspace_prepare_again(tenant=tenant, reason="stuck", actor_id=None, now=clock.now())

    assert kinds(tenant) == ["reserved", "preparing", "failed", "preparing"]
    assert DueWork.objects.filter(dead_at=None).count() == 1


def test_preparing_again_is_no_way_round_the_decision_to_pay(tenant: Tenant) -> None:
    with pytest.raises(IllegalState):
        workspace_prepare_again(tenant=tenant, reason="please", actor_id=None, now=clock.now())
    assert not DueWork.objects.exists()


# --- the schemas made ahead


def refills() -> list[tuple[str, str]]:
    rows = DueWork.objects.filter(task="tenants.pool_refill").order_by("pk")
    return [(row.key, row.arguments["tier"]) for row in rows]


def test_a_workspace_that_is_ready_has_the_pool_filled_again(
    tenant: Tenant, broken: list[str], settings: Any
) -> None:
    settings.WORKSPACE_POOL = {"local": 1}
    broken.clear()
    run(prepare(tenant))
    assert refills() == [(f"pool:{tenant.pk}", "local")]

    run(DueWork.objects.latest("pk"))
    assert PreparedSchema.objects.filter(tier="local", is_ready=True).count() == 1


def test_a_short_pool_is_planned_for_once_a_minute(tenant: Tenant, settings: Any) -> None:
    settings.WORKSPACE_POOL = {"local": 1, "enterprise": 0}
    now = clock.now().replace(hour=9, minute=30, second=5)
    pool_refill_schedule(now=now)
    pool_refill_schedule(now=now + timedelta(seconds=5))
    assert [tier for _key, tier in refills()] == ["local"]

    pool_refill_schedule(now=now + timedelta(minutes=1))
    assert len(refills()) == 2


def test_without_a_pool_nothing_is_planned(tenant: Tenant, broken: list[str]) -> None:
    broken.clear()
    run(prepare(tenant))
    pool_refill_schedule(now=clock.now())

    assert refills() == []
