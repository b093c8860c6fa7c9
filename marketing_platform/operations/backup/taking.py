"""Taking a backup of one workspace: its schema, its public rows, its files.

Read in one snapshot, by COPY, in pieces; migrations of the workspace wait meanwhile.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db.models import Model
from psycopg import sql

from marketing_platform.operations.backup import database
from marketing_platform.operations.backup.archive import Part, Writer, written
from marketing_platform.operations.backup.references import REFERENCES
from marketing_platform.operations.backup.rows import TENANT_COLUMN, outward, workspace_rows
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA, workspace_lock
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
WAIT_SECONDS = 60


@dataclass(frozen=True)
class BackupReport:
    """`rows` counts the workspace's own, `public_rows` those in the public schema."""

    path: Path
    taken_at: str
    tables: int
    rows: int
    public_rows: int
    files: int
    bytes: int
    seconds: float


@contextmanager
def reading(tenant: Tenant) -> Iterator[psycopg.Connection]:
    """A connection that sees the workspace as it is now, while nobody migrates it."""
    with public_context(), workspace_lock(tenant, wait_seconds=WAIT_SECONDS):
        tenant.refresh_from_db()
        if tenant.state not in HAVING_SCHEMA:
            raise IllegalState(state=tenant.get_state_display())
        with database.own_connection(is_reading=True) as raw:
            yield raw


def workspace_backup(tenant: Tenant, path: Path | str) -> BackupReport:
    """Write one workspace's backup to `path`, whole or not at all; 0600.

    Raises IllegalState when it has no schema; WorkspaceBusy when it is migrated for a minute.
    """
    started, path = time.monotonic(), Path(path)
    with reading(tenant) as raw, written(path) as archive:
        manifest = _write(raw, Writer(archive), tenant)
    report = BackupReport(
        path=path,
        taken_at=manifest.taken_at,
        tables=len(manifest.under("tables/")),
        rows=sum(part.rows or 0 for part in manifest.under("tables/").values()),
        public_rows=sum(part.rows or 0 for part in manifest.under("public/").values()),
        files=len(manifest.under("files/")),
        bytes=path.stat().st_size,
        seconds=round(time.monotonic() - started, 3),
    )
    logger.info("workspace %s backed up", tenant.slug, extra={"rows": report.rows})
    return report


def _write(raw: psycopg.Connection[Any], writer: Writer, tenant: Tenant) -> Any:
    schema = tenant.schema_name
    taken_at, facts = database.one(
        raw, "SELECT now(), to_jsonb(t)::text FROM public.tenants_tenant t WHERE id = %s", tenant.pk
    )
    for table in database.tables_of(raw, schema):
        _table_write(raw, writer, schema, table)
    for model, policy in workspace_rows().items():
        if policy is not Kept.NOT:
            _rows_write(raw, writer, model, tenant.pk)
    for model in REFERENCES:
        _references_write(raw, writer, model, tenant.pk)
    # After the tables: a file is written before the row that names it.
    files_write(writer, schema)
    return writer.finish(
        taken_at=taken_at.isoformat(),
        tenant=json.loads(facts),
        code_version=tenant.schema_version,
        migrations=database.migrations_of(raw, schema),
        public_migrations=database.migrations_of(raw, "public"),
        sequences=database.sequences_of(raw, schema),
    )


def _table_write(
    raw: psycopg.Connection[Any], writer: Writer, schema: str, table: database.Table
) -> None:
    name = f"tables/{table.name}"
    with writer.entry(name) as target:
        counted = database.table_read(raw, schema, table, target.write)
    writer.parts[name] = Part(counted.sha256, counted.rows, table.columns, table.order)


def _rows_write(
    raw: psycopg.Connection[Any], writer: Writer, model: type[Model], tenant_id: UUID
) -> None:
    statement = sql.SQL("COPY (SELECT to_jsonb(t) FROM {} t WHERE {} = {} ORDER BY {}) TO STDOUT")
    _json_write(
        raw,
        writer,
        f"public/{model._meta.label}",
        statement.format(
            sql.Identifier("public", model._meta.db_table),
            sql.Identifier(TENANT_COLUMN),
            sql.Literal(tenant_id),
            sql.Identifier(str(model._meta.pk.column)),
        ),
    )


def _references_write(
    raw: psycopg.Connection[Any], writer: Writer, model: type[Model], tenant_id: UUID
) -> None:
    """Those rows of a table of nobody's that the workspace's public rows point at."""
    keys = [
        sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(
            sql.Identifier(column),
            sql.Identifier("public", owner._meta.db_table),
            sql.Identifier(TENANT_COLUMN),
            sql.Literal(tenant_id),
        )
        for owner in workspace_rows()
        for column, target in outward(owner).items()
        if target is model
    ]
    query = sql.SQL(REFERENCES[model].query).format(keys=sql.SQL(" UNION ").join(keys))
    statement = sql.SQL("COPY ({}) TO STDOUT").format(query)
    _json_write(raw, writer, f"references/{model._meta.label}", statement)


def _json_write(
    raw: psycopg.Connection[Any], writer: Writer, name: str, statement: sql.Composable
) -> None:
    with writer.entry(name) as target:
        counted = database.stream_read(raw, statement, target.write)
    writer.parts[name] = Part(counted.sha256, counted.rows)


def files_write(writer: Writer, schema: str) -> None:
    """The workspace's files; one that goes while they are read is left out."""
    root = Path(settings.MEDIA_ROOT) / schema
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix == ".part":
            continue
        try:
            writer.file(f"files/{path.relative_to(root).as_posix()}", path)
        except FileNotFoundError:
            logger.warning("a file went away during the backup: %s", path.name)
