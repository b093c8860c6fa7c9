"""The very second at which access ends, and parts of a price that stay whole paise."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.access import AccessFact, grants
from billing.engine.lifecycle import State
from billing.engine.proration import period_at, used_paise

END = datetime(2026, 11, 22, tzinfo=UTC)
WEEK, TICK = timedelta(days=7), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("fact", "last"),
    [
        (AccessFact(State.ACTIVE, period_end=END), END + WEEK),
        (AccessFact(State.PAST_DUE, past_due_since=END), END + WEEK),
        (AccessFact(State.TRIALING, trial_ends_at=END), END),
        (AccessFact(State.TRIALING, trial_ends_at=END, is_promised=True), END + WEEK),
        (AccessFact(State.INCOMPLETE, trial_ends_at=END, is_promised=True), END + WEEK),
        (AccessFact(State.CANCELED, access_until=END), END),
        (AccessFact("staff_terms", access_until=END), END),
    ],
)
def test_access_ends_at_its_end_and_not_after_it(fact: AccessFact, last: datetime) -> None:
    assert grants(fact, last - TICK)
    assert not grants(fact, last)


@pytest.mark.parametrize(
    "fact",
    [
        AccessFact(State.INCOMPLETE, trial_ends_at=END),
        AccessFact(State.TRIALING),
        AccessFact(State.PAST_DUE),
        AccessFact(State.CANCELED),
        AccessFact("staff_terms"),
        AccessFact(State.SUSPENDED, access_until=END, period_end=END),
        AccessFact(State.PAUSED, access_until=END, period_end=END),
    ],
)
def test_what_gives_nothing_even_before_its_end(fact: AccessFact) -> None:
    assert not grants(fact, END - WEEK)


def test_an_active_one_without_a_known_end_goes_on() -> None:
    assert grants(AccessFact(State.ACTIVE), END + 100 * WEEK)


def test_parts_are_whole_paise_to_the_largest_price() -> None:
    """A third of 10^17 + 1 paise: a float would lose the last digits."""
    start = END - timedelta(days=3)
    found = used_paise(10**17 + 1, start, END, start + timedelta(days=1))
    assert repr(found) == "33333333333333334"


def test_no_period_before_the_first() -> None:
    with pytest.raises(ValueError) as refused:
        period_at(END, "month", END - TICK)
    assert str(refused.value) == "before the first period"
