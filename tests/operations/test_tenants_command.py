"""manage.py tenants: what operators type, and what they are told."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant, TenantEvent, WorkspaceMigration
from marketing_platform.tenants.services import tenant_reserve

pytestmark = pytest.mark.django_db

REASON = ("--reason", "asked by the owner")


def tenants(*arguments: str) -> str:
    out = io.StringIO()
    call_command("tenants", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture(autouse=True)
def _own_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_DIR", tmp_path / "backups", raising=False)


def test_the_list_names_tier_state_and_version(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    lines = tenants("list").splitlines()

    assert lines[0].split() == ["slug", "tier", "state", "version", "since", "name"]
    assert [line.split()[:4] for line in lines[1:-1]] == [
        ["asha-sweets", "local", "active", "current"],
        ["veda-appliances", "enterprise", "active", "current"],
    ]
    assert lines[-1] == "2 workspaces"


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        (["--tier", "local"], ["asha-sweets"]),
        (["--state", "blocked"], ["veda-appliances"]),
        (["--behind"], ["asha-sweets"]),
        (["--behind", "--tier", "enterprise"], []),
    ],
)
def test_the_list_is_filtered(
    local_tenant: Tenant, enterprise_tenant: Tenant, filters: list[str], slugs: list[str]
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    Tenant.objects.filter(pk=enterprise_tenant.pk).update(state=State.BLOCKED)

    found = json.loads(tenants("list", "--json", *filters))

    assert [row["slug"] for row in found] == slugs


def test_the_list_costs_the_same_for_many(
    local_tenant: Tenant, django_assert_num_queries: Callable
) -> None:
    for number in range(5):
        tenant_reserve(
            tier="local", name=f"Shop {number}", language="en", actor_id=None, now=clock.now()
        )

    with django_assert_num_queries(2):
        assert tenants("list").splitlines()[-1] == "7 workspaces"


def test_the_status_tells_everything_about_one(local_tenant: Tenant) -> None:
    from marketing_platform.audit.services import audit_record

    with tenant_context(local_tenant):
        audit_record(action="canary", actor_kind="system", now=clock.now())
    WorkspaceMigration.objects.create(
        tenant=local_tenant,
        to_version="abc",
        outcome="failed",
        error="lock timeout",
        started_at=clock.now(),
    )

    found = json.loads(tenants("status", "asha-sweets", "--json"))

    assert (found["slug"], found["state"], found["version"]) == ("asha-sweets", "active", "current")
    assert found["schema_version"] == found["code_version"]
    assert found["problems"] == []
    assert found["rows"]["platform_audit_auditentry"] >= 1
    assert found["bytes"] > 100_000
    assert found["migrations"][0]["error"] == "lock timeout"
    words = tenants("status", "asha-sweets")
    assert "asha-sweets (Asha Sweets), local, active" in words
    assert "failed (try 1) to abc lock timeout" in words


def test_the_status_shows_what_a_schema_lacks(local_tenant: Tenant) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{local_tenant.schema_name}".platform_audit_auditentry')

    assert any(
        "platform_audit_auditentry" in problem
        for problem in json.loads(tenants("status", "asha-sweets", "--json"))["problems"]
    )


@pytest.mark.parametrize(
    "act",
    [
        ["status"],
        ["block", *REASON],
        ["unblock", *REASON],
        ["reactivate", *REASON],
        ["delete", *REASON],
        ["migrate"],
    ],
)
def test_an_unknown_slug_is_answered_with_near_ones(local_tenant: Tenant, act: list[str]) -> None:
    with pytest.raises(CommandError, match=r"no workspace asha-sweet.*Did you mean asha-sweets"):
        tenants(act[0], "asha-sweet", *act[1:])


def test_a_slug_unlike_all_is_answered_with_the_list(local_tenant: Tenant) -> None:
    with pytest.raises(CommandError, match=r"no workspace zzz. See `manage.py tenants list`"):
        tenants("status", "zzz")


def test_the_public_side_is_no_workspace(db: None) -> None:
    with pytest.raises(CommandError, match="no workspace"):
        tenants("status", "public")


def test_blocking_and_unblocking_are_recorded_with_the_reason(local_tenant: Tenant) -> None:
    assert "asha-sweets is blocked" in tenants("block", "asha-sweets", *REASON)
    assert "nothing changed" in tenants("block", "asha-sweets", *REASON)
    assert "active again" in tenants("unblock", "asha-sweets", *REASON)

    local_tenant.refresh_from_db()
    assert local_tenant.state == State.ACTIVE
    events = TenantEvent.objects.filter(tenant=local_tenant, kind__in=["blocked", "active"])
    assert list(events.values_list("kind", "reason")[:2]) == [
        ("active", "command: asked by the owner"),
        ("blocked", "command: asked by the owner"),
    ]


def test_a_closing_workspace_is_not_unblocked(local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.CLOSING)

    with pytest.raises(CommandError, match="is closing, not blocked"):
        tenants("unblock", "asha-sweets", *REASON)
    assert Tenant.objects.get(pk=local_tenant.pk).state == State.CLOSING


@pytest.mark.parametrize("act", ["block", "unblock", "reactivate", "delete"])
@pytest.mark.parametrize("reason", [[], ["--reason", "no"], ["--reason", "   "]])
def test_a_reason_is_asked_for(local_tenant: Tenant, act: str, reason: list[str]) -> None:
    with pytest.raises(CommandError, match="--reason"):
        tenants(act, "asha-sweets", *reason)
    assert Tenant.objects.get(pk=local_tenant.pk).state == State.ACTIVE


def test_migrate_wants_names_or_all(local_tenant: Tenant) -> None:
    for arguments in ([], ["asha-sweets", "--all"]):
        with pytest.raises(CommandError, match="Name the workspaces to migrate, or say --all"):
            tenants("migrate", *arguments)


@pytest.mark.parametrize("number", ["0", "9", "two", "-1"])
def test_migrate_refuses_an_odd_number_of_threads(local_tenant: Tenant, number: str) -> None:
    with pytest.raises(CommandError, match="--parallel: give a whole number from 1 to 8"):
        tenants("migrate", "--all", f"--parallel={number}")


def test_a_canary_that_is_not_among_them_is_refused(local_tenant: Tenant) -> None:
    with pytest.raises(CommandError, match="--canary veda is none of the workspaces"):
        tenants("migrate", "--all", "--canary", "veda")


def test_migrate_brings_one_that_is_behind_up(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    Tenant.objects.update(schema_version="old")

    said = tenants("migrate", "asha-sweets")

    assert "1 workspaces are up to date" in said
    assert [row["slug"] for row in json.loads(tenants("list", "--behind", "--json"))] == [
        "veda-appliances"
    ]


def test_a_dry_run_changes_nothing(local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    with tenant_context(local_tenant):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'local_occasions'")

    said = tenants("migrate", "--all", "--dry-run")

    assert "asha-sweets (local): local_occasions.0001_initial" in said
    assert Tenant.objects.get(pk=local_tenant.pk).schema_version == "old"
    assert not WorkspaceMigration.objects.exists()


def test_a_failed_migration_is_named_and_the_exit_is_not_zero(local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="old")
    with tenant_context(local_tenant):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'local_occasions'")

    with pytest.raises(CommandError, match=r"asha-sweets \(went first\): .*already exists"):
        tenants("migrate", "--all")
    assert json.loads(tenants("list", "--json"))[0]["version"] == "failed"
