"""Refused messages: kept once, shown to staff, sent again to who takes them now."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from redis import Redis

from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule.dead_letters import dead_letter_send_again, dead_letter_store
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.schedule.services import work_run, work_schedule
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}
LIST = "/platform_schedule/deadletter/"


@pytest.fixture
def queue() -> Iterator[str]:
    """Where messages of the task test.anywhere lay; nobody serves it."""
    name = f"unserved-{uuid.uuid4().hex[:8]}"
    app.task(current_schema, name="test.anywhere")
    yield name
    app.tasks.unregister("test.anywhere")
    Redis.from_url(settings.REDIS_URL).delete(name)


@pytest.fixture
def staff() -> Client:
    user = User.objects.create_superuser("staff@x.example", "a long staff password")
    browser = Client()
    who = {"email": user.email, "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


def store(tenant: Tenant | None = None, **changes: Any) -> DeadLetter:
    said = {
        "task": "test.anywhere",
        "task_id": uuid.uuid4().hex,
        "tenant_id": str(tenant.pk) if tenant else None,
        "queue": "",
        "arguments": [[7], {"word": "x"}],
        "reason": "the workspace is blocked",
    }
    dead_letter_store(**{**said, **changes})
    return DeadLetter.objects.latest("pk")


def messages(queue: str) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in Redis.from_url(settings.REDIS_URL).lrange(queue, 0, -1)]


def act(browser: Client, *letters: DeadLetter, **extra: str) -> Any:
    chosen = {"action": "send_again", "_selected_action": [str(row.pk) for row in letters]}
    return browser.post(LIST, {**chosen, **extra}, follow=True, **ADMIN)


def test_a_message_that_comes_twice_is_kept_once(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        store(task_id="same")
        store(task_id="same")

    assert DeadLetter.objects.count() == 1


def test_whatever_a_stranger_sends_can_be_kept() -> None:
    letter = store(
        tenant_id=f"\x00{'x' * 500}", arguments=[["\x00\ud800"], {}], task="y" * 500, task_id=None
    )

    assert (letter.tenant_id, letter.arguments) == ("x" * 64, [["?"], {}])


def test_a_letter_is_sent_again_once_with_a_reason_on_record(
    staff: Client, queue: str, local_tenant: Tenant
) -> None:
    letter = store(local_tenant, queue=queue)
    assert "Give a reason" in act(staff, letter).content.decode()
    assert messages(queue) == []

    act(staff, letter, reason="It was unblocked")
    act(staff, letter, reason="Once more")
    [message] = messages(queue)
    letter.refresh_from_db()
    event = TenantEvent.objects.filter(tenant=local_tenant).first()
    user = User.objects.get(email="staff@x.example")
    assert message["headers"]["tenant_id"] == str(local_tenant.pk)
    assert message["headers"]["argsrepr"] == "[7]"
    assert (letter.requeued_by, letter.requeued_at is not None) == (user.pk, True)
    assert (event.kind, event.reason, event.actor_id) == (
        "task_sent_again",
        "test.anywhere: It was unblocked",
        user.pk,
    )
    assert LogEntry.objects.get().change_message == "send_again: It was unblocked"


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({}, State.BLOCKED, "the workspace is blocked"),
        ({"tenant_id": None}, State.ACTIVE, "its message names no workspace"),
        ({"tenant_id": "nonsense"}, State.ACTIVE, "there is no such workspace"),
        ({"task": "schedule.run"}, State.ACTIVE, "a public task takes no workspace"),
        ({"task": "test.gone"}, State.ACTIVE, "there is no task test.gone"),
    ],
)
def test_a_letter_that_would_be_refused_again_stays(
    staff: Client,
    queue: str,
    local_tenant: Tenant,
    changes: dict[str, Any],
    state: State,
    words: str,
) -> None:
    letter = store(local_tenant, **{"queue": queue, **changes})
    Tenant.objects.filter(pk=local_tenant.pk).update(state=state)
    page = act(staff, letter, reason="Please go").content.decode()

    letter.refresh_from_db()
    assert words in page
    assert (messages(queue), letter.requeued_at) == ([], None)
    assert not LogEntry.objects.exists()


def test_a_broker_that_is_away_leaves_the_letter_as_it_was(
    monkeypatch: pytest.MonkeyPatch, queue: str, local_tenant: Tenant, asha: User
) -> None:
    letter = store(local_tenant)

    def away(*_args: Any, **_named: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(app, "send_task", away)
    with pytest.raises(OperationalError):
        dead_letter_send_again(letter=letter, reason="x", actor_id=asha.pk, now=clock.now())

    letter.refresh_from_db()
    assert letter.requeued_at is None
    assert not TenantEvent.objects.filter(kind="task_sent_again").exists()


def test_only_staff_who_may_change_letters_send_them(
    staff: Client, queue: str, local_tenant: Tenant
) -> None:
    letter = store(local_tenant, queue=queue)
    user = User.objects.get(email="staff@x.example")
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename="view_deadletter"))
    page = staff.get(LIST, **ADMIN).content.decode()
    act(staff, letter, reason="It was unblocked")

    assert "test.anywhere" in page
    assert "Send again" not in page
    assert messages(queue) == []


def test_the_list_takes_the_same_queries_for_more_letters(
    staff: Client, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = staff.get(LIST, **ADMIN).content.decode()
        assert "Asha Sweets" in page
        return len([query for query in queries if "search_path" not in query["sql"]])

    store(local_tenant)
    staff.get(LIST, **ADMIN)
    few = count()
    for _number in range(10):
        store(local_tenant)
        store(enterprise_tenant)
        store(tenant_id="nonsense")

    assert count() == few


def test_a_letters_own_page_shows_what_was_sent(staff: Client, local_tenant: Tenant) -> None:
    letter = store(local_tenant, arguments=[["<b>"], {"word": "नमस्ते"}])
    page = staff.get(f"{LIST}{letter.pk}/change/", **ADMIN).content.decode()

    for words in ("Asha Sweets", "the workspace is blocked", "नमस्ते", "&lt;b&gt;"):
        assert words in page


def test_letters_are_kept_for_180_days(local_tenant: Tenant) -> None:
    for days in (181, 179):
        store(local_tenant, task=f"test.{days}")
        moment = clock.now() - timedelta(days=days)
        DeadLetter.objects.filter(task=f"test.{days}").update(received_at=moment)
    assert work_run(work_schedule(task="platform.upkeep", key="upkeep:test").pk) is True

    assert list(DeadLetter.objects.values_list("task", flat=True)) == ["test.179"]
