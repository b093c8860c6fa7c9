"""The life of a subscription, computed from what a gateway says in any order.

    incomplete -> trialing -> active <-> past_due -> suspended;  active <-> paused
    canceled, expired and ended are final: whoever comes back gets a new row.

Webhooks arrive late, twice and shuffled, and their times have whole seconds. So the newest word
counts, a final word counts most, and what cannot be decided from the event alone (two different
words of one second, a jump that the machine does not know) is Undecided: the caller then reads the
gateway's present state and reduces that with `is_authoritative`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"
    PAUSED = "paused"
    CANCELED = "canceled"
    EXPIRED = "expired"
    ENDED = "ended"


FINAL = frozenset({State.CANCELED, State.EXPIRED, State.ENDED})
LIVE = frozenset(State) - FINAL
LEGAL: dict[State, frozenset[State]] = {
    State.INCOMPLETE: frozenset({State.TRIALING, State.ACTIVE}),
    State.TRIALING: frozenset({State.ACTIVE, State.PAST_DUE}),
    State.ACTIVE: frozenset({State.PAST_DUE, State.PAUSED}),
    State.PAST_DUE: frozenset({State.ACTIVE, State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.ACTIVE}),
    State.PAUSED: frozenset({State.ACTIVE}),
}


@dataclass(frozen=True)
class Facts:
    """What we hold of a subscription. `observed_at` is the gateway's time of the last word."""

    state: State
    observed_at: datetime | None = None
    paid_count: int = 0
    period_start: datetime | None = None
    period_end: datetime | None = None
    past_due_since: datetime | None = None
    access_until: datetime | None = None


@dataclass(frozen=True)
class Change:
    """What the gateway says of a subscription, at its own time `occurred_at`."""

    state: State
    occurred_at: datetime
    paid_count: int = 0
    period_start: datetime | None = None
    period_end: datetime | None = None
    past_due_since: datetime | None = None


@dataclass(frozen=True)
class Applied:
    facts: Facts


@dataclass(frozen=True)
class Ignored:
    reason: str


@dataclass(frozen=True)
class Undecided:
    reason: str


Outcome = Applied | Ignored | Undecided


def reduce(facts: Facts, change: Change, *, is_authoritative: bool = False) -> Outcome:
    """The facts after one word of the gateway; the order of arrival does not matter."""
    if facts.state in FINAL:
        return Ignored(f"the subscription is {facts.state}, and that is final")
    if change.state in FINAL:
        return Applied(_adopt(facts, change))
    if facts.observed_at is not None:
        if change.occurred_at < facts.observed_at:
            return Ignored("something newer is known already")
        if change.occurred_at == facts.observed_at and not is_authoritative:
            if _says_the_same(facts, change):
                return Ignored("this is known already")
            return Undecided("two different words of the same second")
    if is_authoritative or change.state == facts.state or change.state in LEGAL[facts.state]:
        return Applied(_adopt(facts, change))
    return Undecided(f"{facts.state} does not lead to {change.state}")


def _says_the_same(facts: Facts, change: Change) -> bool:
    known = (facts.state, facts.paid_count, facts.period_end)
    return known == (change.state, change.paid_count, change.period_end)


def _adopt(facts: Facts, change: Change) -> Facts:
    newer = replace(
        facts,
        state=change.state,
        observed_at=change.occurred_at,
        paid_count=max(facts.paid_count, change.paid_count),
        period_start=change.period_start or facts.period_start,
        period_end=change.period_end or facts.period_end,
        past_due_since=None,
    )
    if change.state == State.PAST_DUE:
        since = change.past_due_since or facts.past_due_since or change.occurred_at
        return replace(newer, past_due_since=since)
    if change.state == State.CANCELED:
        return replace(newer, access_until=newer.period_end)
    return newer
