"""Erasing a closed workspace: schema, files, cache, sessions, work, keys, people's places.

What the law has us keep stays: payments, subscriptions, terms and the workspace's events, with a
row that has neither name nor address. May be killed at any point and run again.
"""

import logging
import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection

from marketing_platform.operations.backup.rows import TENANT_COLUMN, workspace_rows
from marketing_platform.operations.backup.schemas import drop_done, planned_drops, schema_remove
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.tenants.closing import ERASED_NAME, erasure_finish, tenant_bury
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.migrations_runner import workspace_lock
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.sessions import HOST

logger = logging.getLogger(__name__)
WAIT_SECONDS = 60
# Kept as proof that something was paid, without what it says about people.
EMPTIED = {"inbox.InboundEvent": {"payload": "{}"}}


def tenant_erase(*, tenant: Tenant, now: datetime) -> bool:
    """Erase a workspace whose grace is over. False when that is done already.

    Raises IllegalState for one that is not closing or whose grace is not over.
    """
    with public_context(), workspace_lock(tenant, wait_seconds=WAIT_SECONDS):
        tenant.refresh_from_db()
        if tenant.state == State.ERASED and tenant.erase_after is None:
            return False
        if tenant.state not in (State.CLOSING, State.ERASED):
            raise IllegalState(state=tenant.get_state_display())
        if tenant.erase_after is None or tenant.erase_after > now:
            raise IllegalState(state="still in its days of grace")
        # From here on nobody enters.
        tenant_bury(tenant=tenant, now=now)
        sessions_delete(tenant)
        for schema in (tenant.schema_name, *planned_drops(tenant.pk)):
            schema_remove(schema)
            drop_done(schema)
        rows_delete(tenant)
        DeadLetter.objects.filter(tenant_id=str(tenant.pk)).delete()
        # What staff did stays on record; the workspace's name and their words about it do not.
        LogEntry.objects.filter(object_id=str(tenant.pk)).update(
            object_repr=ERASED_NAME, change_message=""
        )
        backups_delete(tenant)
        erasure_finish(tenant=tenant, now=now)
    logger.info("workspace %s erased", tenant.pk)
    return True


def folder_of(tenant: Tenant) -> Path:
    """Where a workspace's exports and backups lie on this machine."""
    return Path(settings.BACKUP_DIR) / str(tenant.pk)


def sessions_delete(tenant: Tenant) -> None:
    """Sessions on the workspace's host; they hold it inside their signed content."""
    host = f"workspace:{tenant.pk}"
    batch: list[str] = []
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(HOST) == host:
            batch.append(session.session_key)
    for first in range(0, len(batch), 500):
        Session.objects.filter(pk__in=batch[first : first + 500]).delete()


def rows_delete(tenant: Tenant) -> None:
    """The public rows, those that refer to others first; records stay."""
    for model, policy in reversed(workspace_rows().items()):
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            if policy is not Kept.RECORD:
                cursor.execute(
                    f"DELETE FROM {table} WHERE {TENANT_COLUMN} = %s",  # noqa: S608
                    [str(tenant.pk)],
                )
            for column, value in EMPTIED.get(model._meta.label, {}).items():
                cursor.execute(
                    f"UPDATE {table} SET {connection.ops.quote_name(column)} = %s"  # noqa: S608
                    f" WHERE {TENANT_COLUMN} = %s",
                    [value, str(tenant.pk)],
                )


def backups_delete(tenant: Tenant) -> None:
    folder = folder_of(tenant)
    if folder.exists():
        shutil.rmtree(folder)
