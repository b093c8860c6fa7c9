"""Schemas that are not in use: what a killed restore left behind, what a restore replaced."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django_tenants.utils import quote_schema_name

from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.cache import cache_clear
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import PreparedSchema, Tenant
from marketing_platform.tenants.snapshot import OUR_NAME

logger = logging.getLogger(__name__)
DROP = "tenants.schema_drop"
# Every table takes locks for itself, its indexes, its sequences and its oversize storage.
TABLES_AT_ONCE = 25


def drop_plan(schema: str, *, tenant_id: UUID, after: timedelta) -> None:
    """Have a schema and its files dropped then, unless a workspace uses it by that time.

    Instead of when that was planned before.
    """
    drop_done(schema)
    work_schedule(
        task=DROP,
        arguments={"schema": schema, "workspace": str(tenant_id)},
        due_at=clock.now() + after,
        # A name may be planned more than once: left behind, then in use, then put aside.
        key=f"schema-drop:{schema}:{uuid4().hex}",
    )


def planned_drops(tenant_id: UUID) -> list[str]:
    """Schemas that were, or were to be, this workspace's."""
    with public_context():
        rows = DueWork.objects.filter(task=DROP, arguments__workspace=str(tenant_id), done_at=None)
        return sorted(row.arguments["schema"] for row in rows)


def drop_done(schema: str) -> None:
    with public_context():
        rows = DueWork.objects.filter(task=DROP, arguments__schema=schema, done_at=None)
        rows.update(done_at=Now(), dead_at=None)


@work_handler(DROP, public=True)
def drop_unused(_tenant: None, *, schema: str, **_unused: Any) -> None:
    is_used = (
        Tenant.objects.filter(schema_name=schema).exists()
        or PreparedSchema.objects.filter(schema_name=schema).exists()
    )
    if not is_used:
        schema_remove(schema)
        logger.info("the schema %s is gone", schema)


def schema_remove(schema: str) -> None:
    """Drop a schema of a workspace, some tables a transaction, its files and its cache.

    May be repeated.
    """
    if not OUR_NAME.fullmatch(schema):
        raise ValueError(f"{schema} is not a schema of a workspace")
    with public_context():
        tables = _tables(schema)
        for first in range(0, len(tables), TABLES_AT_ONCE):
            _drop_tables(schema, tables[first : first + TABLES_AT_ONCE])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema)} CASCADE")
    files_remove(schema)
    cache_clear(Tenant(schema_name=schema))


def files_remove(schema: str) -> None:
    for root in (settings.MEDIA_ROOT, settings.EXPORT_DIR):
        folder = Path(root) / schema
        if folder.exists():
            shutil.rmtree(folder)


def _tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return sorted(name for (name,) in cursor.fetchall())


def _drop_tables(schema: str, names: list[str]) -> None:
    place = quote_schema_name(schema)
    listed = ", ".join(f"{place}.{connection.ops.quote_name(name)}" for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever reads there still has these seconds; then this is tried again later.
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"DROP TABLE IF EXISTS {listed} CASCADE")
