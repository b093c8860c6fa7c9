"""Closing a workspace as staff do it: an export first, then the date, then the work that erases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from marketing_platform.core import clock
from marketing_platform.operations.backup.erasing import folder_of, tenant_erase
from marketing_platform.operations.backup.exporting import workspace_export
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.closing import GRACE, erasures_due, tenant_close
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.models import State, Tenant

ERASE = "tenants.erase"


@dataclass(frozen=True)
class ClosingReport:
    export: Path
    erase_after: datetime


def workspace_close(
    *,
    tenant: Tenant,
    reason: str,
    actor_id: UUID | None,
    now: datetime,
    grace: timedelta = GRACE,
    folder: Path | None = None,
) -> ClosingReport:
    """Export what is there (to BACKUP_DIR unless told), then close; the erasure is planned.

    Nothing is closed when the export fails. Errors as those of workspace_export, tenant_close.
    """
    if tenant.state not in (State.ACTIVE, State.BLOCKED, State.CLOSING):
        raise IllegalState(state=tenant.get_state_display())
    name = f"{tenant.slug}-export-{now:%Y%m%d-%H%M%S}.zip"
    path = (folder or folder_of(tenant)) / name
    workspace_export(tenant, path)
    with transaction.atomic():
        tenant_close(tenant=tenant, reason=reason, actor_id=actor_id, grace=grace, now=now)
        erase_plan(tenant, now + grace)
    return ClosingReport(export=path, erase_after=now + grace)


def erase_plan(tenant: Tenant, erase_after: datetime) -> None:
    """Of no workspace, because it outlives this one."""
    work_schedule(
        task=ERASE,
        arguments={"workspace": str(tenant.pk)},
        due_at=erase_after,
        key=f"erase:{tenant.pk}:{int(erase_after.timestamp())}",
    )


def erasures_plan(*, now: datetime) -> int:
    """Plan today's try for every workspace whose erasure is due; returns how many.

    So that a date is kept whoever set it, and an erasure that was given up is tried again.
    """
    due = erasures_due(now)
    for tenant in due:
        work_schedule(
            task=ERASE,
            arguments={"workspace": str(tenant.pk)},
            key=f"erase:{tenant.pk}:{clock.today(now):%Y-%m-%d}",
        )
    return len(due)


@work_handler(ERASE, public=True)
def erase(_tenant: None, *, workspace: str, **_unused: Any) -> None:
    now = clock.now()
    for tenant in erasures_due(now):
        # Reactivated, or with a later date, it is not among them.
        if str(tenant.pk) == workspace:
            tenant_erase(tenant=tenant, now=now)
