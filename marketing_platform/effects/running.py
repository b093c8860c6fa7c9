"""One step of an effect: prepare it, arm it, call once, write what came of it.

The order is what makes "once" possible. Arming is committed before the call, so a worker that dies
during it leaves a row that says so; nobody calls again before a look has proved that nothing
arrived. See looking.py for the look.
"""

import json
import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import ProviderClient, client_for
from marketing_platform.connections.services import connection_needs_sign_in
from marketing_platform.core.text import mark as _
from marketing_platform.effects import times
from marketing_platform.effects.channels import channel_failed, channel_worked
from marketing_platform.effects.gates import Hold, connection_of, hold_of
from marketing_platform.effects.ledger import claim, move, postpone, stop_lock
from marketing_platform.effects.looking import armed_found, look
from marketing_platform.effects.models import Effect, EffectEvent
from marketing_platform.effects.registry import Committed, EffectHandler, handler_of
from marketing_platform.effects.states import AFTER, BEFORE, State

logger = logging.getLogger(__name__)
BROKEN = _("Something on our side broke while this was being sent.")


def effect_step(effect_id: uuid.UUID, step: int, *, now: datetime) -> None:
    """Take the effect one step on; a step that is not its latest does nothing."""
    effect = Effect.objects.filter(pk=effect_id, step=step).first()
    if effect is None:
        return
    if effect.state in BEFORE:
        _go(effect, handler_of(effect.kind), now)
    elif effect.state == State.ARMED:
        armed_found(effect, now=now)
    elif effect.state in AFTER and not effect.needs_person:
        look(effect, now=now)


def _go(effect: Effect, handler: EffectHandler, now: datetime) -> None:
    hold = hold_of(effect, handler, now=now)
    if hold is not None:
        _hold(effect, hold, now)
        return
    counted = F("prepare_attempts") + 1
    if not claim(effect, now=now, to=State.PREPARING, prepare_attempts=counted):
        return
    client = _prepare(effect, handler, now)
    if client is not None and _arm(effect, handler, now):
        _call(effect, handler, client, now)


def _hold(effect: Effect, hold: Hold, now: datetime) -> None:
    facts = {
        "failure_kind": hold.kind,
        "failure_sentence": hold.sentence,
        "failure_params": hold.params,
    }
    if hold.is_final:
        # Why it waited says more than that it is late.
        kept = {} if effect.failure_sentence else facts
        move(effect, State.EXPIRED, now=now, sentence=hold.sentence, **kept)
        return
    again = min(now + times.TIMES.look_again, effect.expires_at + times.SECOND)
    if effect.state == State.PLANNED and effect.failure_kind == hold.kind:
        postpone(effect, next_at=again)
        return
    move(effect, State.PLANNED, now=now, next_at=again, sentence=hold.sentence, **facts)


# --- prepare: may be done again


def _prepare(effect: Effect, handler: EffectHandler, now: datetime) -> ProviderClient | None:
    """The client, once the effect is prepared; None when it is not."""
    try:
        client = client_for(connection_of(effect))
        prepared = plain(handler.prepare(effect, client) or {})
    except ProviderFailure as failure:
        _failed_before(effect, failure, now)
        return None
    except Exception:
        logger.exception("an effect could not be prepared", extra={"effect": str(effect.pk)})
        wait = times.back_off(effect.prepare_attempts, effect.pk)
        move(effect, State.PLANNED, now=now, next_at=now + wait, **_facts("broken", BROKEN))
        return None
    return client if move(effect, State.PREPARED, now=now, prepared=prepared) else None


def _failed_before(effect: Effect, failure: ProviderFailure, now: datetime) -> None:
    """Nothing left the process that anybody sees: try again later, or say what is wrong."""
    facts = _facts(failure.kind, failure.sentence, _params(failure))
    _count(effect, failure, now)
    if failure.kind in {"rejected", "not_found"}:
        move(effect, State.REJECTED, now=now, sentence=failure.sentence, **facts)
        return
    move(
        effect,
        State.PLANNED,
        now=now,
        next_at=now + _wait(effect, failure),
        sentence=failure.sentence,
        **facts,
    )


# --- arm and call: once


def _arm(effect: Effect, handler: EffectHandler, now: datetime) -> bool:
    """Say in the database that the call is about to be made; `durable`, so that it is committed
    before the call whoever calls us.
    """
    with transaction.atomic(durable=True):
        stop_lock(alone=False)
        hold = hold_of(effect, handler, now=now)
        if hold is not None:
            _hold(effect, hold, now)
            return False
        late = now - effect.due_at
        return move(
            effect,
            State.ARMED,
            now=now,
            attempt_id=uuid.uuid4(),
            armed_at=Now(),
            leased_until=Now() + times.TIMES.lease,
            commit_attempts=F("commit_attempts") + 1,
            next_at=now + times.TIMES.lease + times.TIMES.past_lease,
            late_minutes=int(late / times.MINUTE) if late > times.TIMES.on_time else 0,
            failure_kind="",
            failure_sentence="",
            failure_params={},
        )


