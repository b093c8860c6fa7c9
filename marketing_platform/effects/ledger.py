"""Moving an effect from state to state: one conditional statement, its history and its next work.

Nothing else writes `state`. What is expected stands in the statement (state, fencing token), so of
two that move the same row one moves nothing.
"""

import logging
import uuid
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from marketing_platform.effects import times
from marketing_platform.effects.models import Effect, EffectEvent
from marketing_platform.effects.registry import handler_of
from marketing_platform.effects.states import ENDED, NEXT, State
from marketing_platform.effects.telling import tell
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.registry import spec

# Whoever lets a row go gives up its lease.
FREE = {"lease_token": None, "leased_until": None}
HELD = frozenset({State.PREPARING, State.PREPARED, State.ARMED})

logger = logging.getLogger(__name__)


def move(
    effect: Effect,
    to: str,
    *,
    now: datetime,
    rows: QuerySet[Effect] | None = None,
    sentence: str = "",
    params: dict[str, Any] | None = None,
    actor_id: uuid.UUID | None = None,
    next_at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Write the next state of a row that still is as `effect` says, held by the same worker.

    `rows` narrows what may be moved further. `next_at` queues its next step, in the same
    transaction. False when the row has gone on without us. Raises ValueError for a way that does
    not exist.
    """
    if to not in NEXT[effect.state]:
        raise ValueError(f"an effect does not go from {effect.state} to {to}")
    before = effect.state
    rows = (Effect.objects.all() if rows is None else rows).filter(
        pk=effect.pk, state=before, lease_token=effect.lease_token
    )
    facts |= {} if to in HELD else FREE
    facts |= {"ended_at": now} if to in ENDED else {}
    facts |= {"next_at": next_at, "step": F("step") + 1} if next_at else {}
    with transaction.atomic():
        if not rows.update(state=to, **facts):
            return False
        effect.refresh_from_db()
        remember(effect, before, now=now, sentence=sentence, params=params, actor_id=actor_id)
        if next_at:
            step_queue(effect)
        _tell_feature(effect)
        tell(effect, before=before, now=now)
    return True


def remember(
    effect: Effect,
    before: str,
    *,
    now: datetime,
    sentence: str = "",
    params: dict[str, Any] | None = None,
    actor_id: uuid.UUID | None = None,
) -> None:
    """Add a line to the effect's history."""
    EffectEvent.objects.create(
        effect=effect,
        happened_at=now,
        from_state=before,
        to_state=effect.state,
        sentence=sentence,
        params=params or {},
        attempt_id=effect.attempt_id,
        actor_id=actor_id,
    )


def claim(effect: Effect, *, now: datetime, to: str = "", **facts: Any) -> bool:
    """Hold the row for one lease, by the database's clock; its next step watches over it.

    A row whose holder was killed is free once its lease is over; while somebody holds it, another
    watch is set. `to` is another state to hold it in.
    """
    before, to = effect.state, to or effect.state
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    rows = Effect.objects.filter(free, pk=effect.pk, state=before, step=effect.step)
    watch_at = now + times.TIMES.lease + times.TIMES.past_lease
    with transaction.atomic():
        if not rows.update(
            state=to,
            lease_token=uuid.uuid4(),
            leased_until=Now() + times.TIMES.lease,
            next_at=watch_at,
            step=F("step") + 1,
            **facts,
        ):
            watch(effect)
            return False
        effect.refresh_from_db()
        if to != before:
            remember(effect, before, now=now)
        step_queue(effect)
    return True


def watch(effect: Effect) -> bool:
    """Come again when the lease of whoever holds the row is over. False when nobody holds it, or
    it has gone on.
    """
    held = Effect.objects.filter(leased_until__isnull=False)
    return queue_again(effect, F("leased_until") + times.TIMES.past_lease, rows=held)


def queue_again(effect: Effect, next_at: Any, *, rows: QuerySet[Effect] | None = None) -> bool:
    """Queue another step of a row in place of its latest, and take it from nobody."""
    mine = (Effect.objects.all() if rows is None else rows).filter(pk=effect.pk, step=effect.step)
    with transaction.atomic():
        if not mine.update(next_at=next_at, step=F("step") + 1):
            return False
        effect.refresh_from_db()
        step_queue(effect)
    return True


def postpone(effect: Effect, *, next_at: datetime, **facts: Any) -> bool:
    """Look at it again then, in the state it is in; nobody holds it any more."""
    rows = Effect.objects.filter(
        pk=effect.pk, state=effect.state, lease_token=effect.lease_token, step=effect.step
    )
    with transaction.atomic():
        if not rows.update(next_at=next_at, step=F("step") + 1, **FREE, **facts):
            return False
        effect.refresh_from_db()
        step_queue(effect)
    return True


def step_queue(effect: Effect) -> None:
    """Queue the step that `effect.step` numbers; earlier ones then do nothing."""
    tenant = current_tenant()
    work_schedule(
        task="effects.step",
        tenant=tenant,
        arguments={"effect_id": str(effect.pk), "step": effect.step},
        due_at=effect.next_at,
        # Not the number: after a restore the same numbers come again.
        key=f"effects.step:{effect.pk}:{uuid.uuid4().hex}",
        queue=spec(tenant.tier).queue,
    )


def stop_lock(*, alone: bool) -> None:
    """Until the end of the transaction: arming shares it, stopping everything holds it alone."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {lock}(hashtext(%s))",
            [f"effects.stop:{connection.schema_name}"],
        )


def _tell_feature(effect: Effect) -> None:
    try:
        handler = handler_of(effect.kind)
    except ValueError:
        # Of a feature that is not deployed any more: its row may still be closed.
        logger.warning("no feature to tell of the effect", extra={"kind": effect.kind})
        return
    if effect.state in ENDED:
        handler.settled(effect)
    elif effect.needs_person:
        handler.asks(effect)
