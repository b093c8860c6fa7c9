"""Which rows let a workspace write, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.access import GRACE, STAFF_TERMS, Access, AccessFact, access_of
from billing.engine.lifecycle import State

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOON, PAST = NOW + timedelta(days=3), NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (AccessFact(State.INCOMPLETE), Access("read_only")),
        (AccessFact(State.TRIALING, trial_ends_at=SOON), Access("full", SOON)),
        (AccessFact(State.TRIALING, trial_ends_at=NOW), Access("read_only")),
        (AccessFact(State.ACTIVE, period_end=SOON), Access("full")),
        (AccessFact(State.ACTIVE, period_end=PAST), Access("full")),
        (AccessFact(State.ACTIVE, period_end=NOW - GRACE), Access("read_only")),
        (AccessFact(State.PAST_DUE, past_due_since=PAST), Access("full")),
        (AccessFact(State.PAST_DUE, past_due_since=NOW - GRACE), Access("read_only")),
        (AccessFact(State.SUSPENDED, period_end=SOON), Access("read_only")),
        (AccessFact(State.PAUSED, period_end=SOON), Access("read_only")),
        (AccessFact(State.CANCELED, access_until=SOON), Access("full", SOON)),
        (AccessFact(State.CANCELED, access_until=NOW), Access("read_only")),
        (AccessFact(State.EXPIRED, trial_ends_at=SOON), Access("read_only")),
        (AccessFact(State.ENDED), Access("read_only")),
        (AccessFact(STAFF_TERMS, access_until=SOON), Access("full", SOON)),
        (AccessFact(STAFF_TERMS, access_until=NOW), Access("read_only")),
    ],
)
def test_each_state_gives_its_access(fact, expected):
    assert access_of([fact], NOW) == expected


def test_nothing_at_all_is_read_only():
    assert access_of([], NOW) == Access("read_only")


def test_the_longest_of_two_grants_counts():
    terms = AccessFact(STAFF_TERMS, access_until=SOON + timedelta(days=30))
    trial = AccessFact(State.TRIALING, trial_ends_at=SOON)
    assert access_of([trial, terms], NOW) == Access("full", SOON + timedelta(days=30))


def test_a_paid_subscription_has_no_known_end_beside_a_trial():
    paid = AccessFact(State.ACTIVE, period_end=SOON)
    trial = AccessFact(State.TRIALING, trial_ends_at=SOON)
    assert access_of([trial, paid], NOW) == Access("full", None)
