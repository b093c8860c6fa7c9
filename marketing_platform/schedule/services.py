"""Queueing, claiming and finishing due work. Leases use the database's clock.

The table is public: every query is built and run on the public side, whoever acts.
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS, Work
from marketing_platform.tenants.context import current_tenant, public_context
from marketing_platform.tenants.errors import CrossTenantError, TaskRefused
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.task_base import refusal_of, tenant_entered

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=12)
ATTEMPTS = 6
NUDGE_WITHIN = timedelta(minutes=1)
# A message lives as long as its row is not sent again.
NUDGE_AGAIN = timedelta(minutes=1)
# How long work waits for a workspace that cannot take it now but may later.
WAITS = {
    State.PREPARING: timedelta(minutes=1),
    State.PENDING: timedelta(minutes=30),
    State.FAILED: timedelta(minutes=30),
    State.BLOCKED: timedelta(minutes=30),
}


def work_schedule(
    *,
    task: str,
    tenant: Tenant | None = None,
    arguments: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    key: str,
    queue: str = "default",
) -> DueWork:
    """Queue work once per key, in the caller's transaction; the send on commit is only a nudge.

    From inside a workspace: its own work or public work; CrossTenantError for another's.
    """
    due_at = due_at or clock.now()
    acting = current_tenant()
    if acting is not None and tenant is not None and acting.pk != tenant.pk:
        raise CrossTenantError
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


def nudge(work_id: int, queue: str) -> bool:
    """Tell a worker; when the broker is away (False) the dispatcher finds the row later."""
    try:
        app.send_task(
            "schedule.run",
            args=[work_id],
            queue=queue,
            retry=False,
            expires=NUDGE_AGAIN.total_seconds(),
        )
    except Exception:
        logger.warning("work %s was not sent; the dispatcher will", work_id, exc_info=True)
        return False
    return True


def work_dispatch(*, batch: int = 200) -> int:
    """Send what is due, not leased and not sent lately. Returns how many rows were sent.

    Each queue holds at most `batch` messages, so one that nobody serves takes nothing from the
    others and does not fill the broker.
    """
    with public_context():
        queues = list(_due().order_by("queue").values_list("queue", flat=True).distinct())
        return sum(
            _queue_dispatch(queue, batch - waiting)
            for queue, waiting in _messages_waiting(queues).items()
        )


def _queue_dispatch(queue: str, room: int) -> int:
    if room <= 0:
        logger.warning("the queue %s is full: is it served?", queue)
        return 0
    with transaction.atomic():
        rows = _due().filter(queue=queue).order_by("due_at").select_for_update(skip_locked=True)
        ids = list(rows.values_list("pk", flat=True)[:room])
        DueWork.objects.filter(pk__in=ids).update(nudged_at=Now())
    for place, work_id in enumerate(ids):
        if not nudge(work_id, queue):
            DueWork.objects.filter(pk__in=ids[place:]).update(nudged_at=None)
            return place
    return len(ids)


def _messages_waiting(queues: list[str]) -> dict[str, int]:
    """Messages that lie in the broker, per queue; nothing when the broker is away."""
    waiting = {}
    with app.connection_for_write() as broker:
        try:
            channel = broker.channel()
            for queue in queues:
                try:
                    declared = channel.queue_declare(queue=queue, passive=True)
                    waiting[queue] = declared.message_count
                except broker.channel_errors:
                    waiting[queue] = 0  # an empty queue does not exist
        except broker.connection_errors:
            logger.warning("the broker is away; nothing is sent", exc_info=True)
            return {}
    return waiting


def work_run(work_id: int) -> bool:
    """Claim one row and run its handler. False when nothing was run: the row is claimed, over or
    not due, or its workspace cannot take work now.
    """
    with public_context():
        row = _claim(work_id)
        if row is None:
            return False
        mine = DueWork.objects.filter(pk=work_id, lease_token=row.lease_token)
        work = HANDLERS.get(row.task)
        if row.tenant is not None and row.tenant.state in WAITS and not _is_passing(work):
            _postpone(mine, row.tenant.state)
            return False
        if _is_passing(work) and _is_overtaken(row):
            mine.update(done_at=Now(), lease_token=None, error="left out: a later one is due")
            return False
        return _try(mine, row, work)


def _claim(work_id: int) -> DueWork | None:
    token = uuid.uuid4()
    due = DueWork.objects.filter(_open(), pk=work_id, due_at__lte=Now() + timedelta(seconds=5))
    claimed = due.filter(attempts__lt=ATTEMPTS).update(
        lease_token=token, leased_until=Now() + LEASE, attempts=F("attempts") + 1
    )
    if not claimed:
        _give_up_lost(due.filter(attempts__gte=ATTEMPTS))
        return None
    return DueWork.objects.select_related("tenant").get(pk=work_id, lease_token=token)


def _try(mine: QuerySet[DueWork], row: DueWork, work: Work | None) -> bool:
    try:
        _handle(row, work)
    except TaskRefused as refused:
        if not _is_passing(work):
            _give_up(mine, row, str(refused))
            return True
        # Nothing is wrong: the next period's comes when the workspace takes work again.
        mine.update(done_at=Now(), lease_token=None, error=f"left out: {refused}"[:4000])
        return False
    except Exception as error:
        logger.exception("work failed", extra={"work": row.key})
        _put_back(mine, row, error)
    else:
        mine.update(done_at=Now(), lease_token=None, error="")
    return True


def _is_overtaken(row: DueWork) -> bool:
    """Whether a later period of the same job is due as well, after a standstill."""
    same = DueWork.objects.filter(task=row.task, tenant_id=row.tenant_id, pk__gt=row.pk)
    return same.filter(due_at__lte=Now(), done_at=None, dead_at=None).exists()


def _is_passing(work: Work | None) -> bool:
    return work is not None and work.is_passing


def _handle(row: DueWork, work: Work | None) -> None:
    if work is None:
        raise TaskRefused(reason=f"there is no handler {row.task}")
    tenant, arguments = row.tenant, row.arguments
    if work.public:
        if tenant is not None:
            raise TaskRefused(reason="public work takes no workspace")
        work.handler(None, **arguments)
        return
    if tenant is None:
        raise TaskRefused(reason="the row names no workspace")
    refusal = refusal_of(tenant, works_when_read_only=work.works_when_read_only)
    if refusal:
        raise TaskRefused(reason=refusal)
    with tenant_entered(tenant):
        work.handler(tenant, **arguments)


def _put_back(mine: QuerySet[DueWork], row: DueWork, error: Exception) -> None:
    if row.attempts >= ATTEMPTS:
        _give_up(mine, row, str(error))
        return
    wait = timedelta(seconds=min(3600, 5 * 3**row.attempts))
    _release(mine, due_at=Now() + wait, error=str(error)[:4000])


def _postpone(mine: QuerySet[DueWork], state: str) -> None:
    """The workspace may take it later; that is nobody's failure, so no attempt is used up."""
    _release(
        mine,
        due_at=Now() + WAITS[State(state)],
        error=f"the workspace is {state}",
        attempts=F("attempts") - 1,
    )