def _call(effect: Effect, handler: EffectHandler, client: ProviderClient, now: datetime) -> None:
    try:
        committed = handler.commit(effect, client)
    except ProviderFailure as failure:
        _call_failed(effect, handler, failure, now)
    except Exception:
        logger.exception("an effect broke in its call", extra={"effect": str(effect.pk)})
        _unknown(effect, handler, now, **_facts("broken", BROKEN))
    else:
        _called(effect, committed, handler, now)


def _called(effect: Effect, committed: Committed, handler: EffectHandler, now: datetime) -> None:
    to = State.PENDING_REMOTE if committed.is_pending else State.CONFIRMED
    waits = handler.pending_waits or times.TIMES.pending_waits
    facts = {
        "remote_id": plain(str(committed.remote_id or ""))[:300],
        "answer": plain(committed.answer),
    }
    next_at = now + waits[0] if committed.is_pending else None
    if not move(effect, to, now=now, next_at=next_at, verify_attempts=0, **facts):
        _late_answer(effect, facts, now)
    channel_worked(effect.connection_id)


def _late_answer(effect: Effect, facts: dict[str, Any], now: datetime) -> None:
    """Our lease was over before the answer came. It is still true for our attempt, if that is
    still the one in question.
    """
    attempt = effect.attempt_id
    effect.refresh_from_db()
    said = _("The answer came late.")
    if effect.attempt_id == attempt and effect.state in {State.UNKNOWN, State.NEEDS_CHECK}:
        rows = Effect.objects.filter(attempt_id=attempt)
        if move(effect, State.CONFIRMED, now=now, rows=rows, sentence=said, **facts):
            return
    logger.error("an answer came too late", extra={"effect": str(effect.pk)})
    EffectEvent.objects.create(
        effect_id=effect.pk,
        happened_at=now,
        from_state=effect.state,
        to_state=effect.state,
        sentence=said,
        params={"remote_id": facts["remote_id"]},
        attempt_id=attempt,
    )


def _call_failed(
    effect: Effect, handler: EffectHandler, failure: ProviderFailure, now: datetime
) -> None:
    if failure.outcome == "unknown" or handler.may_be_live(failure):
        _count(effect, failure, now)
        facts = _facts(failure.kind, failure.sentence, _params(failure))
        _unknown(effect, handler, now, **facts)
    else:
        # Refused, or it never left: `_failed_before` knows both.
        _failed_before(effect, failure, now)


def _unknown(effect: Effect, handler: EffectHandler, now: datetime, **facts: Any) -> None:
    waits = handler.verify_waits or times.TIMES.verify_waits
    said = _("No sure answer came. We look whether it is there.")
    move(
        effect,
        State.UNKNOWN,
        now=now,
        next_at=now + waits[0],
        verify_attempts=0,
        sentence=said,
        **facts,
    )


# --- small things


def _count(effect: Effect, failure: ProviderFailure, now: datetime) -> None:
    if failure.kind == "needs_sign_in":
        connection_needs_sign_in(connection_id=effect.connection_id, now=now)
    channel_failed(
        effect.connection_id,
        kind=failure.kind,
        sentence=failure.sentence,
        params=_params(failure),
        now=now,
    )


def _wait(effect: Effect, failure: ProviderFailure) -> timedelta:
    if failure.kind == "needs_sign_in":
        return times.TIMES.look_again
    number = max(effect.prepare_attempts, effect.commit_attempts, 1) - 1
    wait = times.back_off(number, effect.pk)
    if failure.retry_after:
        wait = max(wait, timedelta(seconds=min(float(failure.retry_after), 86_400.0)))
    return wait


def _facts(kind: str, sentence: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "failure_kind": kind,
        "failure_sentence": sentence[:400],
        "failure_params": params or {},
    }


def _params(failure: ProviderFailure) -> dict[str, Any]:
    return plain(getattr(failure, "params", None) or {})


def plain(answer: Any) -> Any:
    """As PostgreSQL keeps it: JSON, without NUL and half characters."""
    text = json.dumps(answer, default=str, ensure_ascii=False).replace("\\u0000", "")
    return json.loads(text.encode("utf-8", "replace").decode())
