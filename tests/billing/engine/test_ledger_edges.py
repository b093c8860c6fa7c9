"""The amounts of each event, head by head and with either sign, computed within the tests."""

import pytest

from billing.engine import ledger
from billing.engine.gst import TaxSplit, credit_tax
from billing.engine.ledger import Posting

PAYOUT = {"amount_paise": 9_764, "fee_paise": 200, "fee_tax_paise": 36}


def test_an_invoice_within_a_state_with_its_rounding() -> None:
    """Unequal heads and three paise less, so that no line can stand for another."""
    made = ledger.invoice_issued(
        taxable_paise=84_661, tax=TaxSplit(cgst=7_619, sgst=7_620), rounding_paise=-3
    )
    assert made == (
        Posting("customers", 99_897),
        Posting("deferred_revenue", -84_661),
        Posting("output_cgst", -7_619),
        Posting("output_sgst", -7_620),
        Posting("rounding", 3),
    )


def test_an_invoice_between_states() -> None:
    made = ledger.invoice_issued(taxable_paise=99_900, tax=TaxSplit(igst=17_982), rounding_paise=1)
    assert made == (
        Posting("customers", 117_883),
        Posting("deferred_revenue", -99_900),
        Posting("output_igst", -17_982),
        Posting("rounding", -1),
    )


def test_a_note_takes_back_the_rounding_too() -> None:
    made = ledger.credit_note_issued(
        taxable_paise=84_661, tax=TaxSplit(cgst=7_619, sgst=7_619), rounding_paise=1
    )
    assert made == (
        Posting("customers", -99_900),
        Posting("deferred_revenue", 84_661),
        Posting("output_cgst", 7_619),
        Posting("output_sgst", 7_619),
        Posting("rounding", 1),
    )


@pytest.mark.parametrize(
    ("event", "first", "second"),
    [
        ("payment_received", ("gateways", 118), ("customers", -118)),
        ("refund_paid", ("customers", 118), ("gateways", -118)),
        ("dispute_lost", ("customers", 118), ("gateways", -118)),
        ("revenue_earned", ("deferred_revenue", 118), ("revenue", -118)),
        ("transfer_received", ("bank", 118), ("customers", -118)),
        ("tds_deducted", ("tds_receivable", 118), ("customers", -118)),
        ("written_off", ("bad_debts", 118), ("customers", -118)),
        ("adjusted", ("customers", 118), ("adjustments", -118)),
        ("adjustment_explained", ("adjustments", 118), ("gateways", -118)),
    ],
)
def test_events_of_two_lines(event: str, first: tuple[str, int], second: tuple[str, int]) -> None:
    assert getattr(ledger, event)(118) == (Posting(*first), Posting(*second))


@pytest.mark.parametrize(("adjustment", "held"), [(0, 10_000), (500, 9_500), (-500, 10_500)])
def test_a_payout_clears_what_the_gateway_held(adjustment: int, held: int) -> None:
    extra = {"adjustment_paise": adjustment} if adjustment else {}
    lines = [("bank", 9_764), ("gateway_fees", 200), ("input_gst", 36)]
    if adjustment:
        lines.append(("adjustments", -adjustment))
    lines.append(("gateways", -held))
    assert ledger.payout_made(**PAYOUT, **extra) == tuple(Posting(*line) for line in lines)
    back = tuple(Posting(account, -paise) for account, paise in lines)
    assert ledger.payout_failed(**PAYOUT, **extra) == back


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ((("cash", 1), ("bank", -1)), "there is no account cash"),
        ((("bank", 1), ("cash", 0)), "there is no account cash"),
        ((("bank", 1),), "the postings do not sum to zero"),
        ((("bank", 1), ("customers", 1)), "the postings do not sum to zero"),
    ],
)
def test_refused_with_the_reason(pairs: tuple[tuple[str, int], ...], sentence: str) -> None:
    with pytest.raises(ledger.Unbalanced) as refused:
        ledger.postings(*pairs)
    assert str(refused.value) == sentence


def test_lines_of_zero_are_left_out_and_sums_go_on() -> None:
    assert ledger.postings(("bank", 0), ("customers", 0)) == ()
    first = ledger.postings(("bank", 5), ("customers", -5), ("revenue", 0))
    assert first == (Posting("bank", 5), Posting("customers", -5))
    assert ledger.balances([first, first, ()]) == {"bank": 10, "customers": -10}


@pytest.mark.parametrize(
    ("credited", "before", "taxable", "heads"),
    [
        (0, TaxSplit(), 1, TaxSplit(cgst=0, sgst=0)),
        (0, TaxSplit(), 6, TaxSplit(cgst=1, sgst=1)),
        (0, TaxSplit(), 100, TaxSplit(cgst=9, sgst=9)),
        (50, TaxSplit(cgst=5, sgst=5), 50, TaxSplit(cgst=4, sgst=4)),
        (99, TaxSplit(cgst=9, sgst=9), 1, TaxSplit()),
    ],
)
def test_heads_of_notes_end_at_the_invoices(
    credited: int, before: TaxSplit, taxable: int, heads: TaxSplit
) -> None:
    """An invoice of 1.00 with 0.09 to each head: 6 paise are the first with half a paisa."""
    found = credit_tax(
        original=TaxSplit(cgst=9, sgst=9),
        original_taxable=100,
        credited_taxable=credited,
        credited=before,
        taxable=taxable,
    )
    assert found == heads


@pytest.mark.parametrize(("credited", "taxable"), [(0, 0), (0, -1), (0, 101), (99, 2), (100, 1)])
def test_no_note_for_nothing_or_more_than_is_left(credited: int, taxable: int) -> None:
    with pytest.raises(ValueError) as refused:
        credit_tax(
            original=TaxSplit(cgst=9, sgst=9),
            original_taxable=100,
            credited_taxable=credited,
            credited=TaxSplit(),
            taxable=taxable,
        )
    assert str(refused.value) == "a credit note is for at least a paisa and at most what is left"