def _release(mine: QuerySet[DueWork], **changes: Any) -> None:
    mine.update(lease_token=None, leased_until=None, nudged_at=None, **changes)


def _give_up_lost(rows: QuerySet[DueWork]) -> None:
    """Every attempt was claimed and the last never came back: its worker was killed."""
    row = rows.select_related("tenant").first()
    if row is not None:
        before = f"; before that: {row.error}" if row.error else ""
        _give_up(rows, row, f"the worker was lost in attempt {row.attempts}{before}")


def _give_up(mine: QuerySet[DueWork], row: DueWork, reason: str) -> None:
    with transaction.atomic():
        if not mine.update(dead_at=Now(), error=reason[:4000], lease_token=None, leased_until=None):
            return
        work = HANDLERS.get(row.task)
        if work is not None and work.given_up is not None:
            work.given_up(row.tenant, reason=reason, **row.arguments)
    logger.error("work given up", extra={"work": row.key, "reason": reason})


def _due() -> QuerySet[DueWork]:
    not_lately = Q(nudged_at=None) | Q(nudged_at__lt=Now() - NUDGE_AGAIN)
    return DueWork.objects.filter(_open(), not_lately, due_at__lte=Now())


def _open() -> Q:
    return Q(done_at=None, dead_at=None) & (Q(leased_until=None) | Q(leased_until__lt=Now()))
