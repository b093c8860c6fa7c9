"""The month at a gateway: our rows against the books, payouts and bank; each fault by its name."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.engine import ledger
from billing.models import (
    BankLine,
    BankStatement,
    JournalEntry,
    JournalLine,
    Payout,
    PayoutItem,
)
from billing.services.payouts import items_look_again
from marketing_platform.tenants.context import tenant_context
from tests.billing.settlement_world import (
    NOON,
    a_month,
    disputed,
    entry,
    named,
    noon,
    of,
    out,
    paid,
    refunded,
)
from tests.billing.test_payouts import item, paid_out, told  # noqa: F401

pytestmark = pytest.mark.django_db
DECEMBER = date(2026, 12, 1)


def figures(month):
    rows = [month.opening, *month.figures, month.closing]
    return {one.line: (one.rows_paise, one.books_paise) for one in rows if one.rows_paise}


def test_a_month_ties_out_from_anywhere(local_tenant):
    a_month(local_tenant)
    with tenant_context(local_tenant):
        month = of()
    assert figures(month) == {
        "opening": (100_000, 100_000),
        "captured": (530_000, 530_000),
        "refunds": (-40_000, -40_000),
        "fees": (-12_000, -12_000),
        "fee_tax": (-2_160, -2_160),
        "paid_out": (-545_840, -545_840),
        "closing": (30_000, 30_000),
    }
    assert named(month) == ([], [("to_come", "payment", "pay_3", 30_000)])
    assert (month.ties, month.faults, month.unnamed_paise) == (True, 0, 0)
    # Paid in November, paid out in December: not late, and nothing is held any more.
    december = of(DECEMBER)
    assert (december.opening.books_paise, december.closing.books_paise) == (30_000, 0)
    assert (december.ties, december.opens) == (True, [])


def test_the_last_minute_of_november_is_of_november(local_tenant):
    last = datetime(2026, 11, 30, 18, 29, tzinfo=UTC)
    paid(local_tenant, "pay_1", 100, last, booked_at=last + timedelta(minutes=2))
    paid(local_tenant, "pay_2", 7, last + timedelta(minutes=1))
    november, december = of(), of(DECEMBER)
    assert dict(figures(november))["captured"] == (100, 0)
    assert dict(figures(december))["captured"] == (7, 107)
    # Booked on the first of December: named in both months, and no fault.
    assert named(november)[0] == [("other_month", "captured", "pay_1", -100)]
    assert named(december)[0] == [("other_month", "captured", "pay_1", 100)]
    assert (november.ties, december.ties) == (True, True)
    assert november.differences[0].on == DECEMBER


def plant_unbooked_payment(tenant):
    paid(tenant, "pay_9", 900, noon(12), is_booked=False)
    return ("not_booked", "captured", "pay_9", -900)


def plant_entry_without_payment(_tenant):
    entry("payment", "payment:razorpay:ghost", ledger.payment_received(77), noon(3))
    return ("no_row", "captured", "ghost", 77)


def plant_doubled_entry(_tenant):
    entry("payment", "payment:razorpay:pay_2:again", ledger.payment_received(500_000), noon(5))
    return ("no_row", "captured", "again", 500_000)


def plant_doubled_line(tenant):
    paid(tenant, "pay_9", 900, noon(12), is_booked=False)
    facts = {"kind": "payment", "cause": "payment:razorpay:pay_9", "narration": "x"}
    made = JournalEntry.objects.create(
        **facts, posted_on=NOON.date(), created_at=NOON, tenant=tenant
    )
    pairs = [("gateways", 900), ("gateways", 900), ("customers", -1_800)]
    lines = [{"account": name, "amount_paise": paise} for name, paise in pairs]
    JournalLine.objects.bulk_create(JournalLine(entry=made, tenant=tenant, **one) for one in lines)
    return ("other_amount", "captured", "pay_9", 900)


def plant_unbooked_payout(_tenant):
    row = out("setl_9", noon(20), is_booked=False)
    Payout.objects.filter(pk=row.pk).update(amount_paise=5)
    return ("not_booked", "paid_out", f"{row.pk}", 5)


def plant_fee(_tenant):
    rows = PayoutItem.objects.filter(remote_id="pay_1")
    rows.update(fee_paise=1_990, amount_paise=99_990)
    return ("other_amount", "fees", f"{rows.get().payout_id}", -10)


@pytest.mark.parametrize(
    "plant",
    [
        plant_unbooked_payment,
        plant_entry_without_payment,
        plant_doubled_entry,
        plant_doubled_line,
        plant_unbooked_payout,
        plant_fee,
    ],
)
def test_a_planted_fault_between_rows_and_books_is_named(local_tenant, plant):
    a_month(local_tenant)
    wanted = plant(local_tenant)
    month = of()
    assert not month.ties
    assert wanted in named(month)[0]
    # Each line's difference is the sum of what is named for it.
    for figure in month.figures:
        parts = [one.paise for one in month.differences if one.line == figure.line]
        assert sum(parts) == figure.difference_paise


def test_a_payment_without_an_item_is_late_and_a_payout_of_nobodys_is_named(local_tenant):
    a_month(local_tenant)
    paid(local_tenant, "pay_8", 800, noon(2))
    out("setl_8", noon(9), ("payment", "strange", 60, 0, 0), ("refund", "rfnd_x", -9, 0, 0))
    month = of(today=date(2026, 11, 30))
    assert sorted(named(month)[1]) == [
        ("late", "payment", "pay_8", 800),
        ("no_row", "payment", "strange", -60),
        ("no_row", "refund", "rfnd_x", 9),
        ("to_come", "payment", "pay_3", 30_000),
    ]
    assert (month.faults, month.unnamed_paise) == (3, 0)
    assert month.closing.rows_paise == 30_000 + 800 - 60 + 9 == month.closing.books_paise


def test_what_is_paid_out_twice_or_with_another_amount_is_named(local_tenant):
    a_month(local_tenant)
    out("setl_8", noon(9), ("payment", "pay_2", 500_000, 0, 0))
    paid(local_tenant, "pay_9", 900, noon(2))
    out("setl_9", noon(9), ("payment", "pay_9", 890, 0, 0))
    held = named(of())[1]
    assert ("twice", "payment", "pay_2", -500_000) in held
    assert ("other_amount", "payment", "pay_9", 10) in held


def test_a_payout_whose_own_fee_is_not_its_items_is_named(local_tenant):
    a_month(local_tenant)
    Payout.objects.filter(remote_id="setl_1").update(fee_paise=12_001)
    month = of()
    assert [(row.remote_id, fees) for row, fees in month.told_fees] == [("setl_1", 12_000)]
    assert month.faults == 1


def test_a_payout_that_is_not_its_items_leaves_a_rest(local_tenant):
    a_month(local_tenant)
    Payout.objects.filter(remote_id="setl_1").update(amount_paise=545_800)
    month = of()
    assert (month.ties, month.unnamed_paise) == (False, 40)


def test_disputes_are_held_until_they_are_decided(local_tenant):
    early = a_month(local_tenant)
    disputed(early, "disp_1", 100_000, noon(8), state="open")
    out(
        "setl_3", noon(9), 
        ("adjustment", "disp_1", -100_000, 500, 90), ("payment", "pay_8", 900, 0, 0),
        known={("adjustment", "disp_1")},
    )  # fmt: skip
    paid(local_tenant, "pay_8", 900, noon(8))
    month = of()
    assert ("held", "adjustment", "disp_1", 100_000) in named(month)[1]
    assert (month.ties, month.closing.rows_paise) == (True, 130_000)
    # Won: given back in the next month.
    early.disputes.update(state="won", observed_at=noon(2, 12))
    out(
        "setl_4", noon(3, 12), ("adjustment", "disp_1", 100_000, 0, 0),
        known={("adjustment", "disp_1")},
    )  # fmt: skip
    december = of(DECEMBER)
    assert (december.ties, december.opens, december.closing.books_paise) == (True, [], 0)


def test_a_lost_dispute_and_a_loss_of_ours(local_tenant):
    early = a_month(local_tenant)
    disputed(early, "disp_1", 100_000, noon(8))
    items = (("adjustment", "disp_1", -100_000, 0, 0), ("adjustment", "adj_2", -250, 0, 0))
    out("setl_3", noon(9), *items, known={("adjustment", "disp_1")})
    month = of()
    assert (month.ties, figures(month)["disputes"]) == (True, (-100_000, -100_000))
    assert figures(month)["adjustments"] == (-250, -250)
    # Known late as a dispute's: the loss is taken back when it is.
    disputed(early, "adj_2", 250, noon(2, 12))
    items_look_again(gateway_code="razorpay", now=noon(2, 12))
    assert [one[:2] for one in named(of())[0]] == [("taken_back", "adjustments")]
    assert (of().ties, of(DECEMBER).ties) == (True, True)


def test_a_payout_that_failed_and_comes_in_the_next_ties_out(told, local_tenant):  # noqa: F811
    paid(local_tenant, "pay_9", 118, noon(18), gateway="sandbox")
    first = paid_out(item(), paid_on=date(2026, 11, 29))
    told(first, now=noon(29))
    back = item("payout", "pout_1", 106, 0, 0)
    second = paid_out(back, remote_id="pout_2", utr="SBX2", paid_on=date(2026, 12, 3))
    failed = paid_out(item(), paid_on=date(2026, 11, 29), state="failed")
    told(second, failed, now=noon(3, 12))
    november, december = of(gateway="sandbox"), of(DECEMBER, gateway="sandbox")
    assert {one.code for one in november.differences} == {"taken_back"}
    assert (november.ties, november.closing.rows_paise) == (True, 118)
    assert [(one.code, one.remote_id) for one in november.opens] == [("to_come", "pay_9")]
    assert (december.ties, december.closing.rows_paise, december.closing.books_paise) == (
        True,
        0,
        0,
    )


def test_the_bank_is_part_of_the_month(local_tenant):
    a_month(local_tenant)
    month = of()
    assert [(one.payout.remote_id, one.why) for one in month.payouts] == [("setl_1", "not_in_bank")]
    assert (month.met_paise, month.unmet_paise) == (0, 545_840)
    statement = BankStatement.objects.create(
        sha256="1", file_name="x", actor_id="00000000-0000-0000-0000-000000000001", uploaded_at=NOON
    )
    line = BankLine.objects.create(
        statement=statement, row=2, on=date(2026, 11, 8), amount_paise=545_840,
        payout=month.payouts[0].payout,
    )  # fmt: skip
    assert (of().met_paise, of().unmet_paise) == (545_840, 0)
    BankLine.objects.filter(pk=line.pk).update(amount_paise=1)
    assert of().payouts[0].why == "other_amount"


def test_an_entry_of_no_gateway_is_shown_by_itself(local_tenant):
    a_month(local_tenant)
    entry("correction", "by-hand:1", ledger.payment_received(5), noon(4))
    month = of(gateway="")
    assert named(month)[0] == [("no_row", "other", "1", 5)]
    assert not month.ties
    assert of().ties


def test_another_gateways_money_is_not_counted(local_tenant):
    a_month(local_tenant)
    paid(local_tenant, "pi_1", 5, noon(9), gateway="stripe")
    assert figures(of())["captured"] == (530_000, 530_000)
    assert figures(of(gateway="stripe"))["captured"] == (5, 5)


def test_the_number_of_queries_does_not_grow(local_tenant):
    def count():
        with CaptureQueriesContext(connection) as found:
            of()
        return len(found)

    def more(number):
        row = paid(local_tenant, f"more_{number}", 100, noon(3))
        refunded(row, f"r_{number}", 10, noon(4))
        out(f"setl_m{number}", noon(5), ("payment", f"more_{number}", 100, 1, 0))
        paid(local_tenant, f"odd_{number}", 100, noon(3), is_booked=False)

    a_month(local_tenant)
    more(0)
    before = count()
    for number in range(1, 4):
        more(number)
    assert count() == before
    assert of().faults == 8


def test_a_fault_of_an_earlier_month_is_carried_and_a_late_entry_is_not(local_tenant):
    a_month(local_tenant)
    paid(local_tenant, "late", 70, noon(31, 10), booked_at=noon(1))
    out("setl_3", noon(2), ("payment", "late", 70, 0, 0))
    assert (of().opening.difference_paise, of().carried_paise, of().ties) == (-70, 0, True)
    paid(local_tenant, "later", 30, noon(30), booked_at=noon(1, 12))
    assert (of().carried_paise, of().ties) == (0, True)
    paid(local_tenant, "fault", 900, noon(30, 10), is_booked=False)
    out("setl_4", noon(2), ("payment", "fault", 900, 0, 0))
    assert (of().carried_paise, of().faults) == (-900, 1)
