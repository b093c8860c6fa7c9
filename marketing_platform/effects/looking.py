"""Finding out whether a call whose outcome is not known arrived: reads only, then a person."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.http import client_for
from marketing_platform.core.text import mark as _
from marketing_platform.effects import times
from marketing_platform.effects.channels import channel_worked
from marketing_platform.effects.gates import connection_of
from marketing_platform.effects.ledger import claim, move, postpone, watch
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import EffectHandler, Verdict, handler_of
from marketing_platform.effects.states import State
from marketing_platform.effects.times import deadline_of

logger = logging.getLogger(__name__)
LOST = _("The sending was interrupted. We look whether it arrived.")
TRIED_ENOUGH = _("It was sent several times and never arrived. Please plan it anew.")
NOT_AGAIN = _("It did not arrive. It is not sent again by itself.")
TOO_LATE = _("It did not arrive, and by now it is too late for it.")
ASK = _("We could not find out whether it went out. Please look and tell us.")


def armed_found(effect: Effect, *, now: datetime) -> None:
    """A row that is armed and whose worker is gone: nobody knows, so it is looked up."""
    over = Effect.objects.filter(leased_until__lt=Now())
    if move(effect, State.UNKNOWN, now=now, rows=over, next_at=now, sentence=LOST):
        return
    # Somebody holds it still; whoever comes after the lease looks again.
    watch(effect)


def look(effect: Effect, *, now: datetime) -> None:
    """One look, for an effect that is unknown or not yet live."""
    if not claim(effect, now=now):
        return
    handler = handler_of(effect.kind)
    verdict = _verdict(effect, handler)
    if verdict.outcome == "confirmed":
        remote_id = (verdict.remote_id or effect.remote_id)[:300]
        move(effect, State.CONFIRMED, now=now, remote_id=remote_id, **_CLEAR)
        channel_worked(effect.connection_id)
    elif verdict.outcome == "rejected":
        facts = {"failure_kind": "rejected", "failure_params": verdict.params}
        facts["failure_sentence"] = verdict.sentence[:400]
        move(effect, State.REJECTED, now=now, sentence=verdict.sentence[:400], **facts)
    elif verdict.outcome == "not_applied":
        _not_applied(effect, handler, now)
    else:
        _still_unknown(effect, handler, now)


_CLEAR: dict[str, Any] = {"failure_kind": "", "failure_sentence": "", "failure_params": {}}


def _verdict(effect: Effect, handler: EffectHandler) -> Verdict:
    account = connection_of(effect)
    if account is None or account.account_id != effect.account_id:
        return Verdict.STILL_UNKNOWN
    try:
        return handler.verify(effect, client_for(account))
    except ProviderFailure as failure:
        logger.warning("no look was possible: %s", failure.kind)
    except Exception:
        logger.exception("a look broke", extra={"effect": str(effect.pk)})
    return Verdict.STILL_UNKNOWN


def _not_applied(effect: Effect, handler: EffectHandler, now: datetime) -> None:
    if effect.state == State.PENDING_REMOTE:
        # It was taken once. That it is not there now says nothing about sending it again.
        _still_unknown(effect, handler, now)
        return
    ending = _ending(effect, handler, now)
    if ending:
        to, sentence = ending
        facts = {"failure_kind": "not_applied", "failure_sentence": sentence}
        move(effect, to, now=now, sentence=sentence, failure_params={}, **facts)
        return
    wait = times.back_off(effect.commit_attempts - 1, effect.pk)
    said = _("It did not arrive, so it is sent again.")
    move(effect, State.PLANNED, now=now, next_at=now + wait, verify_attempts=0, sentence=said)


def _ending(effect: Effect, handler: EffectHandler, now: datetime) -> tuple[str, str] | None:
    if not handler.resends:
        return State.REJECTED, NOT_AGAIN
    if effect.commit_attempts >= handler.arms_at_most:
        return State.REJECTED, TRIED_ENOUGH
    if now > deadline_of(effect.due_at, effect.expires_at, handler.freshness):
        return State.EXPIRED, TOO_LATE
    return None


def _still_unknown(effect: Effect, handler: EffectHandler, now: datetime) -> None:
    number = effect.verify_attempts + 1
    wait = times.wait_of(_waits(effect, handler), number)
    if wait is None:
        facts = {"failure_kind": "unknown", "failure_sentence": ASK, "failure_params": {}}
        move(effect, State.NEEDS_CHECK, now=now, verify_attempts=number, sentence=ASK, **facts)
        return
    postpone(effect, next_at=now + wait, verify_attempts=number)


def _waits(effect: Effect, handler: EffectHandler) -> tuple[timedelta, ...]:
    if effect.state == State.PENDING_REMOTE:
        return handler.pending_waits or times.TIMES.pending_waits
    return handler.verify_waits or times.TIMES.verify_waits
