"""Refunds, disputes and settlements of Razorpay, on its twin."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.errors import GatewayRefused, GatewayUnavailable
from billing.gateways.base import PaymentRequest
from billing.gateways.razorpay import asking
from billing.gateways.registry import gateway_of

KEY = "0d9f0f5e-0000-4000-8000-000000000001"
DAY = 86_400


@pytest.fixture
def gateway(razorpay_twin):
    return gateway_of("razorpay")


@pytest.fixture
def payment_id(gateway, razorpay_twin):
    asked = PaymentRequest("ref-1", 100_000, "INR", "Invoice", "http://a.in/")
    started = gateway.start_payment(asked)
    razorpay_twin.press(started.url)
    return gateway.fetch_checkout(started.remote_id).payments[0].remote_id


def test_a_refund_is_made_once_for_its_key(gateway, razorpay_twin, payment_id):
    first, again = (
        gateway.refund(payment_id, 40_000, reason="unused days", key=KEY) for _turn in range(2)
    )

    assert first == again
    assert (first.state, first.amount_paise, first.reference) == ("processed", 40_000, KEY)
    assert gateway.fetch_refunds(payment_id) == (first,)
    assert len(razorpay_twin.ledger("refund")) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_a_lost_answer_gives_nothing_back_twice(gateway, razorpay_twin, payment_id, fault):
    razorpay_twin.control(**{fault: 1, "only": "/refund"})
    refund = gateway.refund(payment_id, 40_000, reason="", key=KEY)

    assert refund.amount_paise == 40_000
    assert len(razorpay_twin.all("refund")) == 1


def test_one_that_is_on_its_way_is_asked_again(gateway, razorpay_twin, payment_id):
    razorpay_twin.control(in_flight=1)

    with pytest.raises(GatewayUnavailable):
        gateway.refund(payment_id, 100, reason="", key=KEY)
    assert gateway.refund(payment_id, 100, reason="", key=KEY).amount_paise == 100


def test_more_than_was_paid_is_refused(gateway, payment_id):
    gateway.refund(payment_id, 60_000, reason="", key=KEY)

    with pytest.raises(GatewayRefused):
        gateway.refund(payment_id, 40_001, reason="", key=KEY.replace("1", "2"))


def test_a_refund_that_waits_and_fails(gateway, razorpay_twin, payment_id):
    razorpay_twin.post("refunds", {"state": "pending"})
    asked = gateway.refund(payment_id, 100_000, reason="", key=KEY)
    razorpay_twin.post(f"refunds/{asked.remote_id}", {"state": "failed"})

    assert asked.state == "asked"
    assert [one.state for one in gateway.fetch_refunds(payment_id)] == ["failed"]


@pytest.mark.parametrize(
    ("key", "is_kept"), [(KEY, True), ("a" * 10, True), ("a" * 9, False), ("refund:1234567", False)]
)
def test_keys_have_the_shape_that_razorpay_asks_for(key, is_kept):
    made = asking.idempotency_key(key)

    assert (made == key) == is_kept
    assert len(made) >= 10
    assert made.replace("-", "").isalnum()


def test_a_settlement_adds_up_to_the_paisa(gateway, razorpay_twin, payment_id):
    gateway.refund(payment_id, 30_000, reason="", key=KEY)
    since = datetime.now(UTC) - timedelta(days=1)
    razorpay_twin.post("settle")
    (payout,) = gateway.payouts_since(since)

    # 2% of 1,000.00 is 20.00, and 18% GST on that 3.60.
    assert (payout.fee_paise, payout.fee_tax_paise) == (2_000, 360)
    assert payout.amount_paise == 100_000 - 2_000 - 360 - 30_000
    assert {(item.kind, item.amount_paise) for item in payout.items} == {
        ("payment", 100_000),
        ("refund", -30_000),
    }
    assert (payout.state, payout.utr[:3]) == ("processed", "UTR")
    assert payout.items[0].remote_id == payment_id


def test_a_lost_dispute_is_taken_from_a_later_settlement(gateway, razorpay_twin, payment_id):
    razorpay_twin.post("settle")
    razorpay_twin.post(f"payments/{payment_id}", {"action": "dispute"})
    razorpay_twin.post(f"payments/{payment_id}", {"action": "lose"})
    razorpay_twin.post("settle")
    payouts = list(gateway.payouts_since(datetime.now(UTC) - timedelta(days=1)))

    lost = next(one for one in payouts if one.amount_paise < 0)
    assert len(payouts) == 2
    assert [(item.kind, item.amount_paise) for item in lost.items] == [("adjustment", -100_000)]
    (event,) = razorpay_twin.events("payment.dispute.lost")
    (observation,) = gateway.observe(event[1])
    assert [(one.state, one.payment_id) for one in observation.disputes] == [("lost", payment_id)]


def test_settlements_of_two_months(gateway, razorpay_twin, payment_id):
    razorpay_twin.post("settle")
    razorpay_twin.advance(40 * DAY)
    razorpay_twin.twin.books.payment(50_000, "INR", "upi")
    razorpay_twin.post("settle")
    payouts = list(gateway.payouts_since(datetime.now(UTC) - timedelta(days=1)))

    assert sorted(len(one.items) for one in payouts) == [1, 1]
    assert sorted(one.amount_paise for one in payouts) == [50_000 - 1_180, 100_000 - 2_360]
