"""What a backup holds, and what is refused as one."""

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from marketing_platform.operations.backup import archive, database, workspace_backup
from marketing_platform.operations.backup.archive import opened
from marketing_platform.operations.backup.errors import (
    BackupDamaged,
    BackupForeign,
    BackupNewer,
    RestoreRefused,
)
from marketing_platform.operations.backup.loading import _last_of, is_behind, newer_refuse
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import User
from tests.operations.backup.world import manifest_of, restore, rewritten, rows_in, whole

pytestmark = pytest.mark.django_db(transaction=True)


def resigned(path: Path, **changes: Any) -> Path:
    """Another manifest, signed by us."""
    content = json.dumps(manifest_of(path) | changes).encode()
    signature = archive._signature(content).encode()
    return rewritten(path, **{"manifest.json": content, "manifest.signature": signature})


def test_a_backup_holds_every_table_row_and_file(filled: dict[str, Tenant], folder: Path) -> None:
    for tenant in filled.values():
        report = workspace_backup(tenant, folder / f"{tenant.slug}.zip")
        found, manifest = whole(tenant), manifest_of(report.path)
        parts = manifest["parts"]

        assert {
            name.removeprefix("tables/"): database.Counted(part["rows"], part["sha256"])
            for name, part in parts.items()
            if name.startswith("tables/")
        } == found.tables
        assert {
            name.removeprefix("public/"): part["rows"]
            for name, part in parts.items()
            if name.startswith("public/")
        } == {label: len(rows) for label, rows in found.public.items()}
        assert {f"files/{name}" for name in found.files} <= set(parts)
        assert found.files
        assert manifest["tenant"]["id"] == str(tenant.pk)
        assert ["platform_audit", "0001_initial"] in manifest["migrations"]


def test_it_is_its_owners_alone_and_leaves_nothing_unfinished(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_no_password_is_in_it(filled: dict[str, Tenant], folder: Path, vikram: User) -> None:
    path = workspace_backup(filled["enterprise"], folder / "b.zip").path
    with zipfile.ZipFile(path) as entries:
        content = b"".join(entries.read(name) for name in entries.namelist())

    assert b"vikram@veda.example" in content
    assert vikram.password.encode() not in content
    assert b"argon2" not in content


def test_it_shows_one_moment(
    filled: dict[str, Tenant], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that is committed while the tables are read is in none of them."""
    tenant, read = filled["local"], database.table_read
    before = rows_in(tenant, "local_social_media_dayidea")

    def meanwhile(raw: Any, schema: str, table: Any, sink: Any) -> Any:
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            other.execute(
                f'INSERT INTO {schema}.local_social_media_dayidea ("on", variant, chosen_at)'
                ' SELECT max("on") + 1, 1, now()'
                f" FROM {schema}.local_social_media_dayidea"
            )
        return read(raw, schema, table, sink)

    monkeypatch.setattr(database, "table_read", meanwhile)
    path = workspace_backup(tenant, folder / "b.zip").path

    part = manifest_of(path)["parts"]["tables/local_social_media_dayidea"]
    assert part["rows"] == len(before)
    assert len(rows_in(tenant, "local_social_media_dayidea")) > len(before)


def test_a_workspace_without_tables_has_no_backup(local_tenant: Tenant, folder: Path) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.PENDING)

    with pytest.raises(IllegalState):
        workspace_backup(local_tenant, folder / "b.zip")
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_a_torn_file_is_refused(backup: Path, share: float) -> None:
    content = backup.read_bytes()
    torn = backup.with_name("torn.zip")
    torn.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(BackupDamaged, match=r"torn\.zip cannot be restored"), opened(torn):
        pass


def test_an_altered_table_is_named(backup: Path) -> None:
    name = "tables/local_social_media_offer"
    with zipfile.ZipFile(backup) as entries:
        altered = entries.read(name).replace(b"10%", b"90%")

    with pytest.raises(BackupDamaged, match=name), opened(rewritten(backup, **{name: altered})):
        pass


def test_an_altered_manifest_is_refused_unless_it_is_trusted(backup: Path) -> None:
    other = json.dumps(manifest_of(backup), indent=2).encode()
    altered = rewritten(backup, **{"manifest.json": other})

    with pytest.raises(BackupForeign), opened(altered):
        pass
    with opened(altered, accept_foreign=True) as reader:
        assert reader.manifest.format == 1


def test_an_entry_that_leaves_its_folder_is_refused(backup: Path) -> None:
    parts = manifest_of(backup)["parts"]
    path = resigned(
        backup, parts=parts | {"files/../../x": parts["tables/platform_media_mediafile"]}
    )

    with pytest.raises(BackupDamaged, match="leaves its folder"), opened(path):
        pass


def test_a_backup_of_newer_code_is_refused_naming_its_migrations(backup: Path) -> None:
    newer = [*manifest_of(backup)["migrations"], ["local_social_media", "0099_later"]]

    with (
        opened(resigned(backup, migrations=newer)) as reader,
        pytest.raises(BackupNewer, match=r"local_social_media\.0099_later"),
    ):
        newer_refuse(reader.manifest)
    with opened(backup) as reader:
        newer_refuse(reader.manifest)


def test_a_backup_of_a_tier_that_is_not_deployed_is_refused(backup: Path) -> None:
    path = resigned(backup, tenant=manifest_of(backup)["tenant"] | {"tier": "gold"})

    with pytest.raises(RestoreRefused, match="tier gold is not deployed"):
        restore(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("taken_at", {"taken_at": "yesterday"}),
        ("taken_at", {"taken_at": "2026-11-01T06:30:00"}),
        ("tenant", {"tenant": []}),
        ("tenant.slug", {"tenant": {"id": "1", "tier": "local", "name": "x"}}),
        ("tenant.id", {"tenant": {"id": "1", "tier": "local", "name": "x", "slug": "asha"}}),
    ],
)
def test_a_manifest_that_lacks_a_fact_is_damaged(
    backup: Path, what: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BackupDamaged, match=f"has no usable {what}\\."):
        restore(resigned(backup, **changes))


@pytest.fixture
def squashed(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Code in which one migration of the audit replaces its two."""
    folder = tmp_path / "squashed_audit"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    names = ["0001_initial", "0002_rows_are_only_added"]
    for name in names:
        (folder / f"{name}.py").write_text(
            "from importlib import import_module\n"
            f"Migration = import_module('marketing_platform.audit.migrations.{name}').Migration\n"
        )
    (folder / "0001_squashed.py").write_text(
        "from django.db import migrations\n"
        "class Migration(migrations.Migration):\n"
        f"    replaces = {[('platform_audit', name) for name in names]}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, "platform_audit": folder.name}
    return "0001_squashed"


def test_a_backup_from_before_migrations_were_squashed_is_of_the_same_code(
    shop: Tenant, backup: Path, squashed: str
) -> None:
    with opened(backup) as reader:
        newer_refuse(reader.manifest)
        assert not is_behind(shop, reader.manifest)
        leaves = _last_of(MigrationLoader(None), reader.manifest)
    assert ("platform_audit", squashed) in leaves


@pytest.mark.slow
def test_a_backup_from_amid_squashed_migrations_is_refused(
    shop: Tenant, backup: Path, squashed: str
) -> None:
    last = ["platform_audit", "0002_rows_are_only_added"]
    fewer = [row for row in manifest_of(backup)["migrations"] if row != last]

    with (
        opened(resigned(backup, migrations=fewer)) as reader,
        pytest.raises(RestoreRefused, match=r"platform_audit\.0001_initial"),
    ):
        is_behind(shop, reader.manifest)
