"""Grace while the gateway still tries, and what a suspension for an unpaid invoice withholds."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.access import STAFF_TERMS, Access, AccessFact, access_of, grace_ends_at
from billing.engine.lifecycle import State

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def days(count):
    return timedelta(days=count)


@pytest.mark.parametrize(
    ("held", "ends"),
    [(None, 7), (0, 7), (4, 7), (5, 8), (9, 12), (27, 30), (28, 30), (300, 30)],
)
def test_the_grace_is_longer_while_the_gateway_tries_and_at_most_a_month(held, ends):
    held_until = None if held is None else NOW + days(held)
    assert grace_ends_at(NOW, held_until) == NOW + days(ends)


@pytest.mark.parametrize(
    ("late_for", "level"), [(days(12) - SECOND, "full"), (days(12), "read_only")]
)
def test_access_follows_the_last_attempt(late_for, level):
    since = NOW - late_for
    fact = AccessFact(State.PAST_DUE, past_due_since=since, held_until=since + days(9))
    assert access_of([fact], NOW).level == level


@pytest.mark.parametrize(
    ("state", "is_late"),
    [
        (State.ACTIVE, False),
        (State.TRIALING, False),
        (State.PAUSED, False),
        (State.CANCELED, False),
        (State.PAST_DUE, True),
        (State.SUSPENDED, True),
    ],
)
def test_the_pages_are_told_of_late_money_whether_or_not_it_is_open(state, is_late):
    assert access_of([AccessFact(state)], NOW).is_late is is_late
    terms = AccessFact(STAFF_TERMS, access_until=NOW + days(1))
    found = access_of([AccessFact(state, past_due_since=NOW - days(1)), terms], NOW)
    assert found.is_late is is_late


@pytest.mark.parametrize(
    ("accepted", "level"),
    [(-SECOND, "read_only"), (timedelta(0), "read_only"), (SECOND, "full")],
)
def test_only_terms_accepted_after_the_suspension_open_it(accepted, level):
    suspended_at = NOW - days(5)
    suspended = AccessFact(State.SUSPENDED, since=suspended_at)
    terms = AccessFact(STAFF_TERMS, access_until=NOW + days(9), since=suspended_at + accepted)
    assert access_of([terms, suspended], NOW).level == level


def test_of_two_suspensions_the_later_counts():
    rows = [
        AccessFact(State.SUSPENDED, since=NOW - days(9)),
        AccessFact(State.SUSPENDED, since=NOW - days(2)),
        AccessFact(STAFF_TERMS, access_until=NOW + days(9), since=NOW - days(5)),
    ]
    assert access_of(rows, NOW) == Access("read_only")


def test_a_gateways_suspension_withholds_no_terms():
    suspended = AccessFact(State.SUSPENDED)
    terms = AccessFact(STAFF_TERMS, access_until=NOW + days(9), since=NOW - days(30))
    assert access_of([suspended, terms], NOW) == Access("full", NOW + days(9))


def test_a_suspension_withholds_terms_alone():
    suspended = AccessFact(State.SUSPENDED, since=NOW)
    paid = AccessFact(State.CANCELED, access_until=NOW + days(3), since=NOW - days(9))
    unknown = AccessFact(STAFF_TERMS, access_until=NOW + days(4))
    assert access_of([suspended, paid], NOW) == Access("full", NOW + days(3))
    assert access_of([suspended, unknown], NOW) == Access("full", NOW + days(4))


@pytest.mark.parametrize("state", [State.TRIALING, State.INCOMPLETE])
@pytest.mark.parametrize(
    ("since_the_end", "is_promised", "level"),
    [
        (-SECOND, True, "full"),
        (timedelta(0), True, "full"),
        (days(7) - SECOND, True, "full"),
        (days(7), True, "read_only"),
        (timedelta(0), False, "read_only"),
    ],
)
def test_who_promised_the_first_debit_works_on_while_it_takes_its_days(
    state, since_the_end, is_promised, level
):
    fact = AccessFact(state, trial_ends_at=NOW - since_the_end, is_promised=is_promised)
    found = access_of([fact], NOW)
    assert found == Access(level)


def test_a_trial_without_a_promise_ends_with_its_last_moment():
    trial = AccessFact(State.TRIALING, trial_ends_at=NOW + SECOND)
    assert access_of([trial], NOW) == Access("full", NOW + SECOND)
    asked = AccessFact(State.INCOMPLETE, trial_ends_at=NOW + SECOND)
    assert access_of([asked], NOW) == Access("read_only")
    assert access_of([AccessFact(State.INCOMPLETE, is_promised=True)], NOW) == Access("read_only")
