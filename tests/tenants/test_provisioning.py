"""Runs that prepare one workspace at the same time, and runs killed at any point."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from marketing_platform.core import clock
from marketing_platform.tenants import pool, services, snapshot
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.migrations_runner import workspace_lock
from marketing_platform.tenants.models import PreparedSchema, SchemaSnapshot, State, Tenant
from marketing_platform.tenants.services import tenant_reserve, workspace_provision

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenant() -> Tenant:
    return tenant_reserve(
        tier="local", name="Two Workers", language="en", actor_id=None, now=clock.now()
    )


def locks_held() -> int:
    with connection.cursor() as cursor:
        # Of this database alone: the other worker's tests take locks in theirs.
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_the_second_run_waits_and_finds_the_workspace_ready(
    monkeypatch: pytest.MonkeyPatch, tenant: Tenant
) -> None:
    seen: list[str] = []

    def slow(_tenant: Tenant) -> str:
        seen.append("in")
        time.sleep(0.3)
        seen.append("out")
        return "v1"

    monkeypatch.setattr(services, "_schema_prepare", slow)

    def provision(_number: int) -> str:
        try:
            mine = Tenant.objects.get(pk=tenant.pk)
            workspace_provision(mine)
            return mine.state
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        states = list(pool.map(provision, range(3)))

    assert seen == ["in", "out"]
    assert states == [State.ACTIVE] * 3
    assert locks_held() == 0


def test_the_lock_is_given_back_after_a_failure(tenant: Tenant) -> None:
    with pytest.raises(RuntimeError), workspace_lock(tenant):
        assert locks_held() == 1
        raise RuntimeError

    assert locks_held() == 0


# --- kill -9 at any point


def killed(work: Callable[[], object]) -> bool:
    """Do it in a process of its own; True when that was killed on the way."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def die(*_arguments: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(count: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, and once it was called so often, death."""
    calls = []

    def run(*arguments: Any, **named: Any) -> Any:
        answer = function(*arguments, **named)
        calls.append(answer)
        if len(calls) == count:
            die()
        return answer

    return run


def before_active(tenant: Tenant, to: State, **_named: Any) -> None:
    if to == State.ACTIVE:
        die()
    tenant_move(tenant, to, **_named)


tenant_move = services.tenant_move
POINTS: dict[str, tuple[str, object, str, Callable[..., Any]]] = {
    # name: (what there is, where, which function, what it does instead)
    "before the claim": ("pool", services, "prepared_claim", die),
    "after the claim": ("pool", services, "prepared_claim", after(1, services.prepared_claim)),
    "before active, from the pool": ("pool", services, "tenant_move", before_active),
    "in the snapshot": ("snapshot", snapshot, "schema_replay", after(1, snapshot.schema_replay)),
    "after the snapshot": ("snapshot", services, "workspace_complete", die),
    "before the migrations": ("nothing", services, "workspace_migrate", die),
    "between migrations": (
        "nothing",
        MigrationExecutor,
        "apply_migration",
        after(3, MigrationExecutor.apply_migration),
    ),
    "after the migrations": ("nothing", services, "workspace_complete", die),
    "before active": ("nothing", services, "tenant_move", before_active),
}


def prepare_world(wanted: str, settings: Any) -> None:
    SchemaSnapshot.objects.filter(tier="local").delete()
    if wanted != "nothing":
        snapshot.snapshot_ensure("local")
    if wanted == "pool":
        settings.WORKSPACE_POOL = {"local": 1}
        pool.pool_refill("local", now=clock.now())


def orphans() -> set[str]:
    """Schemas that no row knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-z]{26}$'")
        found = {name for (name,) in cursor.fetchall()}
    known = {*Tenant.objects.values_list("schema_name", flat=True)}
    return found - known - {*PreparedSchema.objects.values_list("schema_name", flat=True)}


# Each way to make a workspace once; the other points with --all.
OFTEN = {"after the claim", "in the snapshot", "between migrations", "before active"}


@pytest.mark.parametrize(
    "point",
    [each if each in OFTEN else pytest.param(each, marks=pytest.mark.slow) for each in POINTS],
)
def test_a_killed_run_is_finished_by_the_next(
    point: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    world, owner, name, instead = POINTS[point]
    prepare_world(world, settings)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, instead)
        assert killed(lambda: workspace_provision(tenant))
    tenant.refresh_from_db()
    assert tenant.state == State.PREPARING

    workspace_provision(tenant)

    tenant.refresh_from_db()
    assert tenant.state == State.ACTIVE
    snapshot.snapshot_ensure("local")
    assert workspace_complete(tenant) == []
    assert orphans() == set()


@pytest.mark.parametrize(
    ("owner", "name", "left"),
    [(snapshot, "_compare", 2), (PreparedSchema.objects, "create", 0)],
    ids=["while the snapshot is compared", "before the prepared schema is noted"],
)
def test_a_killed_refill_leaves_nothing_that_the_next_does_not_drop(
    owner: object,
    name: str,
    left: int,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    django_db_setup: None,
) -> None:
    settings.WORKSPACE_POOL = {"local": 1}
    SchemaSnapshot.objects.filter(tier="local").delete()
    if left == 0:
        snapshot.snapshot_ensure("local")
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, die)
        assert killed(lambda: pool.pool_refill("local", now=clock.now()))
    assert PreparedSchema.objects.count() == left

    assert pool.pool_refill("local", now=clock.now()) == 1
    assert [row.is_ready for row in PreparedSchema.objects.all()] == [True]
    assert orphans() == set()
