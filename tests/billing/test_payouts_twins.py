"""A month's payouts through the real clients: twin → books → the bank's statement, to the paisa."""

from datetime import timedelta

import pytest

from billing.engine import ledger
from billing.errors import GatewayUnavailable
from billing.gateways.base import PaymentRequest
from billing.gateways.registry import gateway_of
from billing.models import JournalEntry, Payment, Payout, PayoutItem
from billing.selectors.ledger import trial_balance
from billing.selectors.payouts import lines_open, unknown_items, unmatched_payouts, untied_payouts
from billing.services.bank_statements import statement_add
from billing.services.ledger import journal_post
from billing.services.payouts import payouts_import
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from tests.billing.stripe_calls import ENTERPRISE
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
STAFF = "00000000-0000-0000-0000-000000000001"


def imported(code):
    now = clock.now()
    return payouts_import(gateway_code=code, since=now - timedelta(days=1), now=now)


def ours(tenant, gateway, remote_id, paise):
    """The payment as our rows and books have it."""
    row = rows.payment(tenant)
    base = paise * 100 // 118
    facts = {"gateway": gateway, "remote_id": remote_id, "amount_paise": paise}
    facts |= {"base_paise": base, "tax_paise": paise - base}
    Payment.objects.filter(pk=row.pk).update(**facts)
    post(tenant, "payment", ledger.payment_received(paise))


def post(tenant, kind, postings):
    now = clock.now()
    facts = {"kind": kind, "cause": f"{kind}:test", "narration": kind, "postings": postings}
    journal_post(**facts, on=clock.today(now), now=now, tenant=tenant)


def bank_says(*lines):
    head = "Txn Date,Narration,Ref No.,Debit,Credit"
    on = f"{clock.today(clock.now()):%d/%m/%Y}"
    told = [f'{on},NEFT CR {utr},{utr},,"{Rupees(paise).format()}"' for utr, paise in lines]
    content = "\n".join([head, *told]).encode()
    return statement_add(content=content, file_name="m.csv", actor_id=STAFF, now=clock.now())


def books():
    return {row.account: row.amount_paise for row in trial_balance()}


def legs_are_items(payout):
    """Each leg of the entry against the items, added up here and not by the engine."""
    items = list(PayoutItem.objects.filter(payout=payout))
    entry = JournalEntry.objects.get(cause=f"payout:{payout.pk}:1")
    legs = dict(entry.lines.values_list("account", "amount_paise"))
    net = sum(one.amount_paise - one.fee_paise - one.fee_tax_paise for one in items)
    assert legs["bank"] == payout.amount_paise == net
    assert legs["gateway_fees"] == sum(one.fee_paise for one in items)
    assert legs["input_gst"] == sum(one.fee_tax_paise for one in items)
    assert sum(legs.values()) == 0


@pytest.fixture
def settled(razorpay_twin):
    """A payment of ₹1,000, ₹400 of it given back, and the settlement of both."""
    gateway = gateway_of("razorpay")
    asked = PaymentRequest("ref-1", 100_000, "INR", "Invoice", "http://a.in/")
    started = gateway.start_payment(asked)
    razorpay_twin.press(started.url)
    payment = gateway.fetch_checkout(started.remote_id).payments[0].remote_id
    key = "0d9f0f5e-0000-4000-8000-000000000001"
    gateway.refund(payment, 40_000, reason="unused days", key=key)
    razorpay_twin.post("settle", {})
    return payment


def test_a_month_at_razorpay_ties_out(settled, local_tenant):
    ours(local_tenant, "razorpay", settled, 100_000)
    post(local_tenant, "refund", ledger.refund_paid(40_000))
    assert len(imported("razorpay").posted) == 1
    payout = Payout.objects.get()
    legs_are_items(payout)
    # What was taken less what was given back went to the bank but for the fee and its GST.
    found = books()
    assert "gateways" not in found
    assert found["bank"] + found["gateway_fees"] + found["input_gst"] == 60_000
    assert found["input_gst"] > 0
    # The refund has no row of ours here: it is listed.
    assert [row.kind for row in unknown_items()] == ["refund"]
    bank_says((payout.utr, payout.amount_paise))
    assert (unmatched_payouts(), untied_payouts(), lines_open().count()) == ([], [], 0)
    before = JournalEntry.objects.count()
    again = imported("razorpay")
    assert (again.seen, again.posted, again.odd) == (1, [], [])
    assert (JournalEntry.objects.count(), books()) == (before, found)


def test_another_amount_at_the_bank_is_listed_and_posts_nothing(settled):
    imported("razorpay")
    payout, before = Payout.objects.get(), books()
    bank_says((payout.utr, payout.amount_paise - 1))
    assert [row.code for row in unmatched_payouts()] == ["other_amount"]
    assert (lines_open().count(), books()) == (1, before)


def test_a_settlement_that_fails_and_then_succeeds(settled, razorpay_twin):
    (row,) = razorpay_twin.twin.books.all("settlement")
    row["status"] = "failed"
    assert imported("razorpay").posted == []
    assert books() == {}
    row["status"] = "processed"
    assert len(imported("razorpay").posted) == 1
    legs_are_items(Payout.objects.get())


def test_a_page_that_is_lost_takes_nothing_and_comes_again(settled, razorpay_twin):
    razorpay_twin.control(fail_before=9, only="/recon")
    with pytest.raises(GatewayUnavailable):
        imported("razorpay")
    assert (Payout.objects.count(), books()) == (0, {})
    razorpay_twin.control(fail_before=0)
    assert len(imported("razorpay").posted) == 1


def test_a_month_at_stripe_ties_out(stripe_gateway, stripe_twin, stripe_paid, local_tenant):
    number = stripe_paid(ENTERPRISE)
    (payment,) = stripe_gateway.fetch_subscription(number).payments
    stripe_gateway.refund(payment.remote_id, 100_000, reason="x", key="1")
    stripe_twin.post("payouts")
    ours(local_tenant, "stripe", payment.remote_id, 2_950_000)
    post(local_tenant, "refund", ledger.refund_paid(100_000))
    assert len(imported("stripe").posted) == 1
    payout = Payout.objects.get()
    legs_are_items(payout)
    # 2 % of 29,500.00 is 590.00, 18 % of that 106.20; 28,500.00 less both reaches the bank.
    assert books() == {
        "customers": -2_850_000, "bank": 2_780_380, "gateway_fees": 59_000, "input_gst": 10_620,
    }  # fmt: skip
    bank_says((payout.utr, 2_780_380))
    assert unmatched_payouts() == []
    assert imported("stripe").posted == []
