"""Transfers and coupons where another reading would give the money to somebody else."""

from datetime import UTC, date, datetime

import pytest

from billing.engine.coupons import CouponTerms, discount_of
from billing.engine.transfers import Incoming, OpenInvoice, OpenPayer, Part, match

DUE = date(2026, 11, 1)


def payer(number: int, name: str, *open_paise: int, rate: int = 0, account: str = "") -> OpenPayer:
    rows = tuple(
        OpenInvoice(10 * number + place, f"INV/26-27/{10 * number + place}", DUE, paise, paise)
        for place, paise in enumerate(open_paise)
    )
    return OpenPayer(number, name, account, rate, rows)


def test_nothing_open_still_says_whose_it_may_be() -> None:
    found = match(Incoming(500, "VA7"), [payer(7, "Veda", account="VA7")])
    assert (found.payer_id, found.parts, found.why, found.may_be) == (7, (), "nothing_open", (7,))


def test_two_of_one_name_with_one_amount_are_for_a_person() -> None:
    both = [payer(1, "Sharma Looms", 500), payer(2, "Sharma Mills", 500)]
    found = match(Incoming(500, payer_name="SHARMA"), both)
    assert (found.payer_id, found.parts, found.why) == (None, (), "several_payers")
    assert found.may_be == (1, 2)


@pytest.mark.parametrize(
    ("ours", "sender", "is_it"),
    [
        ("Sharma Looms", "SHARMA", True),
        ("Sharma", "SHARMAJI TRADERS", True),
        ("Sharma Looms", "SHARM", True),
        ("Sharma Looms", "SHA", False),
        ("Sharma Looms", "LOOM", True),
        ("Sharma Looms", "HARMA", False),
    ],
)
def test_banks_cut_names_at_either_end(ours: str, sender: str, is_it: bool) -> None:
    found = match(Incoming(500, payer_name=sender), [payer(1, ours, 500)])
    assert found.parts == ((Part(10, 500, 0),) if is_it else ())


def test_each_of_three_invoices_has_its_own_deduction() -> None:
    """10 % of 99.90, 500.00 and 1,000.00: the first may be rounded to a rupee, 9.00 or 10.00."""
    rows = payer(1, "Veda", 9_990, 50_000, 100_000, rate=1_000)
    exact = match(Incoming(159_990 - 999 - 5_000 - 10_000), [rows])
    assert exact.parts == (Part(10, 8_991, 999), Part(11, 45_000, 5_000), Part(12, 90_000, 10_000))
    lower = match(Incoming(159_990 - 900 - 5_000 - 10_000), [rows])
    assert lower.parts == (Part(10, 9_090, 900), Part(11, 45_000, 5_000), Part(12, 90_000, 10_000))
    upper = match(Incoming(159_990 - 1_000 - 5_000 - 10_000), [rows])
    assert upper.parts[0] == Part(10, 8_990, 1_000)
    assert match(Incoming(159_990 - 998 - 5_000 - 10_000), [rows]).parts == ()


def test_a_single_coupon_takes_its_amount_once_off_a_year() -> None:
    terms = CouponTerms(0, 10_000, "once", 0, datetime(2026, 11, 1, tzinfo=UTC))
    for left in (1, None):
        assert discount_of(terms, base_paise=999_000, interval="year", months_left=left) == 10_000


def test_an_invoice_of_which_nothing_is_left_is_not_paid_by_it() -> None:
    """1.00 less 1.00 (10 paise, rounded up to a rupee) would be a part of nothing."""
    rows = payer(1, "Veda", 100, 5_000, rate=1_000)
    assert match(Incoming(4_500), [rows]).parts == (Part(11, 4_500, 500),)
    one_left = payer(1, "Veda", 101, rate=1_000)
    assert match(Incoming(1), [one_left]).parts == (Part(10, 1, 100),)


def test_the_smallest_rate_that_a_payer_may_declare() -> None:
    """0.01 % of 10,000.00 is 1.00."""
    rows = payer(1, "Veda", 1_000_000, rate=1)
    assert match(Incoming(999_900), [rows]).parts == (Part(10, 999_900, 100),)
    assert match(Incoming(1_000_001), [rows]).parts == ()


@pytest.mark.parametrize(("reference", "whose"), [("CN/26-27/20", None), ("inv-26-27-20", 2)])
def test_another_series_with_the_same_digits_names_no_invoice(
    reference: str, whose: int | None
) -> None:
    both = [payer(1, "Sharma Looms", 500), payer(2, "Veda", 500)]
    assert match(Incoming(500, reference=reference), both).payer_id == whose
