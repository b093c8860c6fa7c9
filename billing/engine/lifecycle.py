"""The life of a subscription, computed from what a gateway says in any order.

    incomplete -> trialing -> active <-> past_due -> suspended;  active <-> paused
    canceled, expired and ended are final: whoever comes back gets a new row.

Webhooks arrive late, twice and shuffled, and their times have whole seconds. So the newest word
counts, a final word counts most, and what cannot be decided from the event alone (two different
words of one second, a state or a jump that the machine does not know, a mandate of which only an
older word speaks) is Undecided: the caller then reads the gateway's present state and reduces that.
A reading carries `read_at`, our own time when it began, and is believed as it is; a word from
around that time is undecided again, since two clocks do not agree to the second.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# How far the gateway's clock and ours may lie apart.
SKEW = timedelta(seconds=15)
LOST = "lost"


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
UNPAID = frozenset({State.PAST_DUE, State.SUSPENDED})
# The last charge of a finite number ends it at once; its period is paid for all the same.
KEEPS_PAID_TIME = frozenset({State.CANCELED, State.ENDED})
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
    """What we hold of a subscription. `observed_at` is the gateway's time of the last event."""

    state: State
    observed_at: datetime | None = None
    paid_count: int = 0
    period_start: datetime | None = None
    period_end: datetime | None = None
    past_due_since: datetime | None = None
    access_until: datetime | None = None
    read_at: datetime | None = None
    cancel_at_period_end: bool = False
    mandate: str = "none"
    mandate_method: str = ""
    mandate_limit_paise: int | None = None
    paused_by: str = ""
    mandate_lost_at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """What the gateway says of a subscription, at its own time `occurred_at`.

    None means that it does not say: `state` for a status that we do not know, `mandate` and
    `cancel_at_period_end` for events that do not speak of them. `read_at`: this was read from the
    gateway itself, and that is when we began to. `past_due_since` of one that has ended: a charge
    was open then. `mandate_since`: the gateway cannot show the mandate, only the account behind it,
    which it knows since then.
    """

    state: State | None
    occurred_at: datetime
    paid_count: int = 0
    period_start: datetime | None = None
    period_end: datetime | None = None
    past_due_since: datetime | None = None
    read_at: datetime | None = None
    cancel_at_period_end: bool | None = None
    mandate: str | None = None
    mandate_method: str = ""
    mandate_limit_paise: int | None = None
    paused_by: str = ""
    mandate_since: datetime | None = None


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


def reduce(facts: Facts, change: Change) -> Outcome:
    """The facts after one word of the gateway; the order of arrival does not matter."""
    if facts.state in FINAL:
        return Ignored(f"the subscription is {facts.state}, and that is final")
    if change.read_at is not None:
        return _reduce_reading(facts, change, change.read_at)
    if change.state is None:
        return Undecided("the gateway names a state that we do not know")
    if change.state in FINAL:
        return Applied(_adopt(facts, change))
    return _by_time(facts, change) or _by_move(facts, change)


def differs(facts: Facts, change: Change) -> bool:
    """Whether the change would alter anything but the times at which we heard of it."""
    adopted = _adopt(facts, change)
    return facts != replace(adopted, observed_at=facts.observed_at, read_at=facts.read_at)


def is_unpaid(facts: Facts, change: Change) -> bool:
    """Whether a charge was open at this word, by what we knew or by what it says."""
    return facts.state in UNPAID or change.past_due_since is not None


def paid_time_only(
    before: Facts, change: Change, after: Facts, paid_until: datetime | None
) -> Facts:
    """`after`, but who ended while a charge was open uses up no time that nobody paid for.

    Gateways begin a period before its charge is paid, so its end proves nothing. `paid_until` is
    the end of the last period that was paid; where none is known, what counts is when the trouble
    began.
    """
    if after.access_until is None or not is_unpaid(before, change):
        return after
    told = (paid_until, change.past_due_since, before.past_due_since, change.occurred_at)
    ends_at = next(at for at in told if at is not None)
    return replace(after, access_until=min(after.access_until, ends_at))


