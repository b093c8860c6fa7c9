"""What people decide about proposed actions."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from local.execution.engine.states import State
from local.execution.errors import ActionChanged, ActionMissing, ReasonUnknown
from local.execution.models import Action, Autonomy, Decision
from local.execution.services.steps import action_step
from marketing_platform.core.text import mark as _

REASONS = {
    "not_today": _("Not today"),
    "not_for_us": _("Does not suit my shop"),
    "words": _("I would say it differently"),
    "done_already": _("Already done"),
    "too_long": _("Takes too long"),
}


def content_hash(content: Any) -> str:
    """Of what would be carried out."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def action_approve(
    *, action_id: uuid.UUID, seen_hash: str, actor_id: uuid.UUID, now: datetime
) -> Action:
    """Approve exactly what was seen. Raises ActionChanged when it is not that any more."""
    with transaction.atomic():
        action = _locked(action_id)
        if action.content_hash != seen_hash:
            raise ActionChanged
        moved = action_step(
            action_id=action_id,
            to=State.SCHEDULED,
            actor_kind="human",
            actor_id=actor_id,
            now=now,
            facts={"approved_hash": seen_hash},
            detail={"content_hash": seen_hash},
        )
        decision_record(action=moved, said="approved", actor_id=actor_id, now=now)
    return moved


def action_content_change(
    *,
    action_id: uuid.UUID,
    content: Any,
    draft: str,
    final: str,
    actor_id: uuid.UUID,
    now: datetime,
) -> Action:
    """The owner edited what would be carried out: an approval that was given is void."""
    with transaction.atomic():
        action = _locked(action_id)
        changed = content_hash(content)
        if State(action.state) is State.SCHEDULED:
            action_step(
                action_id=action_id,
                to=State.PROPOSED,
                actor_kind="human",
                actor_id=actor_id,
                now=now,
                facts={"approved_hash": ""},
            )
            action_step(
                action_id=action_id,
                to=State.AWAITING_APPROVAL,
                actor_kind="system",
                actor_id=None,
                now=now,
            )
        Action.objects.filter(pk=action_id).update(content_hash=changed, changed_at=now)
        action.refresh_from_db()
        decision_record(
            action=action, said="edited", actor_id=actor_id, now=now, draft=draft, final=final
        )
    return action


def action_dismiss(
    *, action_id: uuid.UUID, reason: str, actor_id: uuid.UUID, now: datetime
) -> Action:
    """Not today, with a reason of REASONS. Raises ReasonUnknown."""
    if reason not in REASONS:
        raise ReasonUnknown(field="reason")
    with transaction.atomic():
        action = action_step(
            action_id=action_id,
            to=State.SKIPPED,
            actor_kind="human",
            actor_id=actor_id,
            now=now,
            detail={"reason": reason},
        )
        said = "later" if reason == "not_today" else "refused"
        decision_record(action=action, said=said, reason=reason, actor_id=actor_id, now=now)
    return action


def decision_record(
    *,
    action: Action,
    said: str,
    actor_id: uuid.UUID | None,
    now: datetime,
    reason: str = "",
    draft: str = "",
    final: str = "",
) -> Decision:
    waited = int((now - action.created_at).total_seconds())
    return Decision.objects.create(
        action=action,
        said=said,
        reason=reason,
        content_hash=action.content_hash,
        draft=draft,
        final=final,
        seconds=max(0, waited),
        actor_id=actor_id,
        decided_at=now,
    )


def autonomy_set(
    *, kind: str, channel: str, level: int, actor_id: uuid.UUID, now: datetime
) -> Autonomy:
    """0 suggests only, 1 asks each time; nothing above."""
    row, _created = Autonomy.objects.update_or_create(
        kind=kind,
        channel=channel,
        defaults={"level": min(1, max(0, level)), "actor_id": actor_id, "changed_at": now},
    )
    return row


def _locked(action_id: uuid.UUID) -> Action:
    action = Action.objects.select_for_update().filter(pk=action_id).first()
    if action is None:
        raise ActionMissing
    return action
