"""Lists of customers by how they come back."""

from datetime import date, timedelta

import pytest

from local.customers.engine.segments import (
    CustomerFacts,
    Segment,
    expected_gap,
    is_birthday_week,
    segments_of,
    vip_from_paise,
)

TODAY = date(2026, 11, 22)


def facts(*, days=0, first=0, last=0, **more):
    """`first` and `last`: days ago."""
    return CustomerFacts(
        **{
            "customer_id": 1,
            "has_agreed": False,
            "days": days,
            "first_on": TODAY - timedelta(days=first) if days else None,
            "last_on": TODAY - timedelta(days=last) if days else None,
            "spent_paise": 0,
            "birthday": None,
            **more,
        }
    )


def lists(given, usual=30.0, vip_from=None):
    return segments_of(given, today=TODAY, usual=usual, vip_from=vip_from)


def test_own_days_outweigh_the_assumption_as_they_grow():
    assert expected_gap(facts(days=1, first=5, last=5), 30) == 30
    assert expected_gap(facts(days=2, first=10, last=0), 30) == (10 + 90) / 4
    assert expected_gap(facts(days=11, first=100, last=0), 30) == pytest.approx(190 / 13)


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        (0, {Segment.REGULAR}),
        (13, {Segment.REGULAR}),
        (14, {Segment.REGULAR, Segment.DUE}),
        (19, {Segment.SLIPPING}),
        (29, {Segment.SLIPPING}),
        (30, {Segment.LOST}),
        (400, {Segment.LOST}),
    ],
)
def test_due_slipping_and_lost_follow_the_own_gap(away, expected):
    weekly = facts(days=11, first=100 + away, last=away)  # gap (10·10 + 3·30) / 13 = 14.6 days
    assert lists(weekly) == expected


def test_new_is_one_visit_of_the_last_month():
    assert lists(facts(days=1, first=3, last=3)) == {Segment.NEW}
    assert lists(facts(days=1, first=31, last=31)) == set()
    assert lists(facts(days=1, first=61, last=61)) == {Segment.LOST}
    assert lists(facts()) == set()


def test_the_best_are_the_tenth_that_spends_most_once_there_are_twenty():
    people = [facts(days=1, first=1, last=1, spent_paise=each) for each in range(1, 20)]
    assert vip_from_paise(people) is None
    people.append(facts(days=1, first=1, last=1, spent_paise=20))
    assert vip_from_paise(people) == 19
    best = [each for each in people if Segment.VIP in lists(each, vip_from=19)]
    assert [each.spent_paise for each in best] == [19, 20]


def test_nothing_is_derived_from_a_child():
    child = facts(
        days=11, first=100, last=0, is_minor=True, has_agreed=True, birthday=(11, 22),
        spent_paise=10**6,
    )  # fmt: skip
    assert lists(child, vip_from=1) == {Segment.ALL_AGREED}
    assert vip_from_paise([child] * 30) is None


def test_a_birthday_week_crosses_the_year_and_keeps_29_february():
    assert is_birthday_week((1, 3), date(2026, 12, 28))
    assert not is_birthday_week((1, 4), date(2026, 12, 28))
    assert is_birthday_week((2, 29), date(2027, 2, 25))
    assert is_birthday_week((2, 29), date(2028, 2, 25))
    assert not is_birthday_week((2, 29), date(2027, 3, 1))
