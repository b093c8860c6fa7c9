import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from billing.models import Subscription
from marketing_platform.core import clock
from marketing_platform.schedule import services
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS, Work
from marketing_platform.schedule.services import work_run, work_schedule
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import State, Tenant


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each run of the handlers test.note and test.public: (schema, arguments)."""
    seen: list[Any] = []
    note = lambda tenant, **arguments: seen.append((current_schema(), arguments))  # noqa: E731
    monkeypatch.setitem(HANDLERS, "test.note", Work(note))
    monkeypatch.setitem(HANDLERS, "test.public", Work(note, public=True))
    monkeypatch.setattr(services, "nudge", lambda work_id, queue: True)
    return seen


@pytest.mark.django_db
def test_work_runs_inside_its_workspace_once(calls: list[Any], local_tenant: Tenant) -> None:
    row = work_schedule(task="test.note", tenant=local_tenant, arguments={"n": 1}, key="a")

    assert (work_run(row.pk), work_run(row.pk)) == (True, False)
    assert calls == [(local_tenant.schema_name, {"n": 1})]
    assert current_schema() == "public"


@pytest.mark.django_db
def test_public_work_is_queued_from_inside_a_workspace(
    calls: list[Any], local_tenant: Tenant
) -> None:
    with tenant_context(local_tenant):
        row = work_schedule(task="test.note", key="from inside")
        again = work_schedule(task="test.note", key="from inside")
        assert current_schema() == local_tenant.schema_name

    assert (row.tenant_id, again.pk) == (None, row.pk)


@pytest.mark.django_db
def test_the_same_key_is_queued_once(calls: list[Any]) -> None:
    first = work_schedule(task="test.note", key="b")

    assert work_schedule(task="test.note", key="b").pk == first.pk
    assert DueWork.objects.filter(key="b").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_decision_queues_nothing(calls: list[Any]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        work_schedule(task="test.note", key="c")
        raise RuntimeError

    assert not DueWork.objects.filter(key="c").exists()


@pytest.mark.django_db
def test_work_of_tomorrow_is_not_run_today(calls: list[Any]) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    row = work_schedule(task="test.note", key="d", due_at=tomorrow)

    assert (work_run(row.pk), calls) == (False, [])


@pytest.mark.django_db
def test_a_failure_is_tried_again_later_and_then_given_up(
    monkeypatch: pytest.MonkeyPatch, calls: list[Any]
) -> None:
    def fail(tenant: Any) -> None:
        raise RuntimeError("no answer")

    monkeypatch.setitem(HANDLERS, "test.fail", Work(fail, public=True))
    row = work_schedule(task="test.fail", key="e")
    for _ in range(services.ATTEMPTS):
        DueWork.objects.filter(pk=row.pk).update(due_at=clock.now())
        assert work_run(row.pk) is True
    row.refresh_from_db()

    assert (row.attempts, row.error) == (services.ATTEMPTS, "no answer")
    assert row.dead_at is not None
    assert work_run(row.pk) is False


@pytest.mark.django_db
def test_work_of_an_erased_workspace_is_dead_with_a_reason(
    calls: list[Any], local_tenant: Tenant
) -> None:
    row = work_schedule(task="test.note", tenant=local_tenant, key="f")
    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.ERASED)
    work_run(row.pk)
    row.refresh_from_db()

    assert calls == []
    assert row.error == "The task was not run: the workspace is erased."
    assert row.dead_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "minutes"),
    [(State.BLOCKED, 30), (State.PENDING, 30), (State.FAILED, 30), (State.PREPARING, 1)],
)
def test_work_waits_for_a_workspace_that_may_take_it_later(
    state: State, minutes: int, calls: list[Any], local_tenant: Tenant
) -> None:
    row = work_schedule(task="test.note", tenant=local_tenant, key="wait")
    DueWork.objects.filter(pk=row.pk).update(attempts=services.ATTEMPTS - 1)
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)
    before = clock.now()
    for _ in range(10):
        DueWork.objects.filter(pk=row.pk).update(due_at=clock.now())
        assert work_run(row.pk) is False
    row.refresh_from_db()

    assert (calls, row.attempts, row.dead_at) == ([], services.ATTEMPTS - 1, None)
    assert (row.error, row.lease_token) == (f"the workspace is {state.value}", None)
    assert round((row.due_at - before).total_seconds() / 60) == minutes

    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.ACTIVE)
    DueWork.objects.filter(pk=row.pk).update(due_at=clock.now())
    assert work_run(row.pk) is True
    assert calls == [(local_tenant.schema_name, {})]


@pytest.mark.django_db
def test_a_row_whose_workers_were_killed_is_given_up_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, calls: list[Any]
) -> None:
    told: list[Any] = []
    tell = lambda tenant, **arguments: told.append((tenant, arguments))  # noqa: E731
    monkeypatch.setitem(HANDLERS, "test.note", Work(tell, given_up=tell))
    row = work_schedule(task="test.note", arguments={"n": 1}, key="killer")
    lapsed = clock.now() - timedelta(minutes=1)
    DueWork.objects.filter(pk=row.pk).update(
        attempts=services.ATTEMPTS, leased_until=lapsed, lease_token=uuid.uuid4()
    )

    assert work_run(row.pk) is False
    row.refresh_from_db()
    reason = "the worker was lost in attempt 6"
    assert (calls, row.error, row.attempts) == ([], reason, 6)
    assert row.dead_at is not None
    assert told == [(None, {"n": 1, "reason": reason})]
    assert work_run(row.pk) is False
    assert len(told) == 1


@pytest.mark.django_db
def test_a_row_in_its_last_attempt_is_not_taken_from_its_worker(calls: list[Any]) -> None:
    row = work_schedule(task="test.note", key="last")
    later = clock.now() + timedelta(minutes=5)
    DueWork.objects.filter(pk=row.pk).update(attempts=services.ATTEMPTS, leased_until=later)

    assert work_run(row.pk) is False
    row.refresh_from_db()
    assert row.dead_at is None


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, calls: list[Any]
) -> None:
    row = work_schedule(task="test.slow", key="fenced")
    thief = uuid.uuid4()

    def slow(_tenant: None) -> None:
        DueWork.objects.filter(pk=row.pk).update(lease_token=thief)
        raise RuntimeError("late")

    monkeypatch.setitem(HANDLERS, "test.slow", Work(slow, public=True))
    work_run(row.pk)
    row.refresh_from_db()
    assert (row.lease_token, row.error, row.done_at) == (thief, "", None)


@pytest.mark.django_db
def test_work_without_a_handler_is_dead_with_a_reason(calls: list[Any]) -> None:
    row = work_schedule(task="test.nobody", key="g")
    work_run(row.pk)
    row.refresh_from_db()

    assert "test.nobody" in row.error


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_row_run_it_once(calls: list[Any]) -> None:
    row = work_schedule(task="test.public", key="h")

    def run(_number: int) -> bool:
        try:
            return work_run(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(8))) == 1
    assert len(calls) == 1


# --- who takes what


def reason_of(row: DueWork) -> str:
    row.refresh_from_db()
    assert row.dead_at is not None
    return row.error.removeprefix("The task was not run: ")


@pytest.mark.django_db
def test_public_work_runs_on_the_public_side_even_when_called_inside(
    calls: list[Any], local_tenant: Tenant
) -> None:
    row = work_schedule(task="test.public", arguments={"n": 1}, key="p")
    with tenant_context(local_tenant):
        assert work_run(row.pk) is True
        assert current_schema() == local_tenant.schema_name

    assert calls == [("public", {"n": 1})]


@pytest.mark.django_db
def test_a_workspaces_work_never_runs_for_nobody(calls: list[Any]) -> None:
    row = work_schedule(task="test.note", key="nobody's")
    work_run(row.pk)

    assert (calls, reason_of(row)) == ([], "the row names no workspace.")


@pytest.mark.django_db
def test_public_work_takes_no_workspace(calls: list[Any], local_tenant: Tenant) -> None:
    row = work_schedule(task="test.public", tenant=local_tenant, key="whose")
    work_run(row.pk)

    assert (calls, reason_of(row)) == ([], "public work takes no workspace.")


@pytest.mark.django_db
def test_work_of_a_workspace_without_its_schema_is_dead_with_a_reason(
    calls: list[Any], local_tenant: Tenant
) -> None:
    row = work_schedule(task="test.note", tenant=local_tenant, key="ghost")
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_name=f"t_{'0' * 26}")
    work_run(row.pk)

    assert (calls, reason_of(row)) == ([], "the workspace's schema is missing.")


@pytest.mark.django_db
@pytest.mark.parametrize("works", [True, False])
def test_a_workspace_that_may_only_read_runs_what_is_marked_for_it(
    monkeypatch: pytest.MonkeyPatch, calls: list[Any], local_tenant: Tenant, works: bool
) -> None:
    note = HANDLERS["test.note"].handler
    monkeypatch.setitem(HANDLERS, "test.note", Work(note, works_when_read_only=works))
    row = work_schedule(task="test.note", tenant=local_tenant, key="late")
    trial_is_over()
    work_run(row.pk)

    row.refresh_from_db()
    assert len(calls) == (1 if works else 0)
    if not works:
        assert reason_of(row) == "the workspace may only read now."


@pytest.mark.django_db
def test_work_waits_when_billing_cannot_be_asked(
    settings: Any, calls: list[Any], local_tenant: Tenant
) -> None:
    row = work_schedule(task="test.note", tenant=local_tenant, key="unknown")
    settings.ENTITLEMENTS = "billing.selectors.nowhere"
    work_run(row.pk)

    row.refresh_from_db()
    assert (calls, row.dead_at, row.attempts) == ([], None, 1)
    assert "nowhere" in row.error


@pytest.mark.django_db
def test_a_workspace_queues_no_work_of_another(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    with tenant_context(local_tenant), pytest.raises(CrossTenantError):
        work_schedule(task="test.note", tenant=enterprise_tenant, key="foreign")

    assert not DueWork.objects.exists()


def trial_is_over() -> None:
    Subscription.objects.update(trial_ends_at=clock.now() - timedelta(days=1))
