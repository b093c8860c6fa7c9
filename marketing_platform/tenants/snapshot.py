"""An empty workspace of a tier as plain SQL, captured from its migrations.

A snapshot is stored only after it was replayed and what came of it was found equal to what the
migrations made, catalog and rows. It is used only by code of the same version.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name, schema_exists
from psycopg import sql

from marketing_platform.core import clock
from marketing_platform.tenants.capture import statements_captured
from marketing_platform.tenants.catalog import objects_differ, schema_fingerprint, schema_objects
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import SnapshotDiffers
from marketing_platform.tenants.migrations_runner import (
    code_version,
    named_lock,
    workspace_migrate,
)
from marketing_platform.tenants.models import PreparedSchema, SchemaSnapshot, Tenant
from marketing_platform.tenants.slugs import new_schema_name

logger = logging.getLogger(__name__)

OUR_NAME = re.compile(r"t_[0-9a-z]{26}")
_CONCURRENT_INDEX = re.compile(
    r"\A((?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+)CONCURRENTLY\s+", re.IGNORECASE
)
# Between statements, on a line of its own: one may end in a comment.
SEPARATOR = "\n;\n"


def snapshot_current(tier: str) -> SchemaSnapshot | None:
    """The tier's snapshot; None when there is none of this code's version."""
    rows = SchemaSnapshot.objects.filter(tier=tier, version=code_version(tier))
    # The statements are long and seldom needed.
    return rows.defer("statements").first()


def snapshot_ensure(tier: str, *, now: datetime | None = None) -> SchemaSnapshot | None:
    """The current snapshot, built if it is stale or missing; others wait for whoever builds it.

    None when it cannot be built, which is logged; workspaces are then made by their migrations.
    """
    with public_context(), named_lock(f"snapshot:{tier}"):
        found = snapshot_current(tier)
        if found is not None:
            return found
        try:
            return _build(tier, now=now or clock.now())
        except Exception:
            logger.exception("no snapshot of %s could be made", tier)
            return None


def snapshot_apply(tenant: Tenant) -> bool:
    """Make the schema of a workspace that has none, and note its version; all or nothing.

    False when it has a schema or there is no current snapshot.
    """
    with public_context():
        snapshot = snapshot_current(tenant.tier)
        if snapshot is None or schema_exists(tenant.schema_name):
            return False
        with transaction.atomic():
            schema_replay(tenant.schema_name, snapshot.statements)
            Tenant.objects.filter(pk=tenant.pk).update(schema_version=snapshot.version)
        tenant.schema_version = snapshot.version
        return True


def schema_replay(schema_name: str, statements: str) -> None:
    """Create a schema and all that is in it, in one transaction and one round trip."""
    name = quote_schema_name(schema_name)
    script = SEPARATOR.join(
        [
            "SELECT set_config('platform.path_before', current_setting('search_path'), true)",
            f"CREATE SCHEMA {name}",
            f"SET LOCAL search_path = {name}",
            # No row waits for its check when the next statement alters its table.
            "SET CONSTRAINTS ALL IMMEDIATE",
            statements,
            "SET CONSTRAINTS ALL DEFERRED",
            "SELECT set_config('search_path', current_setting('platform.path_before'), true)",
        ]
    )
    with public_context(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(script)


def schema_drop(schema_name: str) -> None:
    """Drop one schema of ours. One per transaction: each takes a lock for every object in it."""
    if not OUR_NAME.fullmatch(schema_name):
        raise ValueError(f"{schema_name} is not a schema of a workspace")
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema_name)} CASCADE")


def leftovers_drop(tier: str) -> int:
    """Drop the schemas whose maker was killed; waits for one that is alive. Returns how many."""
    with public_context(), named_lock(f"snapshot:{tier}"):
        left = _unready(tier)
        for row in left:
            _scratch_drop(row)
        return len(left)


def _unready(tier: str) -> list[PreparedSchema]:
    return list(PreparedSchema.objects.filter(tier=tier, is_ready=False))


def _build(tier: str, *, now: datetime) -> SchemaSnapshot:
    """Migrate one schema, replay what was captured into another, compare, store.

    Where migrations leave rows, a third is migrated: a token made in Python would be the same in
    every workspace, and is told by being another there.
    """
    for row in _unready(tier):
        _scratch_drop(row)
    scratches = [_scratch(tier, now), _scratch(tier, now)]
    migrated, replayed = scratches
    try:
        statements = _migrate_captured(migrated)
        schema_replay(replayed.schema_name, statements)
        with connection.cursor() as cursor:
            _compare(migrated.schema_name, replayed.schema_name)
            if _filled(migrated.schema_name):
                again = _scratch(tier, now)
                scratches.append(again)
                workspace_migrate(_tenant(again))
                _compare_data(migrated.schema_name, again.schema_name)
            fingerprint = schema_fingerprint(cursor, migrated.schema_name)
        return SchemaSnapshot.objects.update_or_create(
            tier=tier,
            defaults={
                "version": code_version(tier),
                "statements": statements,
                "fingerprint": fingerprint,
                "built_at": now,
            },
        )[0]
    finally:
        for scratch in scratches:
            _scratch_drop(scratch)


def _scratch(tier: str, now: datetime) -> PreparedSchema:
    """Written down before the schema exists, so that what a kill leaves behind is found."""
    return PreparedSchema.objects.create(
        schema_name=new_schema_name(), tier=tier, version=code_version(tier), created_at=now
    )


def _scratch_drop(scratch: PreparedSchema) -> None:
    with transaction.atomic():
        schema_drop(scratch.schema_name)
        PreparedSchema.objects.filter(pk=scratch.pk).delete()


def _tenant(scratch: PreparedSchema) -> Tenant:
    return Tenant(schema_name=scratch.schema_name, tier=scratch.tier, slug="scratch")


def _migrate_captured(scratch: PreparedSchema) -> str:
    tenant = _tenant(scratch)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quote_schema_name(tenant.schema_name)}")
    with statements_captured(connection) as statements:
        workspace_migrate(tenant)
    # Nobody uses these tables yet, and a transaction cannot build an index concurrently.
    return SEPARATOR.join(_CONCURRENT_INDEX.sub(r"\1", each) for each in statements)


def _compare(migrated: str, replayed: str) -> None:
    """Raise SnapshotDiffers, naming what is not the same, in the catalog or in the rows."""
    with connection.cursor() as cursor:
        expected, found = schema_objects(cursor, migrated), schema_objects(cursor, replayed)
    lines = objects_differ(expected, found)
    if not lines:
        lines = objects_differ(_rows(migrated, expected), _rows(replayed, expected))
    if lines:
        raise SnapshotDiffers(lines="; ".join(lines[:20]))


def _filled(schema: str) -> list[str]:
    """The tables in which migrations left rows. What Django notes of them is not counted."""
    with connection.cursor() as cursor:
        objects = schema_objects(cursor, schema)
    tables = {name: content for name, content in objects.items() if content[:1] in "rp"}
    empty = hashlib.md5(b"", usedforsecurity=False).hexdigest()
    return [name for name, digest in _data(schema, tables).items() if digest != empty]


def _compare_data(first: str, second: str) -> None:
    """Raise SnapshotDiffers when two runs of the same migrations left other rows."""
    with connection.cursor() as cursor:
        objects = [schema_objects(cursor, schema) for schema in (first, second)]
    lines = objects_differ(_data(first, objects[0]), _data(second, objects[1]))
    if lines:
        raise SnapshotDiffers(lines="; ".join(lines[:20]))


def _data(schema: str, objects: Mapping[str, str]) -> dict[str, str]:
    digests = _rows(schema, objects)
    digests.pop("rows of django_migrations", None)
    return digests


def _rows(schema: str, objects: Mapping[str, str]) -> dict[str, str]:
    """A digest of every table's rows and of where every sequence stands."""
    digests = {}
    for line, content in objects.items():
        kind, _space, name = line.partition(" ")
        if kind == "relation" and content[0] in "rpS":
            columns = "(last_value, is_called)" if content[0] == "S" else "r"
            digests[f"rows of {name}"] = _digest(schema, name, columns)
    return digests


def _digest(schema: str, name: str, columns: str) -> str:
    query = "SELECT md5(coalesce(string_agg(({0})::text, ' ' ORDER BY ({0})::text), '')) FROM {1} r"
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(query).format(sql.SQL(columns), sql.Identifier(schema, name)))
        return str(cursor.fetchone()[0])
