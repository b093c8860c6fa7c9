"""The life of a subscription: every move, and the same end whatever the order of arrival."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.engine.lifecycle import (
    FINAL,
    LEGAL,
    LIVE,
    Applied,
    Change,
    Facts,
    Ignored,
    State,
    Undecided,
    reduce,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("source", sorted(LIVE))
@pytest.mark.parametrize("target", sorted(State))
def test_every_move_is_applied_final_or_undecided(source, target):
    outcome = reduce(Facts(source, observed_at=NOON), Change(target, at(1)))
    if target in FINAL or target == source or target in LEGAL[source]:
        assert isinstance(outcome, Applied)
        assert outcome.facts.state == target
    else:
        assert outcome == Undecided(f"{source} does not lead to {target}")


@pytest.mark.parametrize("source", sorted(FINAL))
@pytest.mark.parametrize("target", sorted(State))
def test_a_final_state_never_reopens(source, target):
    outcome = reduce(Facts(source), Change(target, at(1)), is_authoritative=True)
    assert isinstance(outcome, Ignored)


@pytest.mark.parametrize("source", sorted(LIVE))
@pytest.mark.parametrize("target", sorted(LIVE))
def test_a_jump_is_believed_when_read_from_the_gateway(source, target):
    outcome = reduce(Facts(source), Change(target, at(1)), is_authoritative=True)
    assert outcome.facts.state == target


def test_older_words_change_nothing():
    facts = Facts(State.PAST_DUE, observed_at=at(10), past_due_since=at(10))
    assert isinstance(reduce(facts, Change(State.ACTIVE, at(9))), Ignored)


def test_the_same_word_twice_changes_nothing():
    first = reduce(Facts(State.INCOMPLETE), Change(State.ACTIVE, at(0), 1, NOON, NOON + MONTH))
    again = reduce(first.facts, Change(State.ACTIVE, at(0), 1, NOON, NOON + MONTH))
    assert again == Ignored("this is known already")


def test_two_different_words_of_one_second_are_undecided():
    facts = Facts(State.ACTIVE, observed_at=at(5))
    assert isinstance(reduce(facts, Change(State.PAST_DUE, at(5))), Undecided)


def test_past_due_keeps_the_day_it_began():
    first = reduce(Facts(State.ACTIVE), Change(State.PAST_DUE, at(1))).facts
    second = reduce(first, Change(State.PAST_DUE, at(90_000))).facts
    assert second.past_due_since == at(1)


def test_paying_again_ends_past_due():
    late = Facts(State.PAST_DUE, observed_at=at(1), past_due_since=at(1))
    paid = reduce(late, Change(State.ACTIVE, at(2), 2, NOON, NOON + MONTH)).facts
    assert (paid.state, paid.past_due_since) == (State.ACTIVE, None)


def test_a_canceled_subscription_keeps_the_time_that_was_paid():
    facts = Facts(State.ACTIVE, observed_at=at(0), period_end=NOON + MONTH)
    canceled = reduce(facts, Change(State.CANCELED, at(1))).facts
    assert canceled.access_until == NOON + MONTH


@st.composite
def histories(draw):
    """Legal histories of a gateway; 40% of the steps share their second with the one before."""
    state, moment, paid = State.ACTIVE, 0, 1
    events = [Change(state, at(0), paid, NOON, NOON + MONTH)]
    for _step in range(draw(st.integers(0, 7))):
        moves = sorted(LEGAL[state] | {state, State.CANCELED, State.ENDED})
        state = draw(st.sampled_from(moves))
        moment += draw(st.sampled_from([0, 0, 1, 5, 3600]))
        paid += state == State.ACTIVE
        events.append(Change(state, at(moment), paid, NOON, NOON + MONTH * paid))
        if state in FINAL:
            break
    return events


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_order_and_any_number_of_copies_end_in_the_true_state(data):
    history = data.draw(histories())
    delivered = data.draw(st.permutations(history))
    copies = data.draw(st.lists(st.sampled_from(history), max_size=4))
    facts = Facts(State.INCOMPLETE)
    for change in [*delivered, *copies]:
        outcome = reduce(facts, change)
        if isinstance(outcome, Undecided):
            outcome = reduce(facts, history[-1], is_authoritative=True)
        if isinstance(outcome, Applied):
            facts = outcome.facts
    truth = history[-1]
    assert (facts.state, facts.period_end, facts.paid_count) == (
        truth.state,
        truth.period_end,
        truth.paid_count,
    )


def test_without_reading_the_gateway_ties_end_wrongly():
    """The control: this is why Undecided exists."""
    history = [Change(State.ACTIVE, at(0), 1), Change(State.PAST_DUE, at(0), 1)]
    facts = Facts(State.INCOMPLETE)
    for change in reversed(history):
        outcome = reduce(facts, change)
        facts = outcome.facts if isinstance(outcome, Applied) else facts
    assert facts.state != history[-1].state
