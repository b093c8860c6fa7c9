"""Moving an action: one compare-and-set, one line of audit."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from local.execution.engine.states import State, sources_of
from local.execution.errors import ActionExpired, ActionMissing, IllegalStep
from local.execution.models import Action
from marketing_platform.audit.services import audit_record
from marketing_platform.schedule.changed import workspace_changed


def action_step(
    *,
    action_id: uuid.UUID,
    to: State,
    actor_kind: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    facts: dict[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
) -> Action:
    """Move an action to a state and write it down.

    Raises ActionMissing, ActionExpired for one whose time is over, or IllegalStep when the state
    it is in does not lead there (somebody was quicker, or the page was old).
    """
    with transaction.atomic():
        movable = Action.objects.filter(pk=action_id, state__in=sources_of(to))
        if to is not State.EXPIRED:
            movable = movable.filter(expires_at__gt=now)
        before = movable.select_for_update().values_list("state", flat=True).first()
        if before is None:
            raise _refusal(action_id, to, now)
        movable.update(state=to.value, changed_at=now, **(facts or {}))
        audit_record(
            action=f"action.{to.value}",
            actor_kind=actor_kind,
            actor_id=str(actor_id or ""),
            subject=str(action_id),
            detail={"before": before, **(detail or {})},
            now=now,
        )
        workspace_changed(now=now)
    return Action.objects.get(pk=action_id)


def _refusal(action_id: uuid.UUID, to: State, now: datetime) -> Exception:
    action = Action.objects.filter(pk=action_id).first()
    if action is None:
        return ActionMissing()
    if action.expires_at <= now and State(action.state) in sources_of(to):
        return ActionExpired()
    return IllegalStep(before=action.state, after=to.value)
