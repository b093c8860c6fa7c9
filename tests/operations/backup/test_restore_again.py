"""A restore that was cut off, one after another, and what is asked for meanwhile."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from marketing_platform.core import clock
from marketing_platform.operations.backup import (
    restoring,
    tenant_close,
    tenant_erase,
    workspace_backup,
)
from marketing_platform.operations.backup.schemas import drop_done, drop_plan, planned_drops
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.services import tenant_block
from tests.operations.backup.world import DAY, NOON, restore, schemas, whole, without

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
EVENTS = "tenants.TenantEvent"


def folders() -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT).glob("t_*")}


def close(tenant: Tenant, grace: timedelta) -> None:
    mine = Tenant.objects.get(pk=tenant.pk)
    tenant_close(tenant=mine, reason="asked", actor_id=None, now=clock.now(), grace=grace)


def test_what_fails_after_the_commit_leaves_the_restored_workspace(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    def fails() -> None:
        raise RuntimeError("too late")

    @registries.after_restore("sends")
    def sends(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
        transaction.on_commit(fails)
        return []

    before = whole(shop)
    with pytest.raises(RuntimeError, match="too late"):
        restore(backup)
    old = shop.schema_name
    shop.refresh_from_db()

    assert shop.schema_name != old
    assert (workspace_complete(shop), shop.state) == ([], State.ACTIVE)
    assert without(whole(shop), EVENTS) == without(before, EVENTS)
    assert shop.schema_name not in planned_drops(shop.pk)


def test_nothing_is_removed_when_it_cannot_be_asked_whether_it_is_used(
    shop: Tenant, backup: Path, registries: Any
) -> None:
    def cut() -> None:
        (backend,) = connection.connection.execute("SELECT pg_backend_pid()").fetchone()
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        raise RuntimeError("cut off")

    @registries.after_restore("sends")
    def sends(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
        transaction.on_commit(cut)
        return []

    with pytest.raises(RuntimeError, match="cut off"):
        restore(backup)
    connection.close()
    shop.refresh_from_db()

    assert shop.schema_name in schemas()
    assert workspace_complete(shop) == []
    # Looked at again a day later, when it is in use.
    assert shop.schema_name in planned_drops(shop.pk)


def test_restored_three_times_and_erased_nothing_is_left(shop: Tenant, tmp_path: Path) -> None:
    others = (schemas() - {shop.schema_name}, folders() - {shop.schema_name})
    path = workspace_backup(shop, tmp_path / "elsewhere.zip").path
    for _time in range(3):
        restore(path)
    shop.refresh_from_db()
    # The control: there is something to be left.
    assert len(schemas() - others[0]) == len(folders() - others[1]) == 4
    close(shop, timedelta())
    tenant_erase(tenant=shop, now=clock.now())

    assert (schemas(), folders()) == others
    assert planned_drops(shop.pk) == []


def test_a_drop_is_planned_again_at_its_new_time(shop: Tenant) -> None:
    name = f"t_{'0' * 26}"
    drop_plan(name, tenant_id=shop.pk, after=DAY)
    drop_done(name)
    drop_plan(name, tenant_id=shop.pk, after=DAY)
    drop_plan(name, tenant_id=shop.pk, after=7 * DAY)

    (row,) = DueWork.objects.filter(task="tenants.schema_drop", done_at=None)
    assert row.due_at - clock.now() > 6 * DAY


def test_what_a_killed_restore_blocked_is_opened_by_the_next(shop: Tenant, backup: Path) -> None:
    tenant_block(tenant=shop, reason=restoring.BLOCKED_FOR, actor_id=None, now=NOON)
    restore(backup)
    shop.refresh_from_db()

    assert shop.state == State.ACTIVE


@pytest.mark.parametrize("is_failing", [True, False])
def test_a_closing_asked_for_meanwhile_stays(
    shop: Tenant, backup: Path, monkeypatch: pytest.MonkeyPatch, is_failing: bool
) -> None:
    load = restoring.tables_load

    def meanwhile(*arguments: Any) -> None:
        close(shop, 30 * DAY)
        if is_failing:
            raise RuntimeError("broken")
        load(*arguments)

    monkeypatch.setattr(restoring, "tables_load", meanwhile)
    if is_failing:
        with pytest.raises(RuntimeError, match="broken"):
            restore(backup)
    else:
        restore(backup)
    shop.refresh_from_db()

    assert (shop.state, shop.erase_after is not None) == (State.CLOSING, True)
