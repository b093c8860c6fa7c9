"""Two runs that prepare one workspace at the same time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.tenants import services
from marketing_platform.tenants.migrations_runner import workspace_lock
from marketing_platform.tenants.models import State, Tenant
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

    monkeypatch.setattr(services, "workspace_migrate", slow)
    monkeypatch.setattr(services, "spec", lambda _tier: type("Spec", (), {"on_ready": None}))

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
