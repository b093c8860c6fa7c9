"""Rows against books, thing by thing: what is named, and that nothing is left over."""

from datetime import date

import pytest

from billing.engine.tie_out import Difference, Fact, Open, compare, month_after, opens, sums

NOV, DEC = date(2026, 11, 1), date(2026, 12, 1)
OCT_31, NOV_30, DEC_1 = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 1)


def fact(key, paise, on=NOV, line="captured"):
    return Fact(line, key, on, paise)


def of(rows, books):
    return compare(rows, books, first=NOV, after=DEC)


@pytest.mark.parametrize(
    ("first", "after"),
    [(NOV, DEC), (DEC, date(2027, 1, 1)), (date(2028, 2, 1), date(2028, 3, 1)), (NOV_30, DEC)],
)
def test_the_month_ends_where_the_next_begins(first, after):
    assert month_after(first) == after


def test_sums_are_of_the_month_alone():
    facts = [fact("a", 1, OCT_31), fact("b", 2, NOV), fact("c", 4, NOV_30), fact("d", 8, DEC_1)]
    found = sums(facts, NOV, DEC)
    assert found["captured"] == 6
    assert {line for line, paise in found.items() if paise} == {"captured"}


@pytest.mark.parametrize(
    ("rows", "books", "code", "amounts", "on"),
    [
        ([fact("a", 5)], [], "not_booked", (5, 0), None),
        ([], [fact("a", 5)], "no_row", (0, 5), None),
        ([fact("a", 5)], [fact("a", 6)], "other_amount", (5, 6), None),
        ([fact("a", 5)], [fact("a", 5), fact("a", 5)], "other_amount", (5, 10), None),
        ([fact("a", 5)], [fact("a", 5, DEC_1)], "other_month", (5, 0), DEC_1),
        ([fact("a", 5, OCT_31)], [fact("a", 5)], "other_month", (0, 5), OCT_31),
        ([], [fact("a", 5), fact("a", -5, DEC_1)], "taken_back", (0, 5), DEC_1),
        ([fact("a", 5)], [fact("a", 4, DEC_1)], "other_amount", (5, 0), None),
    ],
)
def test_each_way_to_differ_has_its_name(rows, books, code, amounts, on):
    (found,) = of(rows, books)
    assert found == Difference("captured", "a", *amounts, code, on)
    assert found.paise == amounts[1] - amounts[0]
    assert found.is_fault == (code in {"not_booked", "no_row", "other_amount"})


def test_what_agrees_within_the_month_is_not_named():
    assert of([fact("a", 5)], [fact("a", 5, NOV_30)]) == []
    assert of([], [fact("a", 5), fact("a", -5)]) == []
    # Doubled in December is December's.
    assert of([fact("a", 5)], [fact("a", 5), fact("a", 5, DEC_1)]) == []


def test_differences_stand_in_the_order_of_the_lines_and_add_up():
    rows = [fact("b", 5), fact("a", 7), fact("p", -3, line="fees")]
    books = [fact("a", 9), fact("p", -4, line="fees"), fact("x", 1, line="other")]
    found = of(rows, books)
    assert [(one.line, one.key) for one in found] == [
        ("captured", "a"), ("captured", "b"), ("fees", "p"), ("other", "x")
    ]  # fmt: skip
    ours, theirs = sums(rows, NOV, DEC), sums(books, NOV, DEC)
    assert sum(one.paise for one in found) == sum(theirs.values()) - sum(ours.values())


PAY = ("payment", "p")


@pytest.mark.parametrize(
    ("rows", "items", "today", "code", "paise"),
    [
        ({PAY: (5, NOV_30)}, {}, date(2026, 12, 10), "to_come", 5),
        ({PAY: (5, NOV_30)}, {}, date(2026, 12, 11), "late", 5),
        ({("refund", "r"): (-5, NOV)}, {}, DEC_1, "to_come", -5),
        ({PAY: (5, NOV)}, {PAY: (4,)}, DEC_1, "other_amount", 1),
        ({PAY: (5, NOV)}, {PAY: (5, 5)}, DEC_1, "twice", -5),
        ({PAY: (5, NOV)}, {PAY: (5, 4)}, DEC_1, "other_amount", -4),
        ({}, {PAY: (5,)}, DEC_1, "no_row", -5),
        ({PAY: (5, DEC_1)}, {PAY: (5,)}, DEC_1, "later", -5),
        ({PAY: (5, DEC_1)}, {PAY: (4,)}, DEC_1, "other_amount", -4),
        ({("adjustment", "d"): (0, NOV)}, {("adjustment", "d"): (-5,)}, DEC_1, "held", 5),
    ],
)
def test_what_the_gateway_holds_has_a_name(rows, items, today, code, paise):
    (found,) = opens(rows, items, until=NOV_30, today=today)
    assert (found.code, found.paise) == (code, paise)
    assert found.is_fault == (code in {"late", "other_amount", "twice", "no_row"})


def test_what_is_settled_is_not_open():
    assert opens({PAY: (5, NOV_30)}, {PAY: (5,)}, until=NOV_30, today=DEC_1) == []
    assert opens({PAY: (5, DEC_1)}, {}, until=NOV_30, today=DEC_1) == []
    # Paid out by now, and so not missed.
    late = opens(
        {PAY: (5, NOV)}, {}, until=NOV_30, today=date(2027, 1, 1), settled=frozenset({PAY})
    )
    assert late == [Open("payment", "p", 5, 0, NOV, "to_come")]
