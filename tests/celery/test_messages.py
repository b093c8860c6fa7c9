"""What a message says when it leaves, and what a task does when it is called as a function."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.exceptions import Retry
from django.conf import settings
from redis import Redis

from marketing_platform.celery import app, send_for
from marketing_platform.schedule import tasks
from marketing_platform.tenants.acting import ACTING, PUBLIC
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.errors import CrossTenantError, TaskRefused
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.task_base import TenantTask

pytestmark = pytest.mark.django_db
Sent = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def unserved() -> Iterator[str]:
    """A queue of the real broker that nobody serves."""
    name = f"unserved-{uuid.uuid4().hex[:8]}"
    yield name
    Redis.from_url(settings.REDIS_URL).delete(name)


@pytest.fixture
def sent(unserved: str) -> Sent:
    """The headers of what lies in the unserved queue, the oldest first."""
    redis = Redis.from_url(settings.REDIS_URL)
    return lambda: [json.loads(raw)["headers"] for raw in redis.lrange(unserved, 0, -1)[::-1]]


@pytest.fixture
def where() -> Iterator[TenantTask]:
    """A task that answers the acting schema."""
    task = app.task(current_schema, name="test.where")
    yield task
    app.tasks.unregister("test.where")


def test_a_message_from_inside_a_workspace_names_it(
    unserved: str, sent: Sent, local_tenant: Tenant, where: TenantTask
) -> None:
    with tenant_context(local_tenant):
        where.apply_async(queue=unserved)
        app.send_task("test.unknown_here", queue=unserved)

    for headers in sent():
        assert headers["tenant_id"] == str(local_tenant.pk)
        assert headers["tenant_schema"] == local_tenant.schema_name


def test_a_message_from_the_public_side_names_nobody_unless_told(
    unserved: str, sent: Sent, local_tenant: Tenant, where: TenantTask
) -> None:
    where.apply_async(queue=unserved)
    send_for(local_tenant, "test.where", queue=unserved)

    assert [headers.get("tenant_id") for headers in sent()] == [None, str(local_tenant.pk)]


def test_public_work_sent_from_inside_a_workspace_names_nobody(
    unserved: str, sent: Sent, local_tenant: Tenant
) -> None:
    with tenant_context(local_tenant):
        tasks.run.apply_async([1], queue=unserved)

    assert "tenant_id" not in sent()[0]


def test_another_workspaces_task_is_sent_only_when_said_outright(
    unserved: str,
    sent: Sent,
    local_tenant: Tenant,
    enterprise_tenant: Tenant,
    where: TenantTask,
) -> None:
    other = {"tenant_id": str(enterprise_tenant.pk)}
    with tenant_context(local_tenant):
        with pytest.raises(CrossTenantError):
            where.apply_async(queue=unserved, headers=other)
        assert sent() == []
        send_for(enterprise_tenant, "test.where", queue=unserved)

    assert [headers["tenant_id"] for headers in sent()] == [str(enterprise_tenant.pk)]


def test_a_public_task_is_not_given_a_workspace(unserved: str, sent: Sent) -> None:
    with pytest.raises(TaskRefused):
        tasks.run.apply_async([1], queue=unserved, headers={"tenant_id": "x"})

    assert sent() == []


def test_a_task_called_as_a_function_runs_for_whoever_acts(
    local_tenant: Tenant, where: TenantTask
) -> None:
    with tenant_context(local_tenant):
        assert where() == where.apply().get() == local_tenant.schema_name
    with pytest.raises(TaskRefused):
        where()


def test_a_public_task_called_from_inside_a_workspace_runs_in_public(local_tenant: Tenant) -> None:
    task = app.task(current_schema, name="test.where_public", public=True)
    with tenant_context(local_tenant):
        assert task() == "public"
        assert current_schema() == local_tenant.schema_name
    app.tasks.unregister(task.name)


@pytest.mark.parametrize("error", [RuntimeError, Retry, SystemExit, KeyboardInterrupt])
def test_the_workspace_is_left_whatever_the_body_raises(
    local_tenant: Tenant, error: type[BaseException]
) -> None:
    def body() -> None:
        assert current_schema() == local_tenant.schema_name
        raise error

    task = app.task(body, name=f"test.raises_{error.__name__}")
    message = {"id": "1", "tenant_id": str(local_tenant.pk), "called_directly": False}
    task.push_request(**message)
    try:
        with pytest.raises(error):
            task()
    finally:
        task.pop_request()
        app.tasks.unregister(task.name)

    assert ACTING.get() is PUBLIC


def test_beat_sends_nothing_but_public_tasks() -> None:
    assert not_public(settings.CELERY_BEAT_SCHEDULE) == []


def test_a_beat_entry_of_a_workspaces_task_would_be_seen(where: TenantTask) -> None:
    wrong = {"a": {"task": "test.where"}, "b": {"task": "test.nowhere"}}

    assert not_public(wrong) == ["test.where", "test.nowhere"]


def not_public(entries: dict[str, Any]) -> list[str]:
    names = [entry["task"] for entry in entries.values()]
    return [name for name in names if not getattr(app.tasks.get(name), "public", False)]


def test_every_task_has_our_class() -> None:
    ours = [task for name, task in app.tasks.items() if name != "test.unguarded"]

    assert [task.name for task in ours if not isinstance(task, TenantTask)] == []
