"""What a restore sees to, so that nothing happens twice and nobody who left comes back."""

from datetime import datetime
from typing import Any

from django.db import connection

from marketing_platform.operations.backup.archive import Reader
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants import restoring
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.models import SubjectRequest, Tenant

NEEDS_CHECK = "restored; needs a check"
WORK, REQUESTS = f"public/{DueWork._meta.label}", f"public/{SubjectRequest._meta.label}"


def work_stop(tenant: Tenant, backup: Reader) -> int:
    """Open work whose time has come, or that the backup does not know, is dead; nobody runs it.

    What is due later keeps its time. By the database's clock. Returns how many are dead.
    """
    known = [row["key"] for row in _rows(backup, WORK)]
    table = connection.ops.quote_name(DueWork._meta.db_table)
    mine_and_open = "tenant_id = %s AND done_at IS NULL AND dead_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET dead_at = now(), error = %s, lease_token = NULL,"  # noqa: S608
            f" leased_until = NULL WHERE {mine_and_open}"
            " AND (due_at <= now() OR NOT key = ANY(%s))",
            [NEEDS_CHECK, tenant.pk, known],
        )
        stopped: int = cursor.rowcount
        cursor.execute(
            f"UPDATE {table} SET lease_token = NULL, leased_until = NULL,"  # noqa: S608
            f" nudged_at = NULL WHERE {mine_and_open}",
            [tenant.pk],
        )
    return stopped


def subjects_refuse(tenant: Tenant, backup: Reader) -> None:
    """Raise RestoreRefused when somebody left since and nothing could make them leave again."""
    missing = {row.kind for row in _left_since(tenant, backup)} - set(restoring.SUBJECT_HANDLERS)
    if missing:
        raise RestoreRefused(
            why=f"no subject_handler can erase or opt out again: {', '.join(sorted(missing))}"
        )


def subjects_apply(tenant: Tenant, backup: Reader) -> int:
    """Erase and opt out again whoever left since the backup. Returns how many."""
    subjects_refuse(tenant, backup)
    requests = _left_since(tenant, backup)
    with tenant_context(tenant):
        for row in requests:
            restoring.SUBJECT_HANDLERS[row.kind](tenant, row.subject, row.act)
    return len(requests)


def features_ask(tenant: Tenant, taken_at: datetime, now: datetime) -> list[str]:
    """Each feature's after_restore, inside the restored workspace."""
    lines = []
    with tenant_context(tenant):
        for name, handler in sorted(restoring.AFTER_RESTORE.items()):
            if restoring.ONLY_IN_TIER.get(name, tenant.tier) != tenant.tier:
                continue
            lines += [f"{name}: {line}" for line in handler(tenant, taken_at, now)]
    return lines


def _left_since(tenant: Tenant, backup: Reader) -> list[SubjectRequest]:
    """By key and not by time: what was committed during the backup is not in it either."""
    in_backup = {row["id"] for row in _rows(backup, REQUESTS)}
    with public_context():
        rows = SubjectRequest.objects.filter(tenant=tenant).order_by("happened_at", "id")
        return [row for row in rows if row.pk not in in_backup]


def _rows(backup: Reader, name: str) -> list[dict[str, Any]]:
    return list(backup.rows_of(name)) if name in backup.manifest.parts else []
