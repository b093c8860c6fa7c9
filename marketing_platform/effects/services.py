"""Planning, changing and cancelling effects, answering for them, and stopping everything."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketing_platform.audit.services import audit_record
from marketing_platform.connections.models import Connection
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.effects.errors import (
    ConnectionForeign,
    EffectMissing,
    EffectNeverAgain,
    EffectNotAsked,
    EffectOver,
    EffectTimesWrong,
    EffectTooLate,
    EffectUnderway,
)
from marketing_platform.effects.ledger import move, remember, step_queue, stop_lock
from marketing_platform.effects.models import Effect, EmergencyStop
from marketing_platform.effects.registry import handler_of
from marketing_platform.effects.selectors import may_go_again
from marketing_platform.effects.states import BEFORE, State
from marketing_platform.tenants.guard import require_acting, schema_of

# As much as a phone shows in two lines.
SUBJECT_LENGTH = 80


def dedupe_key(kind: str, provider: str, account_id: str, key: Sequence[str]) -> str:
    """sha256 of what makes an effect one of its kind: a reconnected account stays the same."""
    parts = [kind, provider, account_id, *map(str, key)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def effect_plan(
    *,
    kind: str,
    key: tuple[str, ...],
    payload: dict[str, Any],
    due_at: datetime,
    expires_at: datetime,
    connection: Connection,
    subject: str = "",
    now: datetime,
) -> Effect:
    """Plan one effect in the caller's transaction; a second call with the same key answers the
    first one's row, whatever its state.

    `subject` is what people read ("Diwali post"); a long one is cut. Raises ConnectionForeign for
    an account of another workspace (CrossTenantError when it is marked as one), EffectTimesWrong,
    EffectTooLate, ValueError for an unknown kind.
    """
    handler_of(kind)
    _refuse_foreign(connection)
    _refuse_times(due_at, expires_at, now)
    effect = Effect(
        kind=kind,
        dedupe_key=dedupe_key(kind, connection.provider, connection.account_id, key),
        connection_id=connection.pk,
        provider=connection.provider,
        account_id=connection.account_id,
        subject=shortened(subject),
        payload=payload,
        due_at=due_at,
        expires_at=expires_at,
        next_at=due_at,
        created_at=now,
    )
    try:
        with transaction.atomic():
            effect.save(force_insert=True)
            remember(effect, "", now=now)
            step_queue(effect)
    except IntegrityError:
        return Effect.objects.get(dedupe_key=effect.dedupe_key)
    return effect


def shortened(text: str, most: int = SUBJECT_LENGTH) -> str:
    """One line of at most so many letters, cut between words, with a sign that it was cut."""
    line = clean_line(text)
    if len(line) <= most:
        return line
    head = line[: most - 1]
    return (head.rsplit(" ", 1)[0] or head).rstrip(" ,.;:·–-") + "…"


def effect_change(
    *,
    effect_id: uuid.UUID,
    now: datetime,
    payload: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    actor_id: uuid.UUID | None = None,
) -> Effect:
    """Change what is planned; it is prepared anew. Raises EffectMissing, EffectUnderway,
    EffectOver, EffectTimesWrong, EffectTooLate.
    """
    with transaction.atomic():
        effect = _locked(effect_id)
        _refuse_after(effect)
        due_at, expires_at = due_at or effect.due_at, expires_at or effect.expires_at
        _refuse_times(due_at, expires_at, now)
        if effect.state != State.PLANNED:
            # From the worker that prepares it: its token fits no more.
            move(effect, State.PLANNED, now=now)
        move(
            effect,
            State.PLANNED,
            now=now,
            next_at=due_at,
            due_at=due_at,
            expires_at=expires_at,
            payload=effect.payload if payload is None else payload,
            prepared=None,
            sentence=_("Changed before it went out."),
            actor_id=actor_id,
        )
    return effect


def effect_cancel(
    *, effect_id: uuid.UUID, now: datetime, actor_id: uuid.UUID | None = None, sentence: str = ""
) -> Effect:
    """Stop what has not begun to go out; cancelling twice is no error. `sentence`: why, where it is
    not a person's wish. Raises EffectMissing, EffectUnderway, EffectOver.
    """
    with transaction.atomic():
        effect = _locked(effect_id)
        if effect.state != State.CANCELLED:
            _refuse_after(effect)
            move(effect, State.CANCELLED, now=now, actor_id=actor_id, **_why(sentence))
    return effect


def effect_answer(
    *,
    effect_id: uuid.UUID,
    happened: bool,
    actor_id: uuid.UUID | None,
    now: datetime,
    again: bool = False,
) -> Effect:
    """A person has looked. It happened: confirmed. It did not: sent `again`, or left.

    Raises EffectMissing, EffectNotAsked (so that a second answer changes nothing), EffectTooLate,
    EffectNeverAgain.
    """
    with transaction.atomic():
        effect = _locked(effect_id)
        if effect.state != State.NEEDS_CHECK:
            raise EffectNotAsked
        said, to, facts = _answer(effect, happened=happened, again=again, now=now)
        move(effect, to, now=now, sentence=said, actor_id=actor_id, **facts)
        _audit("effect_answered", effect, actor_id, now, happened=happened, again=again)
    return effect


def stop_everything(*, on: bool, actor_id: uuid.UUID | None, now: datetime) -> int:
    """The emergency stop. Once it answers, nothing more of this workspace is armed until it is
    started again; what had not begun is cancelled. Returns how many were.
    """
    with transaction.atomic():
        stop_lock(alone=True)
        row, _created = EmergencyStop.objects.get_or_create(id=1)
        if row.is_on == on:
            return 0
        row.is_on, row.changed_at, row.actor_id = on, now, actor_id
        row.save()
        count = 0
        if on:
            said = _("Stopped with everything else.")
            waiting = Effect.objects.select_for_update().filter(state__in=BEFORE)
            for effect in waiting.order_by("id"):
                count += move(effect, State.CANCELLED, now=now, actor_id=actor_id, **_why(said))
        _audit("everything_stopped" if on else "everything_started", None, actor_id, now)
    return count


def _why(sentence: str) -> dict[str, Any]:
    """Why it was stopped, in place of what it waited for before."""
    kind = "left_out" if sentence else ""
    return {
        "sentence": sentence[:400],
        "failure_kind": kind,
        "failure_sentence": sentence[:400],
        "failure_params": {},
    }


def effect_of_id(effect_id: uuid.UUID) -> Effect:
    """Raises EffectMissing."""
    effect = Effect.objects.filter(pk=effect_id).first()
    if effect is None:
        raise EffectMissing
    return effect


def _answer(
    effect: Effect, *, happened: bool, again: bool, now: datetime
) -> tuple[str, str, dict[str, Any]]:
    if happened:
        return _("A person saw it live."), State.CONFIRMED, {}
    if not again:
        return _("A person saw that it did not go out, and left it."), State.CANCELLED, {}
    if not may_go_again(effect):
        raise EffectNeverAgain
    if effect.expires_at <= now:
        raise EffectTooLate
    facts = {"due_at": max(effect.due_at, now), "verify_attempts": 0, "prepared": None}
    facts |= {"failure_kind": "", "failure_sentence": "", "failure_params": {}}
    facts["next_at"] = facts["due_at"]
    return _("A person saw that it did not go out, and sent it again."), State.PLANNED, facts


def _locked(effect_id: uuid.UUID) -> Effect:
    """Its worker waits until the transaction is over. Raises EffectMissing."""
    effect = Effect.objects.select_for_update().filter(pk=effect_id).first()
    if effect is None:
        raise EffectMissing
    return effect


def _refuse_times(due_at: datetime, expires_at: datetime, now: datetime) -> None:
    if expires_at <= due_at:
        raise EffectTimesWrong(field="expires_at")
    if expires_at <= now:
        raise EffectTooLate(field="expires_at")


def _refuse_after(effect: Effect) -> None:
    if effect.state == State.ARMED:
        raise EffectUnderway
    if effect.state not in BEFORE:
        raise EffectOver


def _refuse_foreign(connection: Connection) -> None:
    require_acting(connection, schema_of(connection))
    if not Connection.objects.filter(pk=connection.pk, account_id=connection.account_id).exists():
        raise ConnectionForeign(field="connection")


def _audit(
    action: str, effect: Effect | None, actor_id: uuid.UUID | None, now: datetime, **detail: Any
) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=str(effect.pk) if effect else "",
        detail=detail,
        now=now,
    )
