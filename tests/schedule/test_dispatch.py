"""What the dispatcher sends, and that no queue takes another's turn."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis

from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule import periodic, services, tasks
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS, Work
from marketing_platform.schedule.services import nudge, work_dispatch, work_run, work_schedule
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What is sent: (row, queue)."""
    seen: list[tuple[int, str]] = []

    def note(work_id: int, queue: str) -> bool:
        seen.append((work_id, queue))
        return True

    monkeypatch.setattr(services, "nudge", note)
    return seen


@pytest.fixture
def broker_queue() -> Iterator[str]:
    """A queue of the real broker that nobody serves."""
    name = f"unserved-{uuid.uuid4().hex[:8]}"
    yield name
    Redis.from_url(app.conf.broker_url).delete(name)


def due(count: int, queue: str, minutes_ago: int = 0) -> list[int]:
    rows = DueWork.objects.bulk_create(
        DueWork(
            task="test.note",
            key=f"{queue}:{number}",
            queue=queue,
            due_at=clock.now() - timedelta(minutes=minutes_ago, seconds=1),
        )
        for number in range(count)
    )
    return [row.pk for row in rows]


def test_what_is_due_is_sent_once_a_minute(sent: list[tuple[int, str]]) -> None:
    [row] = due(1, "default")
    work_schedule(task="test.note", key="later", due_at=clock.now() + timedelta(hours=1))

    assert (work_dispatch(), work_dispatch()) == (1, 0)
    assert sent == [(row, "default")]

    DueWork.objects.filter(pk=row).update(nudged_at=clock.now() - timedelta(seconds=61))
    assert work_dispatch() == 1


def test_a_queue_that_nobody_serves_does_not_starve_the_others(
    sent: list[tuple[int, str]],
) -> None:
    due(250, "nobody", minutes_ago=60)
    [mine] = due(1, "default")

    assert work_dispatch() == 201
    assert (mine, "default") in sent
    assert work_dispatch() == 50
    assert work_dispatch() == 0


def test_a_queue_that_nobody_serves_fills_the_broker_no_further(broker_queue: str) -> None:
    due(25, broker_queue)

    assert work_dispatch(batch=20) == 20
    DueWork.objects.update(nudged_at=None)
    assert work_dispatch(batch=20) == 0
    assert Redis.from_url(app.conf.broker_url).llen(broker_queue) == 20


def test_a_message_expires_when_its_row_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, object] = {}
    monkeypatch.setattr(app, "send_task", lambda name, **given: options.update(given))

    assert nudge(7, "billing") is True
    assert options == {"args": [7], "queue": "billing", "retry": False, "expires": 60.0}


def test_a_broker_that_goes_away_is_asked_once_and_the_rows_stay_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = due(3, "default")
    asked: list[int] = []

    def fail_second(work_id: int, queue: str) -> bool:
        asked.append(work_id)
        return len(asked) < 2

    monkeypatch.setattr(services, "nudge", fail_second)
    assert work_dispatch() == 1
    assert asked == rows[:2]
    assert set(DueWork.objects.filter(nudged_at=None).values_list("pk", flat=True)) == set(rows[1:])


def test_a_broker_that_is_away_stops_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = due(1, "default")
    away = app.connection_for_write("redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "connection_for_write", lambda: away)

    assert work_dispatch() == 0
    assert DueWork.objects.get(pk=row).nudged_at is None


def test_each_pass_sees_that_tomorrows_upkeep_is_planned(
    sent: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic, "JOBS", {})
    tasks.dispatch()
    tasks.dispatch()

    tomorrow = clock.today() + timedelta(days=1)
    assert list(DueWork.objects.values_list("task", "key")) == [
        ("platform.upkeep", f"upkeep:{tomorrow:%Y-%m-%d}")
    ]


def test_each_pass_plans_what_is_done_regularly(
    sent: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch, local_tenant: Tenant
) -> None:
    hourly = periodic.Job("test.hourly", periodic.Every(timedelta(hours=1)), ("local",))
    monkeypatch.setattr(periodic, "JOBS", {"test.hourly": hourly})
    tasks.dispatch()

    assert DueWork.objects.get(task="test.hourly").tenant == local_tenant


def test_a_plan_that_fails_holds_up_nothing_that_is_due(
    sent: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_arguments: object) -> None:
        raise RuntimeError

    for name in ("upkeep_schedule", "pool_refill_schedule", "periodic_plan"):
        monkeypatch.setattr(tasks, name, fail)
    [row] = due(1, "default")
    tasks.dispatch()

    assert sent == [(row, "default")]


@pytest.mark.django_db
def test_after_a_standstill_only_the_last_period_of_a_job_is_run(
    local_tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    work = Work(lambda tenant: ran.append(tenant.pk), is_passing=True)
    monkeypatch.setitem(HANDLERS, "test.hourly", work)
    rows = [
        work_schedule(task="test.hourly", tenant=local_tenant, key=f"hour {hour}")
        for hour in range(3)
    ]
    outcomes = [work_run(row.pk) for row in rows]

    assert outcomes == [False, False, True]
    assert ran == [local_tenant.pk]
