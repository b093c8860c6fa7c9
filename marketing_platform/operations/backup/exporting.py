"""What an owner takes along: readable tables and files of one workspace, not for a restore."""

import csv
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext, override
from psycopg import sql

from marketing_platform.core.text import mark as _
from marketing_platform.operations.backup import database
from marketing_platform.operations.backup.archive import Writer, written
from marketing_platform.operations.backup.rows import TENANT_COLUMN
from marketing_platform.operations.backup.taking import files_write, reading
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import spec

AT_ONCE = 2_000
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Of the public tables, what is the workspace's to take; no secrets, of people names and roles.
PUBLIC = {
    "subscriptions": (
        "billing_subscription",
        "interval, state, trial_ends_at, current_period_start, current_period_end, created_at",
    ),
    "payments": (
        "billing_payment",
        "gateway, remote_id, base_paise, tax_paise, amount_paise, currency, paid_at",
    ),
    "terms": ("billing_staffterms", "until, accepted_at"),
    "api_keys": ("api_apikey", "name, scopes, is_test, created_at, expires_at, revoked_at"),
    "events": ("tenants_tenantevent", "kind, happened_at"),
    "people": (
        "users_membership JOIN public.users_user u ON u.id = user_id",
        "full_name, role, created_at",
    ),
}
README = (
    _("Taken on {taken_at} (Indian time)."),
    "",
    _("tables/: one CSV file per kind of record; open them in Excel or Google Sheets"),
    _("files/: photos, posters and documents"),
    _(
        "workspace.json: the workspace, its profile, people and their roles, subscriptions and "
        "payments; amounts in paise"
    ),
    "",
    _("Times are Indian time. A text that a spreadsheet would take for a formula has a ' first."),
)


@dataclass(frozen=True)
class ExportReport:
    path: Path
    tables: int
    rows: int
    files: int
    seconds: float


def workspace_export(
    tenant: Tenant, path: Path | str, progress: Callable[[float], None] = lambda _done: None
) -> ExportReport:
    """Write one workspace's export to `path`, whole or not at all; 0600.

    `progress` hears how many of the tables are written, from 0 to 1, and may raise to stop it.

    Raises IllegalState when it has no schema; WorkspaceBusy when it is migrated for a minute.
    """
    started, path = time.monotonic(), Path(path)
    with reading(tenant) as raw, written(path) as archive:
        raw.execute("SET LOCAL TimeZone = 'Asia/Kolkata'")
        tables = database.tables_of(raw, tenant.schema_name)
        rows = {}
        for place, table in enumerate(tables):
            progress(place / len(tables))
            rows[table.name] = _table_write(raw, archive, tenant.schema_name, table)
        archive.writestr("workspace.json", _workspace(raw, tenant))
        archive.writestr("README.txt", _readme(raw, tenant))
        writer = Writer(archive)
        files_write(writer, tenant.schema_name)
    return ExportReport(
        path=path,
        tables=len(rows),
        rows=sum(rows.values()),
        files=len(writer.parts),
        seconds=round(time.monotonic() - started, 3),
    )


def _table_write(
    raw: psycopg.Connection[Any], archive: zipfile.ZipFile, schema: str, table: database.Table
) -> int:
    kinds = _kinds(raw, schema, table)
    shown = sql.SQL(", ").join(_as_text(column, kinds[column]) for column in table.columns)
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        shown,
        sql.Identifier(schema, table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.order)),
    )
    is_text = [kinds[column] in ("S", "U") for column in table.columns]
    count = 0
    with (
        archive.open(f"tables/{table.name}.csv", "w", force_zip64=True) as entry,
        io.TextIOWrapper(entry, encoding="utf-8", newline="") as text,
    ):
        text.write(BYTE_ORDER_MARK)
        out = csv.writer(text)
        out.writerow(_headings(table))
        for row in _streamed(raw, query):
            out.writerow(
                _harmless(value) if plain else value
                for value, plain in zip(row, is_text, strict=True)
            )
            count += 1
    return count


def _streamed(raw: psycopg.Connection[Any], query: sql.Composable) -> Iterator[tuple[Any, ...]]:
    with psycopg.ServerCursor(raw, "export") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(query)
        yield from cursor


def _kinds(raw: psycopg.Connection[Any], schema: str, table: database.Table) -> dict[str, str]:
    """PostgreSQL's category of each column's type; 'bytea' for itself."""
    rows = raw.execute(
        "SELECT a.attname::text, CASE WHEN t.typname = 'bytea' THEN 'bytea'"
        " ELSE t.typcategory::text END"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0",
        [sql.Identifier(schema, table.name).as_string(raw)],
    ).fetchall()
    return dict(rows)


def _as_text(column: str, kind: str) -> sql.Composed:
    name = sql.Identifier(column)
    if kind == "bytea":
        return sql.SQL("octet_length({}) || ' bytes'").format(name)
    if kind == "B":
        return sql.SQL("CASE {} WHEN true THEN 'yes' WHEN false THEN 'no' END").format(name)
    return sql.SQL("{}::text").format(name)


def _harmless(value: str | None) -> str | None:
    return f"'{value}" if value and value.startswith(FORMULA) else value


def _headings(table: database.Table) -> list[str]:
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    model: type[Model] | None = models.get(table.name)
    names = (
        {field.column: str(field.verbose_name) for field in model._meta.concrete_fields}
        if model
        else {}
    )
    return [names.get(column, column.replace("_", " ")).capitalize() for column in table.columns]


def _workspace(raw: psycopg.Connection[Any], tenant: Tenant) -> str:
    """The public rows as JSON; the profile is whatever the tier keeps in public."""
    facts: dict[str, Any] = {
        "name": tenant.name,
        "address": tenant.slug,
        "tier": tenant.tier,
        "language": tenant.language,
        "created_at": tenant.created_at.isoformat(),
    }
    profiles = set(spec(tenant.tier).apps_public)
    for model in apps.get_models():
        if model._meta.app_config.name in profiles:
            kept = [f.column for f in model._meta.concrete_fields if f.column != TENANT_COLUMN]
            names = ", ".join(f'"{column}"' for column in kept)
            facts[model._meta.model_name] = _rows(raw, model._meta.db_table, names, tenant)
    for name, (table, columns) in PUBLIC.items():
        facts[name] = _rows(raw, table, columns, tenant)
    return json.dumps(facts, ensure_ascii=False, indent=1)


def _rows(
    raw: psycopg.Connection[Any], table: str, columns: str, tenant: Tenant
) -> list[dict[str, Any]]:
    # The names are this module's own or those of the models' columns.
    query = f"SELECT to_jsonb(s)::text FROM (SELECT {columns} FROM public.{table}"  # noqa: S608
    found = raw.execute(f"{query} WHERE tenant_id = %s) s", [tenant.pk]).fetchall()
    return [json.loads(text) for (text,) in found]


def _readme(raw: psycopg.Connection[Any], tenant: Tenant) -> str:
    (taken_at,) = database.one(raw, "SELECT to_char(now(), 'DD Mon YYYY, HH24:MI')")
    with override(tenant.language):
        lines = [gettext(line).format(taken_at=taken_at) if line else "" for line in README]
    return "\r\n".join([tenant.name, *lines, ""])
