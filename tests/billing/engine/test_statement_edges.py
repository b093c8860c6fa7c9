"""Statements: texts that go on in the next row, signs with a dot, references with a blank."""

from datetime import date

import pytest

from billing.engine.ledger import Unbalanced
from billing.engine.payouts import BankRow, Item, PaidOut, match, payout_postings
from billing.engine.statement import Unreadable, amount_of, read, utr_of

HEADER = ("Date", "Narration", "Amount", "Dr / Cr", "Balance")
FIRST = ("20/11/2026", "NEFT Veda", "1,000.00", "Cr.", "5,000.00")


def told(*rows):
    found = read([(1, HEADER), *((place, row) for place, row in rows)], until=date(2026, 11, 30))
    assert found.problems == ()
    return [(line.narration, line.utr, repr(line.amount_paise)) for line in found.lines]


@pytest.mark.parametrize(
    ("row", "cells", "narration", "utr"),
    [
        (3, ("", "HDFC", "", "", ""), "NEFT Veda HDFC", ""),
        (
            3,
            ("", "HDFCN52026112200001", "", "", ""),
            "NEFT Veda HDFCN52026112200001",
            "HDFCN52026112200001",
        ),
        # Not the next row, another cell beside it, a word of the page, or nothing at all.
        (4, ("", "HDFCN52026112200001", "", "", ""), "NEFT Veda", ""),
        (3, ("", "HDFCN52026112200001", "", "", "5,000.00"), "NEFT Veda", ""),
        (3, ("", "Page 1 of 2", "", "", ""), "NEFT Veda", ""),
        (3, ("", "  ", "", "", "5,000.00"), "NEFT Veda", ""),
    ],
)
def test_a_long_text_goes_on(row, cells, narration, utr):
    assert told((2, FIRST), (row, cells)) == [(narration, utr, "100000")]


def test_a_text_without_a_row_before_it_is_nothing():
    assert told((2, ("", "Branch Bengaluru", "", "", ""))) == []


def test_money_out_by_a_word_with_a_dot_is_whole_paise():
    row = ("20/11/2026", "Fees", "1,000.50", "Dr.", "")
    assert told((2, row)) == [("Fees", "", "-100050")]


def test_a_reference_with_a_blank_in_it():
    assert utr_of(" hdfc n5202 6112200001 ", "") == "HDFCN52026112200001"
    assert utr_of("0000000", "IMPS 634112200001 Veda") == "634112200001"


@pytest.mark.parametrize("text", ["10,000,000,000.01", "0.001", "1,,000", ".5"])
def test_no_amount(text):
    with pytest.raises(Unreadable) as refused:
        amount_of(text)
    assert str(refused.value) == "amount"


def test_a_payout_without_a_reference_takes_no_line():
    """Not even one that has none either, nor one whose text is empty."""
    found = match([PaidOut(1, "processed", " -", 500)], [BankRow(7, 500), BankRow(8, 500, "", "-")])
    assert (found.pairs, found.why) == ({}, {1: "no_utr"})


def test_a_payout_that_does_not_add_up_is_refused_in_words():
    with pytest.raises(Unbalanced) as refused:
        payout_postings(amount_paise=1, items=[Item("payment", "p", 2)], known=frozenset())
    assert str(refused.value) == "the items of the payout do not add up to it"
