"""Coupons: who may take one up, what it takes off, and when it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.coupons import (
    CouponTerms,
    discount_of,
    is_in_price,
    months_after,
    months_at_start,
    refusal_of,
)

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
ENDS = datetime(2026, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HALF = CouponTerms(5_000, 0, "once", 0, BEGAN, ENDS, most_uses=2)
QUARTER_YEAR = replace(HALF, duration="repeating", months=3)
ALWAYS = replace(HALF, duration="forever", percent_basis_points=1_000)
HUNDRED = replace(HALF, percent_basis_points=0, amount_paise=10_000)


@pytest.mark.parametrize(
    ("changes", "tier", "uses", "now", "reason"),
    [
        ({}, "local", 0, BEGAN, ""),
        ({}, "local", 1, ENDS - SECOND, ""),
        ({}, "local", 0, BEGAN - SECOND, "not_yet"),
        ({}, "local", 0, ENDS, "over"),
        ({"valid_until": None}, "local", 0, ENDS, ""),
        ({}, "local", 2, BEGAN, "used_up"),
        ({"most_uses": None}, "local", 10**6, BEGAN, ""),
        ({"most_uses": 0}, "local", 0, BEGAN, "used_up"),
        ({"is_on": False}, "local", 0, BEGAN, "off"),
        ({"tier": "local"}, "local", 0, BEGAN, ""),
        ({"tier": "local"}, "enterprise", 0, BEGAN, "other_tier"),
        ({"is_on": False, "tier": "local"}, "enterprise", 9, ENDS, "off"),
    ],
)
def test_who_may_take_it_up(changes, tier, uses, now, reason):
    assert refusal_of(replace(HALF, **changes), tier=tier, uses=uses, now=now) == reason


@pytest.mark.parametrize(
    ("terms", "base", "interval", "left", "taken"),
    [
        (HALF, 99_900, "month", 1, 49_950),
        (HALF, 99_901, "month", 1, 49_951),
        (HALF, 999_000, "year", 1, 499_500),
        (HALF, 99_900, "month", 0, 0),
        (HUNDRED, 99_900, "month", 1, 10_000),
        (HUNDRED, 999_000, "year", 1, 10_000),
        (QUARTER_YEAR, 99_900, "month", 3, 49_950),
        (QUARTER_YEAR, 99_900, "month", 1, 49_950),
        (QUARTER_YEAR, 99_900, "month", 0, 0),
        # Three of twelve months at half the price.
        (QUARTER_YEAR, 999_000, "year", 3, 124_875),
        (QUARTER_YEAR, 999_000, "year", 24, 499_500),
        (replace(HUNDRED, duration="repeating", months=3), 999_000, "year", 3, 30_000),
        (replace(HUNDRED, duration="repeating", months=3), 99_900, "month", 3, 10_000),
        (ALWAYS, 99_900, "month", None, 9_990),
        (ALWAYS, 999_000, "year", None, 99_900),
        (replace(HUNDRED, duration="forever"), 999_000, "year", None, 120_000),
        # At least a rupee is left.
        (replace(HALF, percent_basis_points=10_000), 99_900, "month", 1, 99_800),
        (replace(HUNDRED, amount_paise=10**9), 99_900, "month", 1, 99_800),
        (replace(HUNDRED, amount_paise=99_800), 99_900, "month", 1, 99_800),
        (HUNDRED, 100, "month", 1, 0),
        (HUNDRED, 50, "month", 1, 0),
    ],
)
def test_what_it_takes_off(terms, base, interval, left, taken):
    found = discount_of(terms, base_paise=base, interval=interval, months_left=left)
    assert found == taken


@pytest.mark.parametrize(
    ("terms", "interval", "starts", "after"),
    [
        (HALF, "month", 1, 0),
        (HALF, "year", 1, 0),
        (QUARTER_YEAR, "month", 3, 2),
        (QUARTER_YEAR, "year", 3, 0),
        (replace(QUARTER_YEAR, months=15), "year", 15, 3),
        (ALWAYS, "month", None, None),
        (ALWAYS, "year", None, None),
    ],
)
def test_how_long_it_lasts(terms, interval, starts, after):
    assert months_at_start(terms) == starts
    assert months_after(terms, months_left=starts, interval=interval) == after


def test_only_one_for_ever_is_in_the_price():
    assert [is_in_price(one) for one in (HALF, QUARTER_YEAR, ALWAYS)] == [False, False, True]


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError, match="week"):
        discount_of(HALF, base_paise=100, interval="week", months_left=1)
