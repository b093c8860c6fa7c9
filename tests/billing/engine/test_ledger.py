"""Which accounts an event moves, and that books of any length sum to zero."""

import random

import pytest

from billing.engine import ledger
from billing.engine.gst import TaxSplit

ONE_STATE = TaxSplit(cgst=8_991, sgst=8_991)
TWO_STATES = TaxSplit(igst=17_982)


def told(found):
    return {each.account: each.amount_paise for each in found}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ledger.payment_received(117_882), {"gateways": 117_882, "customers": -117_882}),
        (ledger.refund_paid(500), {"customers": 500, "gateways": -500}),
        (ledger.dispute_lost(500), {"customers": 500, "gateways": -500}),
        (
            ledger.invoice_issued(taxable_paise=99_900, tax=ONE_STATE),
            {
                "customers": 117_882,
                "deferred_revenue": -99_900,
                "output_cgst": -8_991,
                "output_sgst": -8_991,
            },
        ),
        (
            ledger.invoice_issued(taxable_paise=99_900, tax=TWO_STATES, rounding_paise=1),
            {
                "customers": 117_883,
                "deferred_revenue": -99_900,
                "output_igst": -17_982,
                "rounding": -1,
            },
        ),
        (
            ledger.credit_note_issued(taxable_paise=100, tax=TaxSplit(igst=18)),
            {"customers": -118, "deferred_revenue": 100, "output_igst": 18},
        ),
        (ledger.revenue_earned(8_325), {"deferred_revenue": 8_325, "revenue": -8_325}),
        (ledger.transfer_received(2_700_000), {"bank": 2_700_000, "customers": -2_700_000}),
        (ledger.tds_deducted(250_000), {"tds_receivable": 250_000, "customers": -250_000}),
        (ledger.written_off(7), {"bad_debts": 7, "customers": -7}),
        (ledger.adjusted(-300), {"customers": -300, "adjustments": 300}),
        (
            ledger.payout_made(amount_paise=9_764, fee_paise=200, fee_tax_paise=36),
            {"bank": 9_764, "gateway_fees": 200, "input_gst": 36, "gateways": -10_000},
        ),
        (
            ledger.payout_failed(amount_paise=9_764, fee_paise=200, fee_tax_paise=36),
            {"bank": -9_764, "gateway_fees": -200, "input_gst": -36, "gateways": 10_000},
        ),
        (
            ledger.payout_made(
                amount_paise=9_264, fee_paise=200, fee_tax_paise=36, adjustment_paise=-500
            ),
            {
                "bank": 9_264,
                "gateway_fees": 200,
                "input_gst": 36,
                "adjustments": 500,
                "gateways": -10_000,
            },
        ),
        (
            ledger.payout_failed(
                amount_paise=100, fee_paise=0, fee_tax_paise=0, adjustment_paise=30
            ),
            {"bank": -100, "adjustments": 30, "gateways": 70},
        ),
        (ledger.adjustment_explained(-500), {"adjustments": -500, "gateways": 500}),
        (ledger.invoice_issued(taxable_paise=0, tax=TaxSplit()), {}),
    ],
)
def test_an_event_moves_its_accounts(found, expected):
    assert told(found) == expected
    assert sum(expected.values()) == 0


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([("bank", 100), ("customers", -99)], "zero"),
        ([("bank", 100)], "zero"),
        ([("petty_cash", 100), ("customers", -100)], "petty_cash"),
    ],
)
def test_what_does_not_balance_is_refused(pairs, why):
    with pytest.raises(ledger.Unbalanced, match=why):
        ledger.postings(*pairs)


def test_lines_of_nothing_are_left_out():
    assert told(ledger.postings(("bank", 0), ("customers", 5), ("adjustments", -5))) == {
        "customers": 5,
        "adjustments": -5,
    }


def test_every_account_has_a_kind_and_a_name():
    kinds = {ledger.ASSET, ledger.LIABILITY, ledger.INCOME, ledger.EXPENSE}
    assert {kind for kind, _name in ledger.ACCOUNTS.values()} == kinds
    assert all(name for _kind, name in ledger.ACCOUNTS.values())


def test_ten_thousand_random_events_sum_to_zero_and_tell_what_a_customer_owes():
    draw = random.Random(2_026)
    entries, owed = [], 0
    for _turn in range(10_000):
        paise = draw.randint(1, 10_00_000_00)
        tax = TaxSplit(igst=draw.randint(0, paise))
        event, change = draw.choice(
            [
                (ledger.payment_received(paise), -paise),
                (ledger.refund_paid(paise), paise),
                (ledger.dispute_lost(paise), paise),
                (ledger.invoice_issued(taxable_paise=paise, tax=tax), paise + tax.igst),
                (ledger.credit_note_issued(taxable_paise=paise, tax=tax), -paise - tax.igst),
                (ledger.transfer_received(paise), -paise),
                (ledger.tds_deducted(paise), -paise),
                (ledger.written_off(paise), -paise),
                (ledger.adjusted(paise), paise),
                (ledger.revenue_earned(paise), 0),
                (ledger.payout_made(amount_paise=paise, fee_paise=3, fee_tax_paise=1), 0),
                (ledger.payout_failed(amount_paise=paise, fee_paise=3, fee_tax_paise=1), 0),
            ]
        )
        entries.append(event)
        owed += change
    sums = ledger.balances(entries)
    assert sum(sums.values()) == 0
    assert sums["customers"] == owed
