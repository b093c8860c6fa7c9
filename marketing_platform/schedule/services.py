"""Queueing, claiming and finishing due work. Leases use the database's clock."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import TaskRefused
from marketing_platform.tenants.models import State, Tenant

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=12)
ATTEMPTS = 6
NUDGE_WITHIN = timedelta(minutes=1)


def work_schedule(
    *,
    task: str,
    tenant: Tenant | None = None,
    arguments: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    key: str,
    queue: str = "default",
) -> DueWork:
    """Queue work once per key, in the caller's transaction; the send on commit is only a nudge."""
    due_at = due_at or clock.now()
    # The table is public: work of no workspace may be queued from inside one.
    with public_context():
        row, created = DueWork.objects.get_or_create(
            key=key,
            defaults={
                "tenant": tenant,
                "task": task,
                "arguments": arguments or {},
                "due_at": due_at,
                "queue": queue,
            },
        )
    if created and due_at - clock.now() < NUDGE_WITHIN:
        transaction.on_commit(lambda: nudge(row.pk, queue))
    return row


def nudge(work_id: int, queue: str) -> None:
    """Tell a worker; when the broker is away the dispatcher finds the row later."""
    try:
        app.send_task("schedule.run", args=[work_id], queue=queue, retry=False)
    except Exception:
        logger.warning("work %s was not sent; the dispatcher will", work_id, exc_info=True)


def work_dispatch(*, batch: int = 200) -> int:
    """Send what is due and not leased. Returns how many rows were sent."""
    with public_context():
        rows = list(
            DueWork.objects.filter(_open(), due_at__lte=Now())
            .order_by("due_at")
            .values_list("pk", "queue")[:batch]
        )
    for work_id, queue in rows:
        nudge(work_id, queue)
    return len(rows)


def work_run(work_id: int) -> bool:
    """Claim one row and run its handler. False when it was claimed, done or dead already."""
    token = uuid.uuid4()
    with public_context():
        claimed = DueWork.objects.filter(
            _open(), pk=work_id, due_at__lte=Now() + timedelta(seconds=5)
        ).update(lease_token=token, leased_until=Now() + LEASE, attempts=F("attempts") + 1)
        if not claimed:
            return False
        row = DueWork.objects.select_related("tenant").get(pk=work_id)
    mine = DueWork.objects.filter(pk=work_id, lease_token=token)
    try:
        _handle(row)
    except TaskRefused as refused:
        with public_context():
            mine.update(dead_at=Now(), error=str(refused)[:4000], lease_token=None)
        logger.error("work refused", extra={"work": row.key, "reason": str(refused)})
    except Exception as error:
        logger.exception("work failed", extra={"work": row.key})
        with public_context():
            _put_back(mine, row, error)
    else:
        with public_context():
            mine.update(done_at=Now(), lease_token=None, error="")
    return True


def _handle(row: DueWork) -> None:
    handler = HANDLERS.get(row.task)
    if handler is None:
        raise TaskRefused(reason=f"there is no handler {row.task}")
    if row.tenant is None:
        with public_context():
            handler(None, **row.arguments)
        return
    if row.tenant.state not in {State.ACTIVE, State.CLOSING}:
        raise TaskRefused(reason=f"the workspace is {row.tenant.state}")
    with tenant_context(row.tenant):
        if connection.schema_name != row.tenant.schema_name:
            raise TaskRefused(reason="the workspace could not be entered")
        handler(row.tenant, **row.arguments)


def _put_back(mine: Any, row: DueWork, error: Exception) -> None:
    if row.attempts >= ATTEMPTS:
        mine.update(dead_at=Now(), error=str(error)[:4000], lease_token=None, leased_until=None)
        return
    wait = timedelta(seconds=min(3600, 5 * 3**row.attempts))
    mine.update(due_at=Now() + wait, error=str(error)[:4000], lease_token=None, leased_until=None)


def _open() -> Q:
    return Q(done_at=None, dead_at=None) & (Q(leased_until=None) | Q(leased_until__lt=Now()))
