import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from marketing_platform.connections.models import Connection
from marketing_platform.effects import times
from marketing_platform.effects.channels import PAUSED
from marketing_platform.effects.models import ChannelHealth, Effect, EffectEvent, EmergencyStop
from marketing_platform.effects.registry import HANDLERS
from marketing_platform.effects.states import BEFORE, ENDED, WORDS, State

PAGE = 30
SHOWS = ("all", "needs-you", "waiting", "live", "not-sent")
_STATES = {
    "needs-you": (State.NEEDS_CHECK,),
    "waiting": (*BEFORE, State.ARMED, State.UNKNOWN, State.PENDING_REMOTE),
    "live": (State.CONFIRMED,),
    "not-sent": (State.REJECTED, State.CANCELLED, State.EXPIRED),
}


@dataclass(frozen=True)
class Page:
    """One page of the list; `next_cursor` is empty on the last."""

    effects: list[Effect]
    next_cursor: str


@dataclass(frozen=True)
class PausedChannel:
    connection_id: uuid.UUID
    account: str
    sentence: str
    params: dict[str, Any]
    paused_at: datetime


def effects_page(*, show: str = "all", cursor: str = "", limit: int = PAGE) -> Page:
    """The latest by planned time; an unknown `show` or `cursor` shows all, from the start."""
    rows = Effect.objects.order_by("-due_at", "-id")
    if show in _STATES:
        rows = rows.filter(state__in=_STATES[show])
    rows = _after(rows, cursor)
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, "")
    last = found[limit - 1]
    return Page(found[:limit], f"{last.due_at.isoformat()}~{last.pk}")


def needs_you_count() -> int:
    return Effect.objects.filter(state=State.NEEDS_CHECK).count()


def history_of(effect: Effect) -> list[EffectEvent]:
    """The oldest first."""
    return list(EffectEvent.objects.filter(effect=effect).order_by("id")[:200])


def is_stopped() -> bool:
    return EmergencyStop.objects.filter(is_on=True).exists()


def paused_channels() -> list[PausedChannel]:
    names = dict(Connection.objects.filter(state=PAUSED).values_list("pk", "account_name"))
    rows = ChannelHealth.objects.filter(pk__in=names, paused_at__isnull=False)
    return [
        PausedChannel(row.pk, names[row.pk], row.reason, row.reason_params, row.paused_at)
        for row in rows.order_by("paused_at")
    ]


def label_of(effect: Effect) -> str:
    """What kind of thing it is, as a sentence to be translated."""
    handler = HANDLERS.get(effect.kind)
    return handler.label if handler else effect.kind


def state_words(kind: str, state: str) -> str:
    """A state as people read it, a sentence to be translated. Not everything that is confirmed is
    live for all to see: a message was taken, a change was handed over.
    """
    handler = HANDLERS.get(kind)
    if state == State.CONFIRMED and handler is not None:
        return handler.done_words
    return WORDS.get(state, state)


def may_go_again(effect: Effect) -> bool:
    """Whether a person who saw that it did not go out may send it again."""
    handler = HANDLERS.get(effect.kind)
    return handler is None or handler.may_go_again


def stuck_effects(*, now: datetime) -> QuerySet[Effect]:
    """Open ones that nobody has looked at since they were due to be: their work has died."""
    waiting = Effect.objects.exclude(state__in=[*ENDED, State.NEEDS_CHECK])
    return waiting.filter(next_at__lt=now - times.TIMES.overdue)


def _after(rows: QuerySet[Effect], cursor: str) -> QuerySet[Effect]:
    moment, _tilde, key = cursor.partition("~")
    try:
        due_at, pk = datetime.fromisoformat(moment), uuid.UUID(key)
    except ValueError:
        return rows
    if due_at.tzinfo is None:
        return rows
    before = rows.filter(due_at__lt=due_at)
    return before | rows.filter(due_at=due_at, pk__lt=pk)
