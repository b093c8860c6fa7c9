"""The life of a subscription: every move, ties, readings, and what each word may alter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.lifecycle import (
    FINAL,
    LEGAL,
    LIVE,
    SKEW,
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
MOVES = {
    (State.INCOMPLETE, State.TRIALING),
    (State.INCOMPLETE, State.ACTIVE),
    (State.TRIALING, State.ACTIVE),
    (State.TRIALING, State.PAST_DUE),
    (State.ACTIVE, State.PAST_DUE),
    (State.ACTIVE, State.PAUSED),
    (State.PAST_DUE, State.ACTIVE),
    (State.PAST_DUE, State.SUSPENDED),
    (State.SUSPENDED, State.ACTIVE),
    (State.PAUSED, State.ACTIVE),
}


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_moves_are_these_ten():
    assert {(source, target) for source in LEGAL for target in LEGAL[source]} == MOVES
    assert set(State) - set(LIVE) == {State.CANCELED, State.EXPIRED, State.ENDED} == set(FINAL)


@pytest.mark.parametrize("source", sorted(LIVE))
@pytest.mark.parametrize("target", sorted(State))
def test_every_move_is_applied_or_undecided(source, target):
    outcome = reduce(Facts(source, observed_at=NOON), Change(target, at(1)))
    if target in FINAL or target == source or (source, target) in MOVES:
        assert isinstance(outcome, Applied)
        assert (outcome.facts.state, outcome.facts.observed_at) == (target, at(1))
    else:
        assert outcome == Undecided(f"{source} does not lead to {target}")


@pytest.mark.parametrize("source", sorted(FINAL))
@pytest.mark.parametrize("target", sorted(State))
@pytest.mark.parametrize("read_at", [None, at(1)])
def test_a_final_state_never_reopens(source, target, read_at):
    outcome = reduce(Facts(source), Change(target, at(1), read_at=read_at))
    assert outcome == Ignored(f"the subscription is {source}, and that is final")


@pytest.mark.parametrize("source", sorted(LIVE))
@pytest.mark.parametrize("target", sorted(LIVE))
def test_a_reading_is_believed_whatever_it_says(source, target):
    known = Facts(source, observed_at=at(5))
    outcome = reduce(known, Change(target, at(9), read_at=at(9)))
    assert (outcome.facts.state, outcome.facts.read_at) == (target, at(9))
    # The gateway's own time is only told by events.
    assert outcome.facts.observed_at == at(5)


@pytest.mark.parametrize(
    ("read_at", "is_applied"), [(at(9), False), (at(10), True), (at(11), True)]
)
def test_of_two_readings_the_later_counts(read_at, is_applied):
    known = Facts(State.ACTIVE, read_at=at(10))
    outcome = reduce(known, Change(State.PAUSED, read_at, read_at=read_at))
    assert isinstance(outcome, Applied) is is_applied
    assert is_applied or outcome == Ignored("a later reading is known already")


def test_an_unknown_state_is_looked_up_and_never_applied():
    known = Facts(State.ACTIVE, observed_at=NOON)
    said = reduce(known, Change(None, at(1)))
    read = reduce(known, Change(None, at(1), read_at=at(1)))
    assert said == Undecided("the gateway names a state that we do not know")
    assert read == Ignored("the gateway itself names a state that we do not know")


@pytest.mark.parametrize("final", sorted(FINAL))
def test_a_final_word_counts_even_when_it_is_old(final):
    known = Facts(State.ACTIVE, observed_at=at(10), read_at=at(400))
    assert reduce(known, Change(final, at(1))).facts.state == final


def test_older_words_change_nothing():
    known = Facts(State.PAST_DUE, observed_at=at(10), past_due_since=at(10))
    outcome = reduce(known, Change(State.ACTIVE, at(9)))
    assert outcome == Ignored("something newer is known already")


def test_the_same_word_twice_changes_nothing():
    word = Change(State.ACTIVE, at(0), 1, NOON, NOON + MONTH)
    first = reduce(Facts(State.INCOMPLETE), word)
    assert reduce(first.facts, word) == Ignored("this is known already")


@pytest.mark.parametrize(
    "other",
    [
        {"state": State.PAST_DUE},
        {"paid_count": 2},
        {"period_start": at(1)},
        {"period_end": NOON + MONTH + MONTH},
        {"cancel_at_period_end": True},
        {"mandate": "lost"},
        {"mandate": "confirmed", "mandate_limit_paise": 1},
        {"mandate": "confirmed", "mandate_method": "upi"},
    ],
)
def test_two_different_words_of_one_second_are_undecided(other):
    word = Change(State.ACTIVE, at(5), 1, NOON, NOON + MONTH, mandate="confirmed")
    known = reduce(Facts(State.INCOMPLETE), word).facts
    outcome = reduce(known, replace(word, **other))
    assert outcome == Undecided("two different words of about the same time")


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [
        (-16, Ignored("the gateway was asked since")),
        (-15.001, Ignored("the gateway was asked since")),
        (-15, Undecided("two different words of about the same time")),
        (0, Undecided("two different words of about the same time")),
        (15, Undecided("two different words of about the same time")),
    ],
)
def test_around_a_reading_two_clocks_cannot_be_compared(seconds, outcome):
    known = Facts(State.ACTIVE, observed_at=at(-500), read_at=NOON)
    assert timedelta(seconds=15) == SKEW
    assert reduce(known, Change(State.PAST_DUE, at(seconds))) == outcome


def test_what_a_reading_told_already_is_not_asked_again():
    known = Facts(State.ACTIVE, read_at=NOON)
    assert reduce(known, Change(State.ACTIVE, at(3))) == Ignored("this is known already")


def test_a_word_well_after_the_reading_counts():
    known = Facts(State.ACTIVE, read_at=NOON)
    assert reduce(known, Change(State.PAST_DUE, at(15.001))).facts.state == State.PAST_DUE


def test_past_due_keeps_the_day_it_began():
    first = reduce(Facts(State.ACTIVE), Change(State.PAST_DUE, at(1))).facts
    second = reduce(first, Change(State.PAST_DUE, at(90_000))).facts
    halted = reduce(second, Change(State.SUSPENDED, at(99_000))).facts
    assert [first.past_due_since, second.past_due_since, halted.past_due_since] == [at(1)] * 3


def test_the_gateway_may_say_when_it_began():
    for state in (State.PAST_DUE, State.SUSPENDED):
        known = Facts(State.PAST_DUE, past_due_since=at(1))
        word = Change(state, at(2), past_due_since=at(-9))
        assert reduce(known, word).facts.past_due_since == at(-9)


def test_an_earlier_failure_of_the_same_period_moves_the_beginning_only():
    later = Change(State.PAST_DUE, at(90), 1, NOON, NOON + MONTH)
    known = reduce(Facts(State.ACTIVE), later).facts
    outcome = reduce(known, replace(later, occurred_at=at(10)))
    assert outcome.facts == replace(known, past_due_since=at(10))
    told = reduce(known, replace(later, occurred_at=at(80), past_due_since=at(5)))
    assert told.facts.past_due_since == at(5)


@pytest.mark.parametrize(
    "other",
    [
        {"paid_count": 0},
        {"period_end": NOON},
        {"state": State.SUSPENDED},
        {"past_due_since": at(90)},
    ],
)
def test_an_earlier_failure_of_another_period_does_not(other):
    later = Change(State.PAST_DUE, at(90), 1, NOON, NOON + MONTH)
    known = reduce(Facts(State.ACTIVE), later).facts
    outcome = reduce(known, replace(later, occurred_at=at(10), **other))
    assert outcome == Ignored("something newer is known already")


def test_paying_again_ends_past_due():
    late = Facts(State.PAST_DUE, observed_at=at(1), past_due_since=at(1))
    paid = reduce(late, Change(State.ACTIVE, at(2), 2, NOON, NOON + MONTH)).facts
    assert (paid.state, paid.past_due_since) == (State.ACTIVE, None)


def test_what_was_paid_is_never_uncounted():
    known = Facts(State.ACTIVE, paid_count=3, period_start=NOON, period_end=NOON + MONTH)
    after = reduce(known, Change(State.PAST_DUE, at(1))).facts
    assert (after.paid_count, after.period_start, after.period_end) == (3, NOON, NOON + MONTH)


@pytest.mark.parametrize(
    ("final", "until"),
    [(State.CANCELED, NOON + MONTH), (State.ENDED, NOON + MONTH), (State.EXPIRED, None)],
)
def test_a_canceled_subscription_keeps_the_time_that_was_paid(final, until):
    known = Facts(State.ACTIVE, observed_at=at(0), period_end=NOON + MONTH)
    assert reduce(known, Change(final, at(1))).facts.access_until == until


@pytest.mark.parametrize(
    ("known", "said", "after"),
    [(False, True, True), (True, False, False), (True, None, True), (False, None, False)],
)
def test_the_end_at_the_end_of_the_period_is_kept_unless_told(known, said, after):
    facts = Facts(State.ACTIVE, cancel_at_period_end=known)
    word = Change(State.ACTIVE, at(1), cancel_at_period_end=said)
    assert reduce(facts, word).facts.cancel_at_period_end is after


def test_a_mandate_is_kept_unless_told():
    facts = Facts(
        State.ACTIVE, mandate="confirmed", mandate_method="upi", mandate_limit_paise=1_500_000
    )
    silent = reduce(facts, Change(State.ACTIVE, at(1))).facts
    lost = reduce(facts, Change(State.ACTIVE, at(1), mandate="lost")).facts
    card = Change(
        State.ACTIVE, at(1), mandate="pending", mandate_method="card", mandate_limit_paise=0
    )
    told = reduce(facts, card).facts
    for found, expected in (
        (silent, ("confirmed", "upi", 1_500_000)),
        (lost, ("lost", "upi", 1_500_000)),
        (told, ("pending", "card", 0)),
    ):
        known = (found.mandate, found.mandate_method, found.mandate_limit_paise)
        assert known == expected


def test_a_mandate_of_which_only_an_older_word_speaks_is_looked_up():
    known = Facts(State.ACTIVE, observed_at=at(10), mandate="confirmed")
    older = Change(State.ACTIVE, at(5), mandate="lost")
    assert reduce(known, older) == Undecided("only an older word speaks of this mandate")
    same = replace(older, mandate="confirmed")
    assert reduce(known, same) == Ignored("something newer is known already")


def test_who_paused_is_known_while_it_is_paused():
    paused = reduce(Facts(State.ACTIVE), Change(State.PAUSED, at(1), paused_by="customer")).facts
    resumed = reduce(paused, Change(State.ACTIVE, at(2), paused_by="customer")).facts
    assert (paused.paused_by, resumed.paused_by) == ("customer", "")


# --- a mandate that was lost


def lost(paid_count=1):
    known = Facts(State.ACTIVE, observed_at=at(0), paid_count=paid_count, mandate="confirmed")
    word = Change(State.ACTIVE, at(10), paid_count, mandate="lost", read_at=at(10))
    return reduce(known, word).facts


def test_the_loss_of_a_mandate_is_dated_once():
    first = lost()
    assert (first.mandate, first.mandate_lost_at) == ("lost", at(10))
    again = reduce(first, Change(State.ACTIVE, at(40), 1, mandate="lost", read_at=at(40))).facts
    assert again.mandate_lost_at == at(10)


@pytest.mark.parametrize(
    ("word", "mandate", "lost_at"),
    [
        # The gateway shows no mandate, only the account: it is as old as before, or newer.
        ({"mandate_since": at(-500)}, "lost", at(10)),
        ({"mandate_since": at(10)}, "lost", at(10)),
        ({"mandate_since": at(11)}, "confirmed", None),
        # It shows the mandate itself; or money came by it; or it is none of the two.
        ({"mandate_since": None}, "confirmed", None),
        ({"mandate_since": at(-500), "paid_count": 2}, "confirmed", None),
        ({"mandate_since": at(-500), "mandate": "needs_afa"}, "needs_afa", None),
    ],
)
def test_a_lost_mandate_stands_again_when_something_shows_it(word, mandate, lost_at):
    change = replace(Change(State.ACTIVE, at(60), 1, mandate="confirmed", read_at=at(60)), **word)
    found = reduce(lost(), change).facts
    assert (found.mandate, found.mandate_lost_at) == (mandate, lost_at)
    assert found.paid_count == change.paid_count


def test_a_mandate_that_was_never_lost_needs_no_proof():
    change = Change(State.ACTIVE, at(60), mandate="confirmed", mandate_since=at(0), read_at=at(60))
    assert reduce(Facts(State.ACTIVE), change).facts.mandate == "confirmed"
