"""Which access the rows of a workspace give at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from billing.engine.lifecycle import FINAL, State

# Gateways debit a renewal up to three days late (pre-debit notice, retries); nobody loses a
# paid workspace to that.
GRACE = timedelta(days=7)
STAFF_TERMS = "staff_terms"


@dataclass(frozen=True)
class AccessFact:
    """One subscription, or one acceptance of terms by staff (`state` is STAFF_TERMS)."""

    state: str
    trial_ends_at: datetime | None = None
    access_until: datetime | None = None
    past_due_since: datetime | None = None
    period_end: datetime | None = None


@dataclass(frozen=True)
class Access:
    """`until` is None while nothing is known to end it."""

    level: Literal["full", "read_only"]
    until: datetime | None = None


def access_of(facts: Iterable[AccessFact], now: datetime) -> Access:
    """Full if any row grants it now, for as long as the longest of them; otherwise read_only."""
    granted = [fact for fact in facts if grants(fact, now)]
    if not granted:
        return Access("read_only")
    ends = [_ends_at(fact) for fact in granted]
    known = [end for end in ends if end is not None]
    return Access("full", max(known) if len(known) == len(ends) else None)


def grants(fact: AccessFact, now: datetime) -> bool:
    """Whether this row alone lets a workspace write."""
    if fact.state == State.TRIALING:
        return fact.trial_ends_at is not None and now < fact.trial_ends_at
    if fact.state == State.ACTIVE:
        return fact.period_end is None or now < fact.period_end + GRACE
    if fact.state == State.PAST_DUE:
        return fact.past_due_since is not None and now < fact.past_due_since + GRACE
    if fact.state == STAFF_TERMS or fact.state in FINAL:
        return fact.access_until is not None and now < fact.access_until
    return False


def _ends_at(fact: AccessFact) -> datetime | None:
    if fact.state == State.TRIALING:
        return fact.trial_ends_at
    if fact.state in {State.ACTIVE, State.PAST_DUE}:
        return None
    return fact.access_until
