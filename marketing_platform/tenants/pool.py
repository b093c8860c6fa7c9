"""A few empty schemas made ahead; a new workspace takes one by taking its name."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from marketing_platform.tenants.catalog import schema_fingerprint
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import WorkspaceIncomplete
from marketing_platform.tenants.migrations_runner import code_version, named_lock
from marketing_platform.tenants.models import PreparedSchema, SchemaSnapshot, State, Tenant
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tenants.snapshot import (
    leftovers_drop,
    schema_drop,
    schema_replay,
    snapshot_current,
    snapshot_ensure,
)

logger = logging.getLogger(__name__)

# A workspace takes one only while it is being prepared and has no schema of its own: then nothing
# of it lies anywhere under its old name.
_CLAIM = """
WITH mine AS MATERIALIZED (
  SELECT id FROM tenants_tenant t
  WHERE id = %(tenant)s AND state = %(preparing)s AND schema_version = ''
    AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = t.schema_name)
  FOR UPDATE
),
free AS MATERIALIZED (
  SELECT schema_name FROM tenants_preparedschema
  WHERE is_ready AND tier = %(tier)s AND version = %(version)s AND EXISTS (SELECT FROM mine)
  ORDER BY created_at LIMIT 1
  FOR UPDATE SKIP LOCKED
),
taken AS (
  DELETE FROM tenants_preparedschema p USING free WHERE p.schema_name = free.schema_name
  RETURNING p.schema_name
)
UPDATE tenants_tenant t SET schema_name = taken.schema_name, schema_version = %(version)s
FROM mine, taken WHERE t.id = mine.id RETURNING t.schema_name
"""


def prepared_claim(tenant: Tenant) -> bool:
    """Give a workspace that is being prepared a schema made ahead: one statement, no DDL.

    The row handed in is changed too. False when none is free or the workspace has a schema.
    """
    version = code_version(tenant.tier)
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "tenant": tenant.pk,
                "preparing": State.PREPARING.value,
                "tier": tenant.tier,
                "version": version,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return False
    tenant.schema_name, tenant.schema_version = row[0], version
    return True


def pool_short() -> list[str]:
    """Tiers whose pool has fewer schemas of this code's version than wanted, or leftovers."""
    with public_context():
        rows = PreparedSchema.objects.values_list("tier", "version", "is_ready")
        found = [(tier, version == code_version(tier) and ready) for tier, version, ready in rows]
    return [
        tier
        for tier, wanted in settings.WORKSPACE_POOL.items()
        if found.count((tier, True)) < wanted or (tier, False) in found
    ]


def pool_refill(tier: str, *, now: datetime) -> int:
    """Drop what was left behind and make what is missing. Returns how many were made.

    A stored snapshot of another version is left alone: it is for a deployment to replace it, and
    for code of that version to use it.
    """
    with public_context():
        snapshot = snapshot_current(tier)
        if snapshot is None and not SchemaSnapshot.objects.filter(tier=tier).exists():
            snapshot = snapshot_ensure(tier, now=now)
        if snapshot is None:
            logger.warning("the pool of %s waits for a snapshot of this version", tier)
            return 0
        leftovers_drop(tier)
        _unfit_drop(snapshot)
        made = 0
        while _make_one(snapshot, now=now):
            made += 1
        return made


def _unfit_drop(snapshot: SchemaSnapshot) -> None:
    """Drop those of another version, and those that somebody changed since they were made."""
    rows = PreparedSchema.objects.filter(tier=snapshot.tier, is_ready=True)
    for name in list(rows.values_list("schema_name", flat=True)):
        with transaction.atomic(), connection.cursor() as cursor:
            row = rows.filter(schema_name=name).select_for_update(skip_locked=True).first()
            is_fit = row is None or (
                row.version == snapshot.version
                and schema_fingerprint(cursor, name) == snapshot.fingerprint
            )
            if not is_fit:
                schema_drop(name)
                rows.filter(schema_name=name).delete()


def _make_one(snapshot: SchemaSnapshot, *, now: datetime) -> bool:
    """One schema and its row, all or nothing. False when there are enough."""
    with transaction.atomic(), named_lock(f"pool:{snapshot.tier}"):
        rows = PreparedSchema.objects.filter(tier=snapshot.tier, version=snapshot.version)
        if rows.count() >= settings.WORKSPACE_POOL.get(snapshot.tier, 0):
            return False
        name = new_schema_name()
        schema_replay(name, snapshot.statements)
        with connection.cursor() as cursor:
            if schema_fingerprint(cursor, name) != snapshot.fingerprint:
                raise WorkspaceIncomplete(workspace=name, lines="it is unlike its snapshot")
        PreparedSchema.objects.create(
            schema_name=name,
            tier=snapshot.tier,
            version=snapshot.version,
            is_ready=True,
            created_at=now,
        )
    return True
