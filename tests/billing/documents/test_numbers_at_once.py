"""Numbers while many issue at once and some fail; without the lock it must go wrong."""

import pytest

from tests.benchmarks.billing_numbers import (
    CONTROL_GSTIN,
    FIRST_GSTIN,
    issue_many,
    number_unlocked,
)

# Eight connections over two processors: a few seconds each.
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_no_number_is_missing_or_given_twice() -> None:
    outcome = issue_many(80, 8, gstin=FIRST_GSTIN)
    assert outcome.numbers == list(range(1, outcome.issued + 1))
    assert outcome.issued + outcome.rolled_back == 80
    assert outcome.rolled_back > 0
    assert outcome.refused == 0


def test_without_the_lock_numbers_are_given_twice() -> None:
    outcome = issue_many(80, 8, gstin=CONTROL_GSTIN, take=number_unlocked)
    assert not outcome.is_consecutive
    assert outcome.refused > 0
