"""What a payout does to the books, and which line of the bank it is."""

import pytest

from billing.engine.ledger import Unbalanced
from billing.engine.payouts import (
    BankRow,
    Item,
    PaidOut,
    difference_of,
    match,
    merged,
    payout_postings,
    state_of,
    step_of,
)

PAID = Item("payment", "pay_1", 117_882, 2_357, 424)
BACK = Item("refund", "rfd_1", -17_882)
KEPT = Item("adjustment", "dsp_1", -1_000)


def told(found):
    return {each.account: each.amount_paise for each in found}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("processed", "processed"),
        (" Paid ", "processed"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("reversed", "failed"),
        ("in_transit", "created"),
        ("created", "created"),
        ("", "created"),
    ],
)
def test_the_words_of_gateways(word, state):
    assert state_of(word) == state


def test_what_was_taken_and_given_back_in_one_payout_is_one_sum():
    found = merged([Item("adjustment", "d", -500, 10, 2), PAID, Item("adjustment", "d", 300, 5, 1)])
    assert found == (Item("adjustment", "d", -200, 15, 3), PAID)


@pytest.mark.parametrize(
    ("amount", "items", "difference"),
    [
        (115_101, [PAID], 0),  # 117882 - 2357 - 424
        (97_219, [PAID, BACK], 0),
        (97_220, [PAID, BACK], 1),
        (97_218, [PAID, BACK], -1),
        (500, [], 500),
    ],
)
def test_whether_it_adds_up(amount, items, difference):
    assert difference_of(amount_paise=amount, items=items) == difference


def test_payments_and_refunds_leave_what_the_gateway_owes():
    found = payout_postings(amount_paise=97_219, items=[PAID, BACK], known=frozenset())
    assert told(found) == {
        "bank": 97_219,
        "gateway_fees": 2_357,
        "input_gst": 424,
        "gateways": -100_000,
    }


@pytest.mark.parametrize(
    ("known", "gateways", "adjustments"),
    [
        (frozenset(), -117_882, 1_000),
        (frozenset({("adjustment", "dsp_1")}), -116_882, None),
        (frozenset({("payment", "dsp_1")}), -117_882, 1_000),
    ],
)
def test_an_adjustment_is_a_loss_unless_it_is_a_disputes(known, gateways, adjustments):
    found = payout_postings(amount_paise=114_101, items=[PAID, KEPT], known=known)
    assert told(found).get("adjustments") == adjustments
    assert told(found)["gateways"] == gateways
    assert sum(told(found).values()) == 0


def test_what_does_not_add_up_is_not_booked():
    with pytest.raises(Unbalanced, match="add up"):
        payout_postings(amount_paise=1, items=[PAID], known=frozenset())


@pytest.mark.parametrize(
    ("state", "made", "reversed_", "step"),
    [
        ("created", 0, 0, ""),
        ("processed", 0, 0, "post"),
        ("processed", 1, 0, ""),
        ("failed", 0, 0, ""),
        ("failed", 1, 0, "reverse"),
        ("failed", 1, 1, ""),
        ("created", 1, 0, ""),
        ("processed", 1, 1, "post"),
        ("failed", 2, 1, "reverse"),
        ("processed", 2, 1, ""),
    ],
)
def test_a_failed_payout_may_still_succeed(state, made, reversed_, step):
    assert step_of(state=state, made=made, reversed_=reversed_) == step


def payout(number=1, utr="SBXN1A2B", paise=97_219, state="processed"):
    return PaidOut(number, state, utr, paise)


@pytest.mark.parametrize(
    ("payouts", "rows", "pairs", "why"),
    [
        ([payout()], [BankRow(7, 97_219, "SBXN1A2B")], {1: 7}, {}),
        ([payout()], [BankRow(7, 97_219, "", "NEFT CR-sbxn1a2b-SANDBOX")], {1: 7}, {}),
        ([payout(utr="SBXN/1A-2B")], [BankRow(7, 97_219, "SBXN1A2B")], {1: 7}, {}),
        ([payout()], [BankRow(7, 97_218, "SBXN1A2B")], {}, {1: "other_amount"}),
        ([payout()], [BankRow(7, -97_219, "SBXN1A2B")], {}, {1: "other_amount"}),
        ([payout()], [BankRow(7, 97_219, "SBXN1A2")], {}, {1: "not_in_bank"}),
        ([payout()], [BankRow(7, 97_219, "", "XSBXN1A2B")], {}, {1: "not_in_bank"}),
        ([payout()], [], {}, {1: "not_in_bank"}),
        ([payout(utr="")], [BankRow(7, 97_219, "")], {}, {1: "no_utr"}),
        (
            [payout()],
            [BankRow(7, 97_219, "SBXN1A2B"), BankRow(8, 97_219, "SBXN1A2B")],
            {},
            {1: "several_lines"},
        ),
        # A charge of the bank under the same reference is another amount.
        ([payout()], [BankRow(7, 97_219, "SBXN1A2B"), BankRow(8, -295, "SBXN1A2B")], {1: 7}, {}),
        (
            [payout(), payout(2)],
            [BankRow(7, 97_219, "SBXN1A2B")],
            {},
            {1: "utr_twice", 2: "utr_twice"},
        ),
        ([payout(state="failed")], [BankRow(7, 97_219, "SBXN1A2B")], {}, {1: "not_processed"}),
        ([payout(state="created")], [BankRow(7, 97_219, "SBXN1A2B")], {}, {1: "not_processed"}),
        ([payout(paise=-50)], [BankRow(7, -50, "SBXN1A2B")], {1: 7}, {}),
    ],
)
def test_payouts_and_lines_meet_by_utr_and_amount(payouts, rows, pairs, why):
    found = match(payouts, rows)
    assert (dict(found.pairs), dict(found.why)) == (pairs, why)
