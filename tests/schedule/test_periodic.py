"""What every workspace has done regularly: planned once, spread out, at little cost."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Subscription
from marketing_platform.core import clock
from marketing_platform.schedule import services
from marketing_platform.schedule.models import DueWork, PeriodicPlan
from marketing_platform.schedule.periodic import JOBS, Daily, Every, periodic, periodic_plan
from marketing_platform.schedule.registry import HANDLERS
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.models import State, Tenant

pytestmark = pytest.mark.django_db
NIGHT = Daily(time(4), time(6))
# 04:30 in India
IN_WINDOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "nudge", lambda work_id, queue: True)
    for job in list(JOBS):
        monkeypatch.delitem(JOBS, job)


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """Schemas in which test.nightly (local) has run."""
    seen: list[str] = []
    periodic("test.nightly", times=NIGHT, tiers=("local",))(
        lambda tenant: seen.append(current_schema())
    )
    yield seen
    JOBS.clear()
    del HANDLERS["test.nightly"]


@pytest.fixture
def shops(local_tenant: Tenant) -> list[Tenant]:
    """40 active local workspaces; no schema is needed to plan."""
    made = [
        Tenant(
            schema_name=f"t_{number:026d}",
            tier="local",
            slug=f"shop-{number}",
            name=f"Shop {number}",
            state=State.ACTIVE,
            state_changed_at=IN_WINDOW,
            created_at=IN_WINDOW,
        )
        for number in range(39)
    ]
    return [local_tenant, *Tenant.objects.bulk_create(made)]


def planned() -> dict[UUID, datetime]:
    rows = DueWork.objects.filter(task="test.nightly")
    return dict(rows.values_list("tenant_id", "due_at"))


def only_row() -> DueWork:
    return DueWork.objects.get(task="test.nightly")


def run_now(row: DueWork) -> bool:
    DueWork.objects.filter(pk=row.pk).update(due_at=clock.now())
    return work_run(row.pk)


def test_active_workspaces_of_the_tier_are_planned_once_a_period(
    ran: list[str], shops: list[Tenant], enterprise_tenant: Tenant
) -> None:
    states = [state for state in State if state != State.ACTIVE]
    for tenant, state in zip(shops[1:], states, strict=False):
        Tenant.objects.filter(pk=tenant.pk).update(state=state)
    active = {shops[0].pk, *(tenant.pk for tenant in shops[1 + len(states) :])}

    assert periodic_plan(now=IN_WINDOW) == len(active)
    assert periodic_plan(now=IN_WINDOW + timedelta(minutes=1)) == 0
    assert planned().keys() == active
    row = DueWork.objects.get(tenant=shops[0])
    assert (row.key, row.queue) == (f"periodic:test.nightly:2026-11-23:{shops[0].pk}", "local")

    assert periodic_plan(now=IN_WINDOW + timedelta(days=1)) == len(active)
    assert DueWork.objects.count() == 2 * len(active)


def test_nothing_is_planned_before_the_window_opens(ran: list[str], local_tenant: Tenant) -> None:
    assert periodic_plan(now=datetime(2026, 11, 22, 22, 29, tzinfo=UTC)) == 0
    assert periodic_plan(now=datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == 1


def test_workspaces_wake_at_moments_of_their_own_that_stay_the_same(
    ran: list[str], shops: list[Tenant]
) -> None:
    periodic_plan(now=IN_WINDOW)
    first = planned()
    DueWork.objects.all().delete()
    periodic_plan(now=IN_WINDOW + timedelta(days=1))
    second = planned()

    start = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    quarters = {int((due - start) / timedelta(minutes=30)) for due in first.values()}
    assert all(start <= due < start + timedelta(hours=2) for due in first.values())
    assert (len(set(first.values())), quarters) == (40, {0, 1, 2, 3})
    assert second == {pk: due + timedelta(days=1) for pk, due in first.items()}


def test_after_a_standstill_the_window_opens_late(ran: list[str], shops: list[Tenant]) -> None:
    noon = IN_WINDOW + timedelta(hours=8)
    periodic_plan(now=noon)

    assert all(noon <= due < noon + timedelta(hours=2) for due in planned().values())


def test_batches_go_on_where_the_last_one_ended(ran: list[str], shops: list[Tenant]) -> None:
    passes = [periodic_plan(now=IN_WINDOW, batch=16) for _ in range(5)]

    assert passes == [16, 16, 8, 0, 0]
    assert planned().keys() == {tenant.pk for tenant in shops}


def test_a_planner_that_was_killed_between_batches_is_followed_by_the_next(
    ran: list[str], shops: list[Tenant]
) -> None:
    periodic_plan(now=IN_WINDOW, batch=16)
    # What it wrote last was lost with it.
    PeriodicPlan.objects.update(after=None)
    while periodic_plan(now=IN_WINDOW, batch=16):
        pass

    assert len(planned()) == 40


def test_nothing_to_plan_costs_one_query_for_all_jobs(ran: list[str], shops: list[Tenant]) -> None:
    periodic("test.hourly", times=Every(timedelta(hours=1)), tiers=("local",))(lambda tenant: None)
    while periodic_plan(now=IN_WINDOW):
        pass
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert periodic_plan(now=IN_WINDOW) == 0
    del HANDLERS["test.hourly"]

    assert len([q for q in queries if "search_path" not in q["sql"]]) == 1


def test_every_stretch_has_its_rows(ran: list[str], local_tenant: Tenant) -> None:
    periodic("test.hourly", times=Every(timedelta(hours=1)), tiers=("local",))(lambda tenant: None)
    for minutes in (0, 59, 60, 61):
        periodic_plan(now=IN_WINDOW + timedelta(minutes=minutes))
    del HANDLERS["test.hourly"]
    rows = DueWork.objects.filter(task="test.hourly").order_by("key")

    assert [row.key.split(":", 2)[2].rpartition(":")[0] for row in rows] == [
        "2026-11-22T23:00:00",
        "2026-11-23T00:00:00",
    ]


def test_planning_works_from_inside_a_workspace_too(ran: list[str], shops: list[Tenant]) -> None:
    with tenant_context(shops[0]):
        assert periodic_plan(now=IN_WINDOW) == 40


def test_a_job_runs_inside_its_workspace(ran: list[str], local_tenant: Tenant) -> None:
    periodic_plan(now=IN_WINDOW)

    assert run_now(only_row()) is True
    assert ran == [local_tenant.schema_name]


@pytest.mark.parametrize("state", [State.BLOCKED, State.ERASED, State.ACTIVE])
def test_what_a_workspace_cannot_take_is_left_out_and_not_made_up_for(
    ran: list[str], local_tenant: Tenant, state: State
) -> None:
    periodic_plan(now=IN_WINDOW)
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)
    if state == State.ACTIVE:
        Subscription.objects.update(trial_ends_at=clock.now())
    row = only_row()

    assert run_now(row) is False
    row.refresh_from_db()
    assert (ran, row.dead_at, row.done_at is not None) == ([], None, True)
    assert row.error.startswith("left out: ")


def test_a_failed_run_is_tried_again(
    ran: list[str], local_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_tenant: Any) -> None:
        raise RuntimeError("no answer")

    job = HANDLERS["test.nightly"]
    periodic_plan(now=IN_WINDOW)
    monkeypatch.setitem(HANDLERS, "test.nightly", type(job)(fail, is_passing=True))
    row = only_row()
    run_now(row)
    row.refresh_from_db()

    assert (row.error, row.attempts, row.done_at) == ("no answer", 1, None)
