"""What a real worker runs, and for whom; what it refuses, and where that is kept."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery, chain, group
from django.utils import timezone

from billing.models import Subscription
from marketing_platform.celery import app, send_for
from marketing_platform.operations.processes import Child, kill_group
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from tests.celery.conftest import wait_for
from tests.celery.worker_tasks import (
    fail,
    note_failed_id,
    note_failure,
    note_here,
    note_next,
    retry_once,
    start_chord,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]
TO = {"queue": "tested"}
Noted = Callable[[int], list[dict[str, Any]]]


def named(tenant: Tenant) -> dict[str, str]:
    return {"tenant_id": str(tenant.pk), "tenant_schema": tenant.schema_name}


def letters(count: int) -> dict[str, str]:
    """Reasons by label, once there are that many letters."""
    wait_for(lambda: DeadLetter.objects.count() >= count, f"{count} dead letters")
    return {row.arguments[0][0]: row.reason for row in DeadLetter.objects.all()}


def labels(notes: list[dict[str, Any]], tenant: Tenant) -> list[str]:
    """The labels, every one of them noted inside this workspace."""
    assert {(seen["schema"], seen["tenant"]) for seen in notes} == {
        (tenant.schema_name, str(tenant.pk))
    }
    return [seen["label"] for seen in notes]


# --- refused


def test_bad_messages_are_dead_letters_and_no_body_runs(
    stranger: Celery, noted: Noted, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.BLOCKED)
    Tenant.objects.filter(pk=enterprise_tenant.pk).update(state=State.ERASED)
    public = Tenant.objects.filter(tier="public").first()
    bad = {
        "no header": {},
        "unknown": {"tenant_id": str(uuid.uuid4())},
        "junk": {"tenant_id": "public\x00'; --"},
        "empty": {"tenant_id": ""},
        "blocked": named(local_tenant),
        "erased": named(enterprise_tenant),
        **({"public": named(public)} if public else {}),
    }
    for label, headers in bad.items():
        stranger.send_task("test.note", [label], headers=headers, **TO)
    reasons = letters(len(bad))

    assert {label: reason for label, reason in reasons.items() if label != "public"} == {
        "no header": "its message names no workspace",
        "unknown": "there is no such workspace",
        "junk": "there is no such workspace",
        "empty": "its message names no workspace",
        "blocked": "the workspace is blocked",
        "erased": "the workspace is erased",
    }
    assert noted(0) == []
    kept = DeadLetter.objects.get(reason="the workspace is blocked")
    assert (kept.task, kept.queue, kept.tenant_id) == (
        "test.note",
        "tested",
        str(local_tenant.pk),
    )


@pytest.mark.parametrize("state", [State.PENDING, State.PREPARING, State.FAILED])
def test_a_workspace_that_never_was_ready_is_refused(
    noted: Noted, local_tenant: Tenant, state: State
) -> None:
    send_for(local_tenant, "test.note", ["early"], **TO)
    noted(1)
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)
    send_for(local_tenant, "test.note", ["late"], **TO)

    assert letters(1) == {"late": f"the workspace is {state.value}"}
    assert len(noted(1)) == 1


def test_a_workspace_without_its_schema_is_refused(noted: Noted, local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_name=f"t_{'0' * 26}")
    send_for(local_tenant, "test.note", ["ghost"], **TO)

    assert letters(1) == {"ghost": "the workspace's schema is missing"}
    assert noted(0) == []


def test_the_librarys_own_task_class_runs_a_message_without_a_header_in_public(
    stranger: Celery, noted: Noted
) -> None:
    """The control: the notes and letters of the tests above would show it."""
    stranger.send_task("test.unguarded", ["no header"], **TO)

    assert noted(1) == [{"label": "no header", "schema": "public", "tenant": None}]
    assert not DeadLetter.objects.exists()


def test_a_workspace_that_may_only_read_runs_what_is_marked_for_it(
    noted: Noted, local_tenant: Tenant
) -> None:
    Subscription.objects.update(trial_ends_at=timezone.now())
    send_for(local_tenant, "test.note", ["unmarked"], **TO)
    send_for(local_tenant, "test.note_when_read_only", ["marked"], **TO)

    assert letters(1) == {"unmarked": "the workspace may only read now"}
    assert labels(noted(1), local_tenant) == ["marked"]


def test_public_work_runs_in_public_and_takes_no_workspace(
    stranger: Celery, noted: Noted, local_tenant: Tenant
) -> None:
    with tenant_context(local_tenant):
        app.send_task("test.note_public", ["ours"], **TO)
    stranger.send_task("test.note_public", ["theirs"], headers=named(local_tenant), **TO)

    assert letters(1) == {"theirs": "a public task takes no workspace"}
    assert noted(1) == [{"label": "ours", "schema": "public", "tenant": None}]


# --- kept


def test_a_chain_keeps_its_workspace(noted: Noted, local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        chain(
            note_here.si("1").set(**TO), note_next.s("2").set(**TO), note_next.s("3").set(**TO)
        ).apply_async()

    assert labels(noted(3), local_tenant) == ["1", "2", "3"]


def test_a_group_and_a_link_keep_their_workspace(noted: Noted, local_tenant: Tenant) -> None:
    linked = note_here.si("a").set(link=note_next.s("b").set(**TO), **TO)
    with tenant_context(local_tenant):
        group(linked, note_here.si("c").set(**TO)).apply_async()

    assert labels(noted(3), local_tenant) == ["a", "b", "c"]


def test_a_chord_and_its_body_keep_their_workspace(noted: Noted, local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        start_chord.apply_async([3], **TO)

    assert labels(noted(4), local_tenant) == ["body", "part 0", "part 1", "part 2"]


def test_a_retry_and_a_countdown_keep_the_workspace(noted: Noted, local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        retry_once.apply_async(["again"], countdown=1, **TO)

    assert labels(noted(2), local_tenant) == ["again 0", "again 1"]


def test_what_follows_a_failure_keeps_the_workspace(noted: Noted, local_tenant: Tenant) -> None:
    """Celery calls the first kind as a function, and sends the second."""
    after = [note_failure.s(), note_failed_id.s().set(**TO)]
    with tenant_context(local_tenant):
        fail.apply_async(["a"], link_error=after, **TO)

    assert labels(noted(3), local_tenant) == ["a", "errback", "errback by message"]


def test_a_body_that_fails_on_the_public_side_leaves_nothing_behind(
    noted: Noted, stranger: Celery, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    for number in range(4):
        send_for(local_tenant, "test.leave_it_public", [f"{number}"], **TO)
    for number in range(4):
        send_for(enterprise_tenant, "test.note", [f"x{number}"], **TO)
    mine, others = noted(12)[:8], noted(12)[8:]

    assert len(labels(mine, local_tenant)) == 8
    assert labels(others, enterprise_tenant) == ["x0", "x1", "x2", "x3"]


def test_log_lines_of_a_task_and_of_what_follows_name_workspace_and_request(
    worker: Child, local_tenant: Tenant
) -> None:
    request_id = uuid.uuid4().hex
    with tenant_context(local_tenant):
        chain(note_here.si("first").set(**TO), note_here.si("second").set(**TO)).apply_async(
            headers={"request_id": request_id}
        )

    for words in ("noted first", "noted second"):
        assert local_tenant.schema_name in line_of(worker, words, request_id)


def line_of(worker: Child, *words: str) -> str:
    def found() -> list[str]:
        lines = worker.log.read_text().splitlines()
        return [line for line in lines if all(word in line for word in words)]

    wait_for(lambda: bool(found()), f"line with {words}")
    return found()[0]


# --- other pools, and killed workers


def test_threads_of_one_worker_do_not_share_the_workspace(
    worker_start: Callable[..., Child],
    noted: Noted,
    local_tenant: Tenant,
    enterprise_tenant: Tenant,
) -> None:
    worker_start("threads", "--pool", "threads", "--concurrency", "4")
    tenants = {"l": local_tenant, "e": enterprise_tenant}
    for number in range(60):
        for letter, tenant in tenants.items():
            send_for(tenant, "test.note", [f"{letter}{number}"], queue="threads")
    notes = noted(120)

    assert len({seen["label"] for seen in notes}) == 120
    for letter, tenant in tenants.items():
        mine = [seen for seen in notes if seen["label"].startswith(letter)]
        assert len(labels(mine, tenant)) == 60


def test_a_killed_workers_task_is_run_again_in_its_workspace(
    worker_start: Callable[..., Child], noted: Noted, local_tenant: Tenant
) -> None:
    doomed = worker_start("doomed", "--concurrency", "1")
    send_for(local_tenant, "test.slow", ["slow", 2.0], queue="doomed")
    noted(1)
    kill_group(doomed.pid)
    doomed.wait_stopped(5)
    app.control.add_consumer("doomed", destination=["tested@test"])

    assert labels(noted(3), local_tenant) == ["slow begins", "slow begins", "slow ends"]
