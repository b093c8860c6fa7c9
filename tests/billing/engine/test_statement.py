"""Statements as banks export them, and what is refused rather than guessed."""

from datetime import date

import pytest

from billing.engine.statement import (
    Line,
    Problem,
    Unreadable,
    amount_of,
    columns_of,
    day_of,
    fresh,
    key_of,
    read,
    utr_of,
)

UNTIL = date(2026, 11, 30)
DAY = date(2026, 11, 20)
TWO = ("Date", "Narration", "Chq./Ref.No.", "Withdrawal Amt.", "Deposit Amt.", "Closing Balance")
ONE = ("Txn Date", "Description", "Amount", "Dr / Cr", "Balance")
SIGNED = ("Date", "Particulars", "Amount (INR)")


def lines(header, *rows):
    found = read([(1, header), *((place, row) for place, row in enumerate(rows, 2))], until=UNTIL)
    assert found.problems == ()
    return [(line.on, line.amount_paise, line.utr) for line in found.lines]


def problems(header, *rows):
    found = read([(1, header), *((place, row) for place, row in enumerate(rows, 2))], until=UNTIL)
    return [(one.row, one.why) for one in found.problems]


@pytest.mark.parametrize(
    ("text", "paise", "sign"),
    [
        ("1,17,882.00", 11_788_200, 0),
        ("117,882.50", 11_788_250, 0),
        ("1178.82", 117_882, 0),
        ("0.01", 1, 0),
        ("₹ 1,000", 100_000, 0),
        ("Rs. 1,000", 100_000, 0),
        ("INR 1,000.00", 100_000, 0),
        ("1,000.00 Cr", 100_000, 1),
        ("1,000.00Cr.", 100_000, 1),
        ("1,000.00(Dr)", 100_000, -1),
        ("(500.00)", 50_000, -1),
        ("-500", 50_000, -1),
        ("+500", 50_000, 1),
        ("", 0, 0),
        ("-", 0, 0),
        ("10,00,00,00,000.00", 1_000_000_000_000, 0),
    ],
)
def test_indian_amounts(text, paise, sign):
    assert amount_of(text) == (paise, sign)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.234,56", "amount"),
        ("1,00", "amount"),
        ("1,17,88", "amount"),
        ("12.345", "amount"),
        ("twelve", "amount"),
        ("1e9", "amount"),
        ("Cr", "amount"),
        ("10,00,00,00,001", "amount"),
        ("-500 Cr", "sign"),
        ("(-500)", "sign"),
    ],
)
def test_no_amount_is_guessed(text, why):
    with pytest.raises(Unreadable, match=why):
        amount_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "20/11/2026", "20-11-2026", "20.11.2026", "20/11/26", "20-Nov-2026", "20 Nov 2026",
        "20-NOV-26", "20 November 2026", "2026-11-20", "20/11/2026 14:05:11", "2026-11-20 14:05",
    ],
)  # fmt: skip
def test_days_are_first(text):
    assert day_of(text) == DAY


@pytest.mark.parametrize(
    "text", ["11/20/2026", "31/02/2026", "2026-13-01", "20 Foo 2026", "", "20/11", "46346"]
)
def test_no_day_is_guessed(text):
    with pytest.raises(Unreadable, match="date"):
        day_of(text)


@pytest.mark.parametrize(
    ("reference", "narration", "utr"),
    [
        ("N326260123456789", "", "N326260123456789"),
        ("hdfcr52026112212345678", "", "HDFCR52026112212345678"),
        ("", "NEFT CR-ICIC0000104-ICICN52026112255-ACME", "ICICN52026112255"),
        ("", "IMPS-632612345678-ACME-HDFC", "632612345678"),
        ("000000000000000", "IMPS-632612345678-ACME", "632612345678"),
        ("12", "UPI/632612345678/ACME", "632612345678"),
        ("", "CASH DEPOSIT 9876543210", ""),
        ("", "ACCOUNT 1234567890123", ""),
    ],
)
def test_what_a_bank_calls_a_transfer(reference, narration, utr):
    assert utr_of(reference, narration) == utr


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        (TWO, True),
        (ONE, True),
        (SIGNED, True),
        (("S No.", "Value Date", "Transaction Date", "Transaction Remarks",
          "Withdrawal Amount (INR )", "Deposit Amount (INR )", "Balance (INR )"), True),
        (("Txn Date", "Description", "Ref No./Cheque No.", "Debit", "Credit", "Balance"), True),
        (("Tran Date", "CHQNO", "PARTICULARS", "DR", "CR", "BAL", "SOL"), True),
        (("Date", "Narration"), False),
        (("Date", "Debit", "Narration"), False),
        (("Debit", "Credit", "Narration"), False),
        ((), False),
    ],
)  # fmt: skip
def test_columns_by_their_names(header, is_one):
    assert (columns_of(header) is not None) is is_one


