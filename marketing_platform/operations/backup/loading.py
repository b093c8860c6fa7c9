"""A schema of its own for what is restored: made at the backup's migrations, filled, compared."""

from typing import Any

import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import quote_schema_name
from psycopg import sql

from marketing_platform.operations.backup import database
from marketing_platform.operations.backup.archive import Manifest, Part, Reader
from marketing_platform.operations.backup.errors import BackupNewer, RestoreRefused
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.migrations_runner import tier_leaves
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.snapshot import schema_replay, snapshot_current


def newer_refuse(manifest: Manifest) -> None:
    """Raise BackupNewer, naming the migrations that this code does not have."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    # Of the public side only the apps whose rows are in it: the other tier may not be deployed.
    used = {name.split(".")[0] for name, part in manifest.under("public/").items() if part.rows}
    applied = manifest.migrations + [row for row in manifest.public_migrations if row[0] in used]
    missing = [f"{app}.{name}" for app, name in applied if (app, name) not in known]
    if missing:
        raise BackupNewer(migrations=", ".join(missing[:10]))


def schema_make(place: Tenant, manifest: Manifest) -> None:
    """Create the schema that `place` names, with exactly the backup's migrations."""
    snapshot = None if is_behind(place, manifest) else snapshot_current(place.tier)
    if snapshot is not None:
        schema_replay(place.schema_name, snapshot.statements)
        return
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(place.schema_name)}")
    with tenant_context(place, include_public=False):
        MigrationRecorder(connection).ensure_schema()
        executor = MigrationExecutor(connection)
        executor.migrate(_last_of(executor.loader, manifest))


def is_behind(place: Tenant, manifest: Manifest) -> bool:
    """Whether the code has migrations that the backup had not."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return set(tier_leaves(loader, place.tier)) != set(_last_of(loader, manifest))


def tables_load(place: Tenant, backup: Reader) -> None:
    """Fill the schema and compare every table with the manifest; all or nothing.

    Raises RestoreRefused when something does not fit or does not come out as it went in.
    """
    schema = place.schema_name
    try:
        with database.own_connection(is_reading=False) as raw:
            for name, part in backup.manifest.under("tables/").items():
                _table_load(raw, schema, name, part, backup)
            database.sequences_raise(raw, schema, backup.manifest.sequences)
            raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        raise RestoreRefused(why=str(error).strip().replace("\n", "; ")) from error


def _table_load(
    raw: psycopg.Connection[Any], schema: str, name: str, part: Part, backup: Reader
) -> None:
    table = database.Table(name, part.columns, part.order)
    # A migration may have put its own beginnings there.
    place = sql.Identifier(schema, name)
    if raw.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(place)).fetchone():
        raw.execute(sql.SQL("DELETE FROM {}").format(place))
    database.table_write(raw, schema, table, backup.parts_of(f"tables/{name}"))
    found = database.table_read(raw, schema, table, lambda _part: None)
    if (found.rows, found.sha256) != (part.rows, part.sha256):
        raise RestoreRefused(
            why=f"{name} has {found.rows} rows that differ from the backup's {part.rows}"
        )


def _last_of(loader: MigrationLoader, manifest: Manifest) -> list[tuple[str, str]]:
    """The last of the backup's migrations in every app."""
    applied = _squashed(loader, {(app, name) for app, name in manifest.migrations})
    missing = sorted(f"{app}.{name}" for app, name in applied - set(loader.graph.node_map))
    if missing:
        raise RestoreRefused(
            why=f"it has some of the migrations that one replaces here ({', '.join(missing[:10])});"
            " restore it with the code before that"
        )
    followed = {
        parent.key
        for key in applied
        for parent in loader.graph.node_map[key].parents
        if parent.key[0] == key[0]
    }
    return sorted(applied - followed)


def _squashed(loader: MigrationLoader, applied: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The same migrations, those that one replaces by now as that one."""
    # A replacement may itself be replaced.
    for _round in loader.replacements:
        for key, migration in loader.replacements.items():
            replaced = set(migration.replaces)
            if key in applied or replaced <= applied:
                applied = (applied - replaced) | {key}
    return applied
