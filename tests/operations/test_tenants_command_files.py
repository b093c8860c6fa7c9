"""manage.py tenants: deleting, and the files that go in and out."""

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import schema_exists

from marketing_platform.audit.models import AuditEntry
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant

pytestmark = pytest.mark.django_db(transaction=True)

REASON = ("--reason", "asked by the owner")


def tenants(*arguments: str) -> str:
    out = io.StringIO()
    call_command("tenants", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture(autouse=True)
def _own_backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_DIR", tmp_path / "backups", raising=False)


def test_deleting_exports_closes_and_can_be_undone(local_tenant: Tenant) -> None:
    said = tenants("delete", "asha-sweets", "--grace-days", "10", *REASON)

    local_tenant.refresh_from_db()
    assert local_tenant.state == State.CLOSING
    assert abs(local_tenant.erase_after - clock.now() - timedelta(days=10)) < timedelta(minutes=5)
    export = Path(said.splitlines()[0].removeprefix("Exported to "))
    assert export.stat().st_size > 0
    assert schema_exists(local_tenant.schema_name)

    assert "active again" in tenants("reactivate", "asha-sweets", *REASON)
    local_tenant.refresh_from_db()
    assert (local_tenant.state, local_tenant.erase_after) == (State.ACTIVE, None)


@pytest.mark.parametrize("confirm", [[], ["--confirm", "asha"]])
def test_deleting_at_once_wants_the_slug_typed(local_tenant: Tenant, confirm: list[str]) -> None:
    with pytest.raises(CommandError, match="Type its slug too: --confirm asha-sweets"):
        tenants("delete", "asha-sweets", "--now", *confirm, *REASON)

    local_tenant.refresh_from_db()
    assert (local_tenant.state, schema_exists(local_tenant.schema_name)) == (State.ACTIVE, True)


def test_deleting_at_once_leaves_the_export_and_the_others(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    said = tenants("delete", "asha-sweets", "--now", "--confirm", "asha-sweets", *REASON)

    assert "asha-sweets is erased" in said
    assert Path(said.splitlines()[0].removeprefix("Exported to ")).exists()
    assert not schema_exists(local_tenant.schema_name)
    assert schema_exists(enterprise_tenant.schema_name)
    local_tenant.refresh_from_db()
    assert local_tenant.state == State.ERASED


def test_erase_due_erases_those_whose_grace_is_over(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    for slug in ("asha-sweets", "veda-appliances"):
        tenants("delete", slug, *REASON)
    Tenant.objects.filter(pk=local_tenant.pk).update(erase_after=clock.now() - timedelta(days=1))

    said = tenants("erase-due")

    assert said.splitlines() == ["asha-sweets is erased"]
    assert not schema_exists(local_tenant.schema_name)
    assert schema_exists(enterprise_tenant.schema_name)


def test_a_backup_brings_the_workspace_back(local_tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "asha.zip"
    with tenant_context(local_tenant):
        audit_record(action="before", actor_kind="system", now=clock.now())
    assert "is written to" in tenants("backup", "asha-sweets", str(path))
    with tenant_context(local_tenant):
        audit_record(action="after", actor_kind="system", now=clock.now())

    said = tenants("restore", str(path))

    assert said.startswith("asha-sweets is as it was at ")
    local_tenant.refresh_from_db()
    with tenant_context(local_tenant):
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert ("before" in actions, "after" in actions) == (True, False)


@pytest.mark.parametrize("act", ["backup", "export"])
def test_no_file_is_written_over(local_tenant: Tenant, tmp_path: Path, act: str) -> None:
    path = tmp_path / "kept.zip"
    path.write_text("kept")

    with pytest.raises(CommandError, match=r"exists. Give the name of a new file"):
        tenants(act, "asha-sweets", str(path))
    assert path.read_text() == "kept"


@pytest.mark.parametrize("act", ["backup", "export"])
def test_a_missing_folder_is_named(local_tenant: Tenant, tmp_path: Path, act: str) -> None:
    with pytest.raises(CommandError, match="nowhere does not exist"):
        tenants(act, "asha-sweets", str(tmp_path / "nowhere" / "x.zip"))


def test_an_export_is_for_people(local_tenant: Tenant, tmp_path: Path) -> None:
    tenants("export", "asha-sweets", str(tmp_path / "asha.zip"))

    assert (tmp_path / "asha.zip").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_backup_changes_nothing(local_tenant: Tenant, tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 torn")

    with pytest.raises(CommandError, match=r"torn.zip cannot be restored"):
        tenants("restore", str(tmp_path / "torn.zip"))
    with pytest.raises(CommandError, match="There is no file"):
        tenants("restore", str(tmp_path / "none.zip"))
    assert Tenant.objects.get(pk=local_tenant.pk).state == State.ACTIVE


READ = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("tenants", *sys.argv[1:])
"""


@pytest.mark.parametrize(
    "arguments",
    [["status", "asha-sweets"], pytest.param(["list", "--json"], marks=pytest.mark.slow)],
)
def test_whoever_stops_reading_ends_it_quietly(local_tenant: Tenant, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    connection.close()
    ended = subprocess.run(
        [sys.executable, "-c", READ, *arguments],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writing)

    assert (ended.returncode, b"BrokenPipe" in ended.stderr) == (0, False), ended.stderr.decode()


def test_one_workspace_is_counted_as_one(local_tenant: Tenant) -> None:
    assert tenants("list", "--tier", "local").splitlines()[-1] == "1 workspace"
