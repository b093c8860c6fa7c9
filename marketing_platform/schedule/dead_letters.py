"""Messages of tasks that were refused: kept with the reason, sent again by staff."""

import json
import logging
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from marketing_platform.celery import app, send_for
from marketing_platform.core import clock
from marketing_platform.schedule.errors import LetterStays
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.task_base import refusal_of, tenant_found

logger = logging.getLogger(__name__)


def dead_letter_store(
    *,
    task: str,
    task_id: str | None,
    tenant_id: object,
    queue: str,
    arguments: list[Any],
    reason: str,
) -> None:
    """Keep a refused message. One that comes twice (its worker was killed) is kept once."""
    named = _storable("" if tenant_id is None else str(tenant_id))
    letter = DeadLetter(
        task=_storable(task)[:200],
        task_id=_storable(task_id or uuid4().hex)[:200],
        arguments=_storable(arguments),
        queue=_storable(queue)[:200],
        tenant_id=named[:64],
        reason=_storable(reason),
        received_at=clock.now(),
    )
    with public_context():
        DeadLetter.objects.bulk_create([letter], ignore_conflicts=True)
    logger.error("task %s refused: %s", task, reason, extra={"named_tenant": named[:64]})


def dead_letter_send_again(
    *, letter: DeadLetter, reason: str, actor_id: UUID, now: datetime
) -> bool:
    """Send the task again to its workspace, with the reason in the workspace's history.

    False when it was sent again before. Raises LetterStays when it still would be refused.
    """
    with public_context(), transaction.atomic():
        rows = DeadLetter.objects.filter(pk=letter.pk, requeued_at=None)
        if not rows.update(requeued_at=now, requeued_by=actor_id):
            return False
        tenant = _addressee(letter)
        tenant_event(
            tenant,
            "task_sent_again",
            reason=f"{letter.task}: {reason}",
            actor_id=actor_id,
            now=now,
        )
        positional, named = letter.arguments
        # Before the commit: a broker that is away leaves the letter as it was.
        send_for(tenant, letter.task, positional, named, queue=letter.queue or None)
    return True


def _addressee(letter: DeadLetter) -> Tenant:
    task = app.tasks.get(letter.task)
    if task is None:
        raise LetterStays(reason=f"there is no task {letter.task}")
    if task.public:
        raise LetterStays(reason="a public task takes no workspace")
    if not letter.tenant_id:
        raise LetterStays(reason="its message names no workspace")
    tenant = tenant_found(letter.tenant_id)
    refusal = refusal_of(tenant, works_when_read_only=task.works_when_read_only)
    if tenant is None or refusal:
        raise LetterStays(reason=refusal)
    return tenant


def _storable(value: Any) -> Any:
    """As PostgreSQL can keep it: no NUL and no half characters, whatever a stranger sent."""
    text = json.dumps(value, default=str, ensure_ascii=False).replace("\\u0000", "")
    return json.loads(text.encode("utf-8", "replace").decode())
