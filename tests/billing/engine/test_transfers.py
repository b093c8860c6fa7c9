"""Transfers and the invoices they pay: what is matched, and what is left for a person."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.engine.quotes import quote_number, state_on, valid_until
from billing.engine.tds import deductions
from billing.engine.transfers import Incoming, OpenInvoice, OpenPayer, Part, is_payout, match

FULL, BASE = 2_950_000, 2_500_000


def invoice(number: int, day: int = 1, *, base: int = BASE, left: int = FULL) -> OpenInvoice:
    return OpenInvoice(number, f"INV/26-27/{number}", date(2026, 11, day), base, left)


def payer(number: int, *invoices: OpenInvoice, **changes: Any) -> OpenPayer:
    facts = {"name": f"Payer{'ABCDEFG'[number]} Limited", "virtual_account": "",
             "tds_basis_points": 0}  # fmt: skip
    return OpenPayer(number, invoices=invoices, **{**facts, **changes})


VEDA = payer(1, invoice(1), name="Veda Appliances Private Limited", tds_basis_points=1000)
ACME = payer(2, invoice(2), name="Acme Looms Limited", virtual_account="VA2")


@pytest.mark.parametrize(
    ("incoming", "payers", "wanted"),
    [
        # amount alone, of one payer
        (Incoming(FULL), [ACME], (2, (Part(2, FULL, 0),), "")),
        (Incoming(2_700_000), [VEDA, ACME], (1, (Part(1, 2_700_000, 250_000),), "")),
        (Incoming(FULL), [VEDA], (1, (Part(1, FULL, 0),), "")),
        # both fit: nobody guesses
        (Incoming(FULL), [VEDA, ACME], (None, (), "several_payers")),
        (Incoming(2_700_001), [VEDA, ACME], (None, (), "no_payer")),
        (Incoming(2_699_999), [VEDA], (None, (), "no_payer")),
        (Incoming(FULL + 1), [ACME], (None, (), "no_payer")),
        (Incoming(2_700_000), [ACME], (None, (), "no_payer")),
        # a virtual account says whose it is
        (Incoming(FULL, "VA2"), [VEDA, ACME], (2, (Part(2, FULL, 0),), "")),
        (Incoming(FULL - 1, "VA2"), [VEDA, ACME], (2, (), "other_amount")),
        (Incoming(FULL, "VA9"), [VEDA, ACME], (None, (), "unknown_virtual_account")),
        (Incoming(FULL, "VA7"), [payer(4, virtual_account="VA7")], (4, (), "nothing_open")),
        # the name of the sender decides, or forbids
        (Incoming(FULL, payer_name="VEDA APPLIANC"), [VEDA, ACME], (1, (Part(1, FULL, 0),), "")),
        (Incoming(FULL, payer_name="ACME LOOMS"), [VEDA, ACME], (2, (Part(2, FULL, 0),), "")),
        (Incoming(FULL, payer_name="SHARMA"), [VEDA, ACME], (None, (), "other_name")),
        (Incoming(FULL, payer_name="Private Limited"), [ACME], (None, (), "other_name")),
        (Incoming(100, payer_name="VEDA"), [VEDA, ACME], (1, (), "other_amount")),
        (Incoming(100, payer_name="SHARMA"), [VEDA, ACME], (None, (), "no_payer")),
        # an invoice number in the reference, however it is punctuated
        (Incoming(FULL, reference="Inv inv-26-27-2."), [VEDA, ACME], (2, (Part(2, FULL, 0),), "")),
        (Incoming(FULL, reference="INV 26 27 1"), [VEDA, ACME], (1, (Part(1, FULL, 0),), "")),
        (Incoming(FULL, reference="INV/26-27/12"), [VEDA, ACME], (None, (), "several_payers")),
        (Incoming(100, reference="INV/26-27/1"), [VEDA, ACME], (1, (), "other_amount")),
        (
            Incoming(FULL, reference="INV/26-27/1 INV/26-27/2"),
            [VEDA, ACME],
            (None, (), "several_payers"),
        ),
        (Incoming(FULL), [], (None, (), "no_payer")),
    ],
)
def test_whose_it_is(incoming: Incoming, payers: list[OpenPayer], wanted: tuple[Any, ...]) -> None:
    found = match(incoming, payers)
    assert (found.payer_id, found.parts, found.why) == wanted


def test_a_virtual_account_is_stronger_than_a_number() -> None:
    found = match(Incoming(FULL, "VA2", reference="INV/26-27/1"), [VEDA, ACME])
    assert found.parts == (Part(2, FULL, 0),)


@pytest.mark.parametrize(
    ("incoming", "wanted"),
    [
        (Incoming(FULL), (1, 2)),
        (Incoming(2_700_000, payer_name="SHARMA"), (1,)),
        (Incoming(100, payer_name="ACME"), (2,)),
        (Incoming(100, "VA2"), (2,)),
        (Incoming(2_700_000, "VA9"), (1,)),
        (Incoming(100), ()),
    ],
)
def test_whose_it_could_be(incoming: Incoming, wanted: tuple[int, ...]) -> None:
    assert match(incoming, [VEDA, ACME]).may_be == wanted


@pytest.mark.parametrize(
    ("amount", "rate", "parts"),
    [
        (2 * FULL, 0, (Part(1, FULL, 0), Part(2, FULL, 0))),
        (5_400_000, 1000, (Part(1, 2_700_000, 250_000), Part(2, 2_700_000, 250_000))),
        (3 * FULL, 0, tuple(Part(each, FULL, 0) for each in (1, 2, 3))),
        # one of three equal ones: the earliest due
        (FULL, 0, (Part(1, FULL, 0),)),
        (2_900_000, 200, (Part(1, 2_900_000, 50_000),)),
        # half with the tax taken, half without, is no rate that was declared
        (2_700_000 + FULL, 1000, ()),
    ],
)
def test_several_invoices_of_one_payer(amount: int, rate: int, parts: tuple[Part, ...]) -> None:
    rows = (invoice(3, 21), invoice(1, 1), invoice(2, 11))
    found = match(Incoming(amount), [payer(1, *rows, tds_basis_points=rate)])
    assert found.parts == parts


def test_of_equal_invoices_the_named_one() -> None:
    rows = (invoice(1, 1), invoice(2, 11))
    found = match(Incoming(FULL, reference="INV/26-27/2"), [payer(1, *rows)])
    assert found.parts == (Part(2, FULL, 0),)


def test_two_ways_to_the_same_amount_are_for_a_person() -> None:
    rows = (invoice(1, left=300, base=300), invoice(2, left=100, base=100),
            invoice(3, left=200, base=200))  # fmt: skip
    found = match(Incoming(300), [payer(1, *rows)])
    assert (found.payer_id, found.parts, found.why) == (1, (), "several_ways")


def test_full_of_one_or_less_tax_of_another_is_for_a_person() -> None:
    rows = (invoice(1, left=900, base=900), invoice(2, left=1_000, base=1_000))
    found = match(Incoming(900), [payer(1, *rows, tds_basis_points=1000)])
    assert found.why == "several_ways"


@pytest.mark.parametrize("tds", [9_990, 9_900, 10_000])
def test_whole_rupees_are_a_deduction(tds: int) -> None:
    local = payer(1, invoice(1, base=99_900, left=117_882), tds_basis_points=1000)
    assert match(Incoming(117_882 - tds), [local]).parts == (Part(1, 117_882 - tds, tds),)


@pytest.mark.parametrize("tds", [9_899, 9_901, 9_989, 9_991, 10_001, 1, 17_982])
def test_other_amounts_are_none(tds: int) -> None:
    local = payer(1, invoice(1, base=99_900, left=117_882), tds_basis_points=1000)
    assert match(Incoming(117_882 - tds), [local]).why == "no_payer"


def test_at_most_ten_invoices_are_looked_at() -> None:
    rows = [invoice(each, each, base=1, left=2**each) for each in range(1, 12)]
    found = match(Incoming(2**11), [payer(1, *rows)])
    assert found.why == "no_payer"
    assert match(Incoming(2**10), [payer(1, *rows)]).parts == (Part(10, 2**10, 0),)


amounts = st.integers(min_value=100, max_value=10_000_000)


@settings(max_examples=60, deadline=None)
@given(st.lists(amounts, min_size=1, max_size=5), st.sampled_from([0, 100, 200, 1000]), st.data())
def test_what_is_matched_adds_up(bases: list[int], rate: int, data: st.DataObject) -> None:
    rows = [invoice(at, at + 1, base=base, left=base * 118 // 100)
            for at, base in enumerate(bases)]  # fmt: skip
    paid = data.draw(st.lists(st.sampled_from(rows), min_size=1, unique=True))
    taken = [data.draw(st.sampled_from(deductions(row.base_paise, rate))) for row in paid]
    amount = sum(row.open_paise for row in paid) - sum(taken)
    found = match(Incoming(amount), [payer(1, *rows, tds_basis_points=rate)])
    assert found.payer_id == 1
    assert found.parts or found.why == "several_ways"
    if found.parts:
        left = {row.id: row for row in rows}
        assert sum(part.transfer_paise for part in found.parts) == amount
        for part in found.parts:
            row = left.pop(part.invoice_id)
            assert part.transfer_paise + part.tds_paise == row.open_paise
            assert part.tds_paise == 0 or part.tds_paise in deductions(row.base_paise, rate)


def test_quotes_stand_outside_the_tax_series_for_thirty_days() -> None:
    assert quote_number("2026-27", 4) == "QT/26-27/4"
    assert valid_until(date(2026, 11, 22)) == date(2026, 12, 22)


@pytest.mark.parametrize(
    ("state", "today", "wanted"),
    [
        ("open", date(2026, 12, 22), "open"),
        ("open", date(2026, 12, 23), "expired"),
        ("accepted", date(2027, 1, 1), "accepted"),
        ("declined", date(2027, 1, 1), "declined"),
    ],
)
def test_a_quote_by_the_calendar(state: str, today: date, wanted: str) -> None:
    assert state_on(state, date(2026, 12, 22), today) == wanted


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("NEFT CR UTIB-1", False),
        ("NEFT CR/UTIB0001/RBI", True),
        ("neft utib0001", True),
        ("UTIB00012 X", False),
        ("RAZORPAYSOFTWARE P", True),
        ("NEFT-STRIPE INDIA", True),
        ("STRIPES CLOTHING", False),
        ("PINSTRIPE TAILORS", False),
        ("", False),
    ],
)
def test_a_line_that_is_a_payout(line: str, is_one: bool) -> None:
    assert is_payout(line, {"UTIB0001", ""}) is is_one