def _reduce_reading(facts: Facts, change: Change, read_at: datetime) -> Outcome:
    if change.state is None:
        return Ignored("the gateway itself names a state that we do not know")
    if facts.read_at is not None and read_at < facts.read_at:
        return Ignored("a later reading is known already")
    return Applied(replace(_adopt(facts, change), observed_at=facts.observed_at, read_at=read_at))


def _by_time(facts: Facts, change: Change) -> Outcome | None:
    """Decided by when it was said; None for a word that is surely newer than all we know."""
    if facts.read_at is not None and change.occurred_at < facts.read_at - SKEW:
        return Ignored("the gateway was asked since")
    around_reading = facts.read_at is not None and change.occurred_at <= facts.read_at + SKEW
    is_tie = change.occurred_at == facts.observed_at
    if around_reading or is_tie:
        if not differs(facts, change):
            return Ignored("this is known already")
        return Undecided("two different words of about the same time")
    if facts.observed_at is None or change.occurred_at > facts.observed_at:
        return None
    return _older(facts, change)


def _older(facts: Facts, change: Change) -> Outcome:
    """An older word adds two things at most: when the trouble began, and a mandate."""
    if change.mandate is not None and change.mandate != facts.mandate:
        return Undecided("only an older word speaks of this mandate")
    since = change.past_due_since or change.occurred_at
    if _is_same_trouble(facts, change) and since < facts.past_due_since:
        return Applied(replace(facts, past_due_since=since))
    return Ignored("something newer is known already")


def _is_same_trouble(facts: Facts, change: Change) -> bool:
    """Both speak of one unpaid period: nothing was paid in between."""
    return (
        facts.past_due_since is not None
        and change.state == State.PAST_DUE
        and (facts.paid_count, facts.period_end) == (change.paid_count, change.period_end)
    )


def _by_move(facts: Facts, change: Change) -> Outcome:
    if change.state == facts.state or change.state in LEGAL[facts.state]:
        return Applied(_adopt(facts, change))
    return Undecided(f"{facts.state} does not lead to {change.state}")


def _adopt(facts: Facts, change: Change) -> Facts:
    asked = change.cancel_at_period_end
    newer = replace(
        facts,
        state=change.state,
        observed_at=change.occurred_at,
        paid_count=max(facts.paid_count, change.paid_count),
        period_start=change.period_start or facts.period_start,
        period_end=change.period_end or facts.period_end,
        past_due_since=_past_due_since(facts, change),
        cancel_at_period_end=facts.cancel_at_period_end if asked is None else asked,
        paused_by=change.paused_by if change.state == State.PAUSED else "",
    )
    if change.mandate is not None and not _is_lost_still(facts, change):
        newer = _with_mandate(newer, change, change.mandate)
    if change.state in KEEPS_PAID_TIME:
        return replace(newer, access_until=newer.period_end)
    return newer


def _past_due_since(facts: Facts, change: Change) -> datetime | None:
    if change.state not in {State.PAST_DUE, State.SUSPENDED}:
        return None
    begun = facts.past_due_since
    if change.state == State.SUSPENDED:
        return change.past_due_since or begun
    return change.past_due_since or begun or change.occurred_at


def _with_mandate(facts: Facts, change: Change, mandate: str) -> Facts:
    limit = change.mandate_limit_paise
    return replace(
        facts,
        mandate=mandate,
        mandate_method=change.mandate_method or facts.mandate_method,
        mandate_limit_paise=facts.mandate_limit_paise if limit is None else limit,
        mandate_lost_at=facts.mandate_lost_at or change.occurred_at if mandate == LOST else None,
    )


def _is_lost_still(facts: Facts, change: Change) -> bool:
    """A mandate that was lost stands again when the gateway shows it, when money came by it, or
    when the account behind it is newer than the loss."""
    if facts.mandate_lost_at is None or change.mandate != "confirmed":
        return False
    if change.mandate_since is None or change.paid_count > facts.paid_count:
        return False
    return change.mandate_since <= facts.mandate_lost_at
