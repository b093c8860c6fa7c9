"""An effect as people read it, in their language: for the pages and the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from marketing_platform.effects.models import Effect, EffectEvent
from marketing_platform.effects.selectors import label_of, may_go_again, state_words
from marketing_platform.effects.states import BEFORE, ENDED, State

TONES = {
    State.CONFIRMED: "badge-success",
    State.NEEDS_CHECK: "badge-warning",
    State.REJECTED: "badge-error",
    State.EXPIRED: "badge-error",
}


@dataclass(frozen=True)
class Shown:
    """`reason`: why it waits, failed or was stopped; empty when there is nothing to say."""

    id: UUID
    kind: str
    label: str
    subject: str
    state: str
    words: str
    tone: str
    reason: str
    late_minutes: int
    attempts: int
    remote_id: str
    due_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    needs_you: bool
    may_be_cancelled: bool
    may_go_again: bool
    is_over: bool


@dataclass(frozen=True)
class Line:
    happened_at: datetime
    words: str
    sentence: str
    is_by_person: bool


def shown(effect: Effect) -> Shown:
    return Shown(
        id=effect.pk,
        kind=effect.kind,
        label=gettext(label_of(effect)),
        subject=effect.subject,
        state=effect.state,
        words=gettext(state_words(effect.kind, effect.state)),
        tone=TONES.get(State(effect.state), "badge-neutral"),
        reason=said(effect.failure_sentence, effect.failure_params),
        late_minutes=effect.late_minutes,
        attempts=effect.attempts,
        remote_id=effect.remote_id,
        due_at=effect.due_at,
        expires_at=effect.expires_at,
        ended_at=effect.ended_at,
        needs_you=effect.needs_person,
        may_be_cancelled=effect.state in BEFORE,
        may_go_again=may_go_again(effect),
        is_over=effect.state in ENDED,
    )


def line(event: EffectEvent, kind: str) -> Line:
    """`kind`: of the effect."""
    return Line(
        happened_at=event.happened_at,
        words=gettext(state_words(kind, event.to_state)),
        sentence=said(event.sentence, event.params),
        is_by_person=event.actor_id is not None,
    )


def said(sentence: str, params: dict[str, Any]) -> str:
    """A marked sentence in the reader's language. One that does not fit its parameters (it came
    from a provider) is shown as it is.
    """
    text = gettext(sentence) if sentence else ""
    if not params:
        return text
    try:
        return text % params
    except (KeyError, TypeError, ValueError):
        return text
