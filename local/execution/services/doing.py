"""What the owner does with a task: approve, start, finish, take back."""

import uuid
from datetime import datetime

from django.db import transaction

from local.execution.engine.states import State
from local.execution.errors import ActionMissing
from local.execution.models import Action
from local.execution.services.collaboration import action_approve, decision_record
from local.execution.services.kinds import KINDS
from local.execution.services.steps import action_step
from marketing_platform.core.text import clean_line

PROOF_LENGTH = 300


def action_carry_out(
    *, action_id: uuid.UUID, seen_hash: str, actor_id: uuid.UUID, now: datetime
) -> Action:
    """Approve what was seen and hand it to its feature, in one transaction.

    Raises ActionChanged, IllegalStep, ActionExpired, or what the feature refuses with: then
    nothing is approved.
    """
    with transaction.atomic():
        action = action_approve(
            action_id=action_id, seen_hash=seen_hash, actor_id=actor_id, now=now
        )
        approve = KINDS[action.kind].approve
        if approve is None:
            raise ActionMissing
        approve(action, actor_id, now)
    return action


def action_start(*, action_id: uuid.UUID, actor_id: uuid.UUID, now: datetime) -> Action:
    """The owner begins by hand; begun already is fine."""
    action = Action.objects.filter(pk=action_id).first()
    if action is None:
        raise ActionMissing
    if State(action.state) is not State.HUMAN_TODO:
        return action
    return action_step(
        action_id=action_id, to=State.DOING, actor_kind="human", actor_id=actor_id, now=now
    )


def action_back(*, action_id: uuid.UUID, actor_id: uuid.UUID, now: datetime) -> Action:
    """What was dismissed today is wanted after all."""
    with transaction.atomic():
        action = action_step(
            action_id=action_id,
            to=State.PROPOSED,
            actor_kind="human",
            actor_id=actor_id,
            now=now,
        )
        decision_record(action=action, said="undone", actor_id=actor_id, now=now)
        after = State.AWAITING_APPROVAL if KINDS[action.kind].approve else State.HUMAN_TODO
        return action_step(
            action_id=action_id, to=after, actor_kind="system", actor_id=None, now=now
        )


def action_finish(
    *, action_id: uuid.UUID, proof: str, actor_id: uuid.UUID, now: datetime
) -> Action:
    """Done by hand, as the owner says; `proof` is a word or an address, or empty."""
    with transaction.atomic():
        action_step(
            action_id=action_id,
            to=State.EVIDENCE,
            actor_kind="human",
            actor_id=actor_id,
            now=now,
            facts={"proof": _cleaned(proof)},
        )
        action = action_step(
            action_id=action_id,
            to=State.SELF_REPORTED,
            actor_kind="human",
            actor_id=actor_id,
            now=now,
        )
        decision_record(action=action, said="done", actor_id=actor_id, now=now)
    return action


def _cleaned(proof: str) -> str:
    """As PostgreSQL keeps it: without NUL and half characters."""
    return clean_line(proof.encode("utf-8", "ignore").decode())[:PROOF_LENGTH]
