"""A workspace made from its tier's snapshot is the one that its migrations would have made."""

import re

import pytest
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.tenants import snapshot as snapshots
from marketing_platform.tenants.catalog import objects_differ, schema_fingerprint, schema_objects
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.migrations_runner import code_version, workspace_migrate
from marketing_platform.tenants.models import PreparedSchema, SchemaSnapshot, State, Tenant
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tenants.snapshot import (
    leftovers_drop,
    schema_drop,
    schema_replay,
    snapshot_apply,
    snapshot_current,
    snapshot_ensure,
)

pytestmark = pytest.mark.django_db
TIERS = ("local", "enterprise")


def reserved(tier: str = "local") -> Tenant:
    tenant = tenant_reserve(
        tier=tier, name="Fresh Shop", language="en", actor_id=None, now=clock.now()
    )
    Tenant.objects.filter(pk=tenant.pk).update(state=State.PREPARING)
    tenant.refresh_from_db()
    return tenant


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_[0-9a-z]{26}$'")
        return {name for (name,) in cursor.fetchall()}


def objects(schema_name: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        return schema_objects(cursor, schema_name)


def applied(tenant: Tenant) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {tenant.schema_name}.django_migrations")
        return set(cursor.fetchall())


@pytest.mark.parametrize("tier", TIERS)
def test_a_replayed_schema_is_identical_to_a_migrated_one(tier: str) -> None:
    assert snapshot_ensure(tier) is not None
    replayed, migrated = reserved(tier), reserved(tier)
    assert snapshot_apply(replayed)
    workspace_migrate(migrated)

    assert objects_differ(objects(migrated.schema_name), objects(replayed.schema_name)) == []
    with connection.cursor() as cursor:
        found = [schema_fingerprint(cursor, each.schema_name) for each in (replayed, migrated)]
    assert found == [snapshot_current(tier).fingerprint] * 2
    assert len(objects(replayed.schema_name)) > 50


def test_its_record_of_migrations_is_complete(local_tenant: Tenant) -> None:
    snapshot_ensure("local")
    tenant = reserved()
    snapshot_apply(tenant)
    before = objects(tenant.schema_name)

    assert workspace_migrate(tenant) == tenant.schema_version == code_version("local")
    assert objects(tenant.schema_name) == before
    assert applied(tenant) == applied(local_tenant) != set()


def test_triggers_are_part_of_it_and_belong_to_the_workspace() -> None:
    snapshot_ensure("local")
    tenant = reserved()
    snapshot_apply(tenant)
    lines = objects(tenant.schema_name)

    trigger = lines["trigger platform_audit_auditentry.rows_are_only_added"]
    assert "EXECUTE FUNCTION platform_audit_rows_are_only_added()" in trigger
    assert "function of" not in trigger
    assert "function platform_audit_rows_are_only_added()" in lines


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        ("DROP TABLE platform_media_mediafile CASCADE", "missing: relation platform_media_me"),
        (
            "ALTER TABLE platform_audit_auditentry ALTER action TYPE text",
            "different: column platform_audit_auditentry.action",
        ),
        (
            "DROP TRIGGER rows_are_only_added ON platform_audit_auditentry",
            "missing: trigger platform_audit_auditentry.rows_are_only_added",
        ),
        ("CREATE TABLE extra (id int)", "unexpected: relation extra"),
    ],
)
def test_a_schema_altered_by_hand_is_told_apart(
    local_tenant: Tenant, damage: str, line: str
) -> None:
    snapshot_ensure("local")
    assert workspace_complete(local_tenant) == []
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path = {local_tenant.schema_name}; {damage}")
        cursor.execute("SET LOCAL search_path = public")

    assert any(found.startswith(line) for found in workspace_complete(local_tenant))


def test_without_a_snapshot_missing_tables_are_still_named(local_tenant: Tenant) -> None:
    SchemaSnapshot.objects.all().delete()
    assert workspace_complete(local_tenant) == []
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {local_tenant.schema_name}.platform_audit_auditentry")

    assert workspace_complete(local_tenant) == ["missing: table platform_audit_auditentry"]


def test_a_stale_snapshot_is_refused_and_replaced() -> None:
    snapshot_ensure("local")
    SchemaSnapshot.objects.update(version="of yesterday", statements="CREATE TABLE old (id int)")
    tenant = reserved()

    assert not snapshot_apply(tenant)
    assert snapshot_ensure("local").version == code_version("local")
    assert snapshot_apply(tenant)
    assert "relation old" not in objects(tenant.schema_name)


def test_building_leaves_no_schema_behind() -> None:
    SchemaSnapshot.objects.all().delete()
    before = schemas()
    snapshot_ensure("local")

    assert (schemas(), PreparedSchema.objects.count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("lost", "line"),
    [
        ("CREATE TRIGGER", "missing: trigger"),
        ("INSERT INTO", "different: rows of django_migrations"),
    ],
)
def test_a_snapshot_that_makes_something_else_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lost: str, line: str
) -> None:
    whole = snapshots._migrate_captured

    def forgetful(scratch: PreparedSchema) -> str:
        parts = whole(scratch).split(snapshots.SEPARATOR)
        kept = [re.sub(rf"{lost}.*", "SELECT 1", part, flags=re.DOTALL) for part in parts]
        return snapshots.SEPARATOR.join(kept)

    monkeypatch.setattr(snapshots, "_migrate_captured", forgetful)
    SchemaSnapshot.objects.all().delete()
    before = schemas()

    assert snapshot_ensure("local") is None
    assert line in caplog.text
    assert (SchemaSnapshot.objects.count(), schemas()) == (0, before)


@pytest.mark.django_db(transaction=True)
def test_a_failing_replay_leaves_nothing(local_tenant: Tenant) -> None:
    before = schemas()
    with pytest.raises(Exception, match="does not exist"):
        schema_replay(new_schema_name(), "CREATE TABLE a (id int)\n;\nDROP TABLE b")

    assert schemas() == before
    assert Tenant.objects.filter(pk=local_tenant.pk).exists()  # the search path is public's again


def test_what_a_killed_maker_left_is_dropped() -> None:
    name = new_schema_name()
    PreparedSchema.objects.create(
        schema_name=name, tier="local", version="v", created_at=clock.now()
    )
    schema_replay(name, "CREATE TABLE half (id int)")

    assert leftovers_drop("local") == 1
    assert name not in schemas()
    assert not PreparedSchema.objects.exists()


@pytest.mark.parametrize("name", ["public", "pg_catalog", "t_short", 't_"; DROP TABLE x; --'])
def test_only_a_workspaces_schema_can_be_dropped(name: str) -> None:
    with pytest.raises(ValueError, match="not a schema"):
        schema_drop(name)


def test_a_workspace_with_a_schema_is_not_made_again(local_tenant: Tenant) -> None:
    snapshot_ensure("local")
    assert not snapshot_apply(local_tenant)
