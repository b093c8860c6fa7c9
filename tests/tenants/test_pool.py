"""Schemas made ahead: claimed once each, only by whom they fit, and made anew."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketing_platform.core import clock
from marketing_platform.tenants import pool
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.migrations_runner import code_version
from marketing_platform.tenants.models import PreparedSchema, SchemaSnapshot, State, Tenant
from marketing_platform.tenants.pool import pool_refill, pool_short, prepared_claim
from marketing_platform.tenants.services import tenant_reserve, workspace_provision
from marketing_platform.tenants.snapshot import schema_replay, snapshot_ensure

pytestmark = pytest.mark.django_db
TABLE = "CREATE TABLE marker (id int)"


@pytest.fixture(autouse=True)
def two_wanted(settings: Any) -> None:
    settings.WORKSPACE_POOL = {"local": 2, "enterprise": 0}


@pytest.fixture
def filled(db: None) -> Iterator[list[str]]:
    """The names of two prepared schemas of Local, the older first."""
    pool_refill("local", now=clock.now())
    yield names()


def names(**wanted: Any) -> list[str]:
    rows = PreparedSchema.objects.filter(**wanted).order_by("created_at", "schema_name")
    return list(rows.values_list("schema_name", flat=True))


def preparing(tier: str = "local", name: str = "New Shop") -> Tenant:
    tenant = tenant_reserve(tier=tier, name=name, language="en", actor_id=None, now=clock.now())
    Tenant.objects.filter(pk=tenant.pk).update(state=State.PREPARING)
    tenant.refresh_from_db()
    return tenant


def exists(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [schema])
        return bool(cursor.fetchone()[0])


def test_a_refill_makes_what_is_missing_and_then_nothing() -> None:
    assert pool_short() == ["local"]
    assert pool_refill("local", now=clock.now()) == 2
    assert pool_refill("local", now=clock.now()) == 0
    assert (len(names(is_ready=True)), pool_short()) == (2, [])


def test_a_claim_takes_the_schema_by_its_name(filled: list[str]) -> None:
    tenant = preparing()
    reserved_name = tenant.schema_name
    assert prepared_claim(tenant)

    stored = Tenant.objects.get(pk=tenant.pk)
    assert tenant.schema_name == stored.schema_name in filled
    assert tenant.schema_version == stored.schema_version == code_version("local")
    assert stored.schema_name not in names()
    assert not exists(reserved_name)
    assert workspace_complete(stored) == []
    with tenant_context(stored), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone()[0] == stored.schema_name


def test_a_claim_is_one_statement_without_definitions(filled: list[str]) -> None:
    tenant = preparing()
    code_version("local")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert prepared_claim(tenant)

    assert len(queries) == 1
    assert "SKIP LOCKED" in queries[0]["sql"]
    assert not any(word in queries[0]["sql"] for word in ("CREATE", "ALTER", "DROP"))


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.PENDING},
        {"state": State.ACTIVE},
        {"schema_version": "v1"},
        {"tier": "enterprise"},
    ],
)
def test_nobody_else_can_claim(filled: list[str], change: dict[str, str]) -> None:
    tenant = preparing()
    Tenant.objects.filter(pk=tenant.pk).update(**change)
    tenant.refresh_from_db()

    assert not prepared_claim(tenant)
    assert names() == filled
    assert Tenant.objects.get(pk=tenant.pk).schema_name == tenant.schema_name


def test_a_workspace_that_has_a_schema_keeps_it(filled: list[str]) -> None:
    tenant = preparing()
    schema_replay(tenant.schema_name, TABLE)

    assert not prepared_claim(tenant)
    assert names() == filled


@pytest.mark.parametrize("change", [{"version": "older"}, {"is_ready": False}])
def test_what_is_stale_or_unfinished_is_not_given_out(
    filled: list[str], change: dict[str, Any]
) -> None:
    PreparedSchema.objects.update(**change)
    assert not prepared_claim(preparing())
    assert pool_short() == ["local"]

    assert pool_refill("local", now=clock.now()) == 2
    assert not any(exists(name) for name in filled)
    assert len(names(is_ready=True, version=code_version("local"))) == 2


def test_one_that_somebody_changed_is_replaced_by_the_next_refill(filled: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {filled[0]}.platform_audit_auditentry")

    assert pool_refill("local", now=clock.now()) == 1
    assert not exists(filled[0])
    assert filled[1] in names()


def test_code_of_another_version_leaves_the_pool_alone(filled: list[str]) -> None:
    SchemaSnapshot.objects.update(version="of tomorrow")
    PreparedSchema.objects.update(version="of tomorrow")

    assert pool_refill("local", now=clock.now()) == 0
    assert names() == filled
    assert SchemaSnapshot.objects.get(tier="local").version == "of tomorrow"


def test_a_prepared_schema_that_is_unlike_the_snapshot_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot_ensure("local")
    monkeypatch.setattr(pool, "schema_replay", lambda name, _all: schema_replay(name, TABLE))
    with pytest.raises(Exception, match="unlike its snapshot"):
        pool_refill("local", now=clock.now())

    assert names() == []


# --- several at once


def claim_together(tenants: list[Tenant], claim: Callable[[Tenant], bool]) -> list[bool]:
    gate = threading.Barrier(len(tenants))

    def run(tenant: Tenant) -> bool:
        try:
            connection.ensure_connection()
            gate.wait()
            return claim(tenant)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tenants)) as threads:
        return list(threads.map(run, tenants))


def naive_claim(tenant: Tenant) -> bool:
    """The control: read, then write, without locks."""
    row = PreparedSchema.objects.filter(is_ready=True, tier=tenant.tier).first()
    if row is None:
        return False
    threading.Event().wait(0.2)
    tenant.schema_name = row.schema_name
    row.delete()
    return True


@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_time_get_different_schemas(filled: list[str]) -> None:
    tenants = [preparing(name=f"Shop {number}") for number in range(6)]
    got = claim_together(tenants, prepared_claim)

    taken = [tenant.schema_name for tenant, claimed in zip(tenants, got, strict=True) if claimed]
    assert sorted(taken) == sorted(filled)
    assert names() == []


@pytest.mark.django_db(transaction=True)
def test_control_a_naive_claim_gives_one_schema_to_two(filled: list[str]) -> None:
    tenants = [preparing(name=f"Shop {number}") for number in range(2)]
    assert claim_together(tenants, naive_claim) == [True, True]

    assert tenants[0].schema_name == tenants[1].schema_name


@pytest.mark.django_db(transaction=True)
def test_refills_at_the_same_time_make_no_more_than_wanted() -> None:
    snapshot_ensure("local")

    def refill(_number: int) -> int:
        try:
            return pool_refill("local", now=clock.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(refill, range(3)))

    assert (sum(made), len(names())) == (2, 2)


# --- provisioning


def provisioned(tier: str = "local") -> Tenant:
    tenant = preparing(tier)
    workspace_provision(tenant)
    tenant.refresh_from_db()
    assert (tenant.state, workspace_complete(tenant)) == (State.ACTIVE, [])
    return tenant


def refuse(*_arguments: object) -> None:
    raise AssertionError("not this way")


def test_provisioning_takes_from_the_pool_first(
    filled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing_platform.tenants.services.snapshot_apply", refuse)
    monkeypatch.setattr("marketing_platform.tenants.services.workspace_migrate", refuse)

    assert provisioned().schema_name in filled


def test_an_empty_pool_falls_back_to_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot_ensure("enterprise")
    monkeypatch.setattr("marketing_platform.tenants.services.workspace_migrate", refuse)

    provisioned("enterprise")


def test_without_a_snapshot_the_migrations_make_it() -> None:
    SchemaSnapshot.objects.all().delete()
    assert provisioned().schema_version == code_version("local")
