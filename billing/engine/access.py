"""Which access the rows of a workspace give at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from billing.engine.lifecycle import FINAL, State

# Gateways debit a renewal up to three days late (pre-debit notice, retries); nobody loses a
# paid workspace to that.
GRACE = timedelta(days=7)
# After the gateway's own last attempt: time for a last call and a day's notice. At most a month.
AFTER_LAST_ATTEMPT = timedelta(days=3)
LONGEST_HOLD = timedelta(days=30)
STAFF_TERMS = "staff_terms"
LATE = frozenset({State.PAST_DUE, State.SUSPENDED})
BEFORE_FIRST_DEBIT = frozenset({State.TRIALING, State.INCOMPLETE})


@dataclass(frozen=True)
class AccessFact:
    """One subscription, or one acceptance of terms by staff (`state` is STAFF_TERMS).

    `held_until`: the gateway tries a failed charge again then. `since`: when the terms were
    accepted; of a subscription, when an unpaid invoice suspended it. `is_promised`: a gateway holds
    a mandate, and its first debit comes when the trial ends.
    """

    state: str
    trial_ends_at: datetime | None = None
    access_until: datetime | None = None
    past_due_since: datetime | None = None
    period_end: datetime | None = None
    held_until: datetime | None = None
    since: datetime | None = None
    is_promised: bool = False


@dataclass(frozen=True)
class Access:
    """`until` is None while nothing is known to end it. `is_late`: a payment is open."""

    level: Literal["full", "read_only"]
    until: datetime | None = None
    is_late: bool = field(default=False, compare=False)


def access_of(facts: Iterable[AccessFact], now: datetime) -> Access:
    """Full if any row grants it now, for as long as the longest of them; otherwise read_only.

    Terms that were accepted before an unpaid invoice suspended the workspace give nothing until
    it is paid; terms accepted after that do.
    """
    rows = list(facts)
    is_late = any(fact.state in LATE for fact in rows)
    granted = [fact for fact in _not_withheld(rows) if grants(fact, now)]
    if not granted:
        return Access("read_only", is_late=is_late)
    ends = [_ends_at(fact) for fact in granted]
    known = [end for end in ends if end is not None]
    return Access("full", max(known) if len(known) == len(ends) else None, is_late)


def grants(fact: AccessFact, now: datetime) -> bool:
    """Whether this row alone lets a workspace write."""
    if fact.state in BEFORE_FIRST_DEBIT:
        return _is_in_trial(fact, now)
    if fact.state == State.ACTIVE:
        return fact.period_end is None or now < fact.period_end + GRACE
    if fact.state == State.PAST_DUE:
        return fact.past_due_since is not None and now < grace_ends_at(
            fact.past_due_since, fact.held_until
        )
    if fact.state == STAFF_TERMS or fact.state in FINAL:
        return fact.access_until is not None and now < fact.access_until
    return False


def _is_in_trial(fact: AccessFact, now: datetime) -> bool:
    """A first debit takes days, as every other: who has promised it works on meanwhile."""
    if fact.trial_ends_at is None or (fact.state == State.INCOMPLETE and not fact.is_promised):
        return False
    return now < fact.trial_ends_at + (GRACE if fact.is_promised else timedelta(0))


def grace_ends_at(past_due_since: datetime, held_until: datetime | None = None) -> datetime:
    """Until when a late payer works on; later while the gateway still tries by itself."""
    ends_at = past_due_since + GRACE
    if held_until is None:
        return ends_at
    return max(ends_at, min(held_until + AFTER_LAST_ATTEMPT, past_due_since + LONGEST_HOLD))


def _not_withheld(rows: list[AccessFact]) -> list[AccessFact]:
    suspended = [row.since for row in rows if row.state == State.SUSPENDED and row.since]
    if not suspended:
        return rows
    last = max(suspended)
    return [
        row for row in rows if row.state != STAFF_TERMS or row.since is None or row.since > last
    ]


def _ends_at(fact: AccessFact) -> datetime | None:
    if fact.state in {State.ACTIVE, State.PAST_DUE} or fact.is_promised:
        return None
    if fact.state == State.TRIALING:
        return fact.trial_ends_at
    return fact.access_until
