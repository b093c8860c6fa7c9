"""Amounts of one charge, with a discount and backwards."""

import pytest

from billing.engine.prices import Amounts, amounts_of, base_in, base_like, base_of, taxed_like
from marketing_platform.core.money import Rupees


@pytest.mark.parametrize(
    ("listed", "discount", "expected"),
    [
        (99_900, 0, Amounts(99_900, 0, 17_982, 117_882)),
        (99_900, 49_950, Amounts(49_950, 49_950, 8_991, 58_941)),
        (2_500_000, 0, Amounts(2_500_000, 0, 450_000, 2_950_000)),
        (2_500_000, 2_499_999, Amounts(1, 2_499_999, 0, 1)),
    ],
)
def test_tax_is_on_what_the_discount_leaves(listed, discount, expected):
    assert amounts_of(listed, discount) == expected


@pytest.mark.parametrize("discount", [-1, 99_900, 99_901])
def test_a_discount_leaves_something(discount):
    with pytest.raises(ValueError, match="discount"):
        amounts_of(99_900, discount)


@pytest.mark.parametrize(
    ("amount", "base"),
    [(117_882, 99_900), (2_950_000, 2_500_000), (99_900, 84_661), (0, 0), (1, 1), (59, 50)],
)
def test_the_base_in_an_amount(amount, base):
    assert base_in(amount) == base


def test_the_base_in_an_amount_gives_it_again_within_a_paisa():
    for amount in range(1, 20_000):
        again = Rupees(base_in(amount)).with_gst().total.paise
        assert abs(again - amount) <= 1


def test_a_price_by_interval():
    assert base_of(monthly_paise=1, annual_paise=10, interval="year") == 10
    assert base_of(monthly_paise=1, annual_paise=10, interval="month") == 1
    with pytest.raises(ValueError, match="week"):
        base_of(monthly_paise=1, annual_paise=10, interval="week")


def test_without_tax_the_price_is_what_is_charged():
    assert amounts_of(99_900, 900, is_taxed=False) == Amounts(99_000, 900, 0, 99_000)


def test_a_part_is_taxed_as_the_payment_was():
    assert (taxed_like(49_950, tax_paise=17_982), taxed_like(49_950, tax_paise=0)) == (
        58_941,
        49_950,
    )
    assert (base_like(58_941, tax_paise=1), base_like(58_941, tax_paise=0)) == (49_950, 58_941)