def test_the_day_of_the_transaction_goes_before_the_value_date():
    header = ("Value Date", "Transaction Date", "Debit", "Credit")
    assert lines(header, ("21/11/2026", "20/11/2026", "", "5")) == [(DAY, 500, "")]


def test_a_statement_with_all_that_is_printed_around_it():
    found = read(
        [
            (1, ("UJALA PLATFORM", "", "", "")),
            (3, ("Statement From : 01/11/2026 To : 30/11/2026",)),
            (5, TWO),
            (6, ("********",) * 6),
            (7, ("01/11/2026", "B/F", "", "", "", "10,000.00")),
            (8, ("20/11/2026", "NEFT CR-SBXN1A2B", "SBXN1A2B3C4D", "", "1,17,882.00", "1")),
            (9, ("", "SANDBOX GATEWAY", "", "", "", "")),
            (10, ("20/11/26", "RENT", "", "50,000.00", "0.00", "1")),
            (11, TWO),
            (12, ("", "Total", "", "50,000.00", "1,17,882.00", "")),
            (14, ("STATEMENT SUMMARY :-",)),
            (15, ("Opening Balance", "Debits", "Credits")),
            (16, ("10000.00", "2", "3", "50,000.00", "1,17,882.00", "1")),
        ],
        until=UNTIL,
    )
    assert found.problems == ()
    assert found.lines == (
        Line(8, DAY, 11_788_200, "SBXN1A2B3C4D", "NEFT CR-SBXN1A2B SANDBOX GATEWAY"),
        Line(10, DAY, -5_000_000, "", "RENT"),
    )


def test_one_column_of_amounts():
    rows = (("20/11/2026", "A", "5.00", "CR", "1"), ("20/11/2026", "B", "7.00", "Dr.", "1"))
    assert [paise for _on, paise, _utr in lines(ONE, *rows)] == [500, -700]
    rows = (("20/11/2026", "A", "5.00 Cr"), ("20/11/2026", "B", "7.00 Dr"))
    assert [paise for _on, paise, _utr in lines(SIGNED, *rows)] == [500, -700]
    rows = (("20/11/2026", "A", "5.00"), ("20/11/2026", "B", "-7.00"))
    assert [paise for _on, paise, _utr in lines(SIGNED, *rows)] == [500, -700]


@pytest.mark.parametrize(
    ("header", "row", "why"),
    [
        (TWO, ("11/20/2026", "A", "", "", "5", "1"), "date"),
        (TWO, ("11/20/2026", "Total Energies", "", "", "5", "1"), "date"),
        (TWO, ("", "A", "", "", "5", "1"), "date"),
        (TWO, ("01/12/2026", "A", "", "", "5", "1"), "future"),
        (TWO, ("20/11/2026", "A", "", "5", "5", "1"), "both"),
        (TWO, ("20/11/2026", "A", "", "", "0.00", "1"), "neither"),
        (TWO, ("20/11/2026", "A", "", "", "five", "1"), "amount"),
        (TWO, ("20/11/2026", "A", "", "", "-5", "1"), "sign"),
        (TWO, ("20/11/2026", "A", "", "5 Cr", "", "1"), "sign"),
        (ONE, ("20/11/2026", "A", "5", "", "1"), "sign"),
        (ONE, ("20/11/2026", "A", "5 Dr", "Cr", "1"), "sign"),
        (ONE, ("20/11/2026", "A", "0", "Cr", "1"), "neither"),
        (SIGNED, ("20/11/2026", "A", "5"), "sign"),
    ],
)
def test_a_row_that_cannot_be_read_is_told(header, row, why):
    assert problems(header, row) == [(2, why)]


def test_the_last_day_itself_is_not_in_the_future():
    assert lines(TWO, ("30/11/2026", "A", "", "", "5", "1")) == [(UNTIL, 500, "")]


def test_the_report_shows_what_stands_there():
    found = read([(4, SIGNED), (9, ("x", "A", "5"))], until=UNTIL)
    assert found.problems == (Problem(9, "date", "x | A | 5"),)


def test_a_table_of_something_else_is_no_statement():
    assert read([(1, ("Name", "Phone")), (2, ("Asha", "9"))], until=UNTIL) is None
    assert read([], until=UNTIL) is None


def test_lines_of_an_earlier_statement_are_left_out_one_for_one():
    one, other = Line(2, DAY, 500, "", "CASH"), Line(3, DAY, 700, "", "CASH")
    again = Line(9, DAY, 500, "", "CASH")
    assert fresh([one, other, again], []) == [one, other, again]
    assert fresh([one, other, again], [key_of(one)]) == [other, again]
    assert fresh([one, again], [key_of(one)] * 3) == []
