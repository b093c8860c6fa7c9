"""Refunds, payouts and what changed at Stripe; its events as the twin sends them."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import GatewayRefused, GatewayUnavailable
from marketing_platform.core import clock
from tests.billing.stripe_calls import DAY, ENTERPRISE

# --- money back, money out


def test_a_refund_happens_once(stripe_gateway, stripe_twin, stripe_paid):
    (payment,) = stripe_gateway.fetch_subscription(stripe_paid()).payments
    give = {"reason": "paid twice", "key": "refund-1"}
    first = stripe_gateway.refund(payment.remote_id, 50_000, **give)
    # Stripe forgets keys after a while; what was given back stays.
    stripe_twin.twin.keys.clear()

    again = stripe_gateway.refund(payment.remote_id, 50_000, **give)

    assert first == again == stripe_gateway.fetch_refunds(payment.remote_id)[0]
    assert (first.state, first.reference, first.amount_paise) == ("processed", "refund-1", 50_000)
    assert len(stripe_twin.ledger("refunded")) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply", "not_json"])
@pytest.mark.parametrize("turns", [1, True])
def test_a_refund_whose_answer_is_lost_happens_once(
    stripe_gateway, stripe_twin, stripe_paid, fault, turns
):
    (payment,) = stripe_gateway.fetch_subscription(stripe_paid()).payments
    stripe_twin.control(**{fault: turns, "only": "/v1/refunds"})
    for _turn in range(2):
        try:
            stripe_gateway.refund(payment.remote_id, 50_000, reason="x", key="refund-1")
        except GatewayUnavailable:
            stripe_twin.control(**{fault: 0})

    (found,) = stripe_gateway.fetch_refunds(payment.remote_id)
    assert found.amount_paise == 50_000
    assert len(stripe_twin.ledger("refunded")) == 1


def test_a_failure_that_stripe_keeps_does_not_last(
    stripe_gateway, stripe_twin, stripe_paid, monkeypatch
):
    """Nothing came of the first call, but its key has the failure: the next one makes it."""
    (payment,) = stripe_gateway.fetch_subscription(stripe_paid()).payments
    twin, broken = stripe_twin.twin, [True]
    number = twin.books.new

    def new(prefix, *arguments, **fields):
        if prefix == "re" and broken:
            broken.clear()
            raise twin.refuse_away(500)
        return number(prefix, *arguments, **fields)

    monkeypatch.setattr(twin.books, "new", new)

    assert stripe_gateway.refund(payment.remote_id, 5, reason="x", key="r").state == "processed"
    assert not broken and len(stripe_twin.ledger("refunded")) == 1


def test_more_than_was_paid_is_refused(stripe_gateway, stripe_paid):
    (payment,) = stripe_gateway.fetch_subscription(stripe_paid()).payments

    with pytest.raises(GatewayRefused):
        stripe_gateway.refund(payment.remote_id, payment.amount_paise + 1, reason="x", key="1")


def test_a_refund_that_fails_later(stripe_gateway, stripe_twin, stripe_paid):
    (payment,) = stripe_gateway.fetch_subscription(stripe_paid()).payments
    stripe_twin.post("refunds", {"state": "pending"})
    asked = stripe_gateway.refund(payment.remote_id, 5, reason="x", key="1")

    stripe_twin.post(f"refunds/{asked.remote_id}", {"state": "failed"})

    assert asked.state == "asked"
    assert [one.state for one in stripe_gateway.fetch_refunds(payment.remote_id)] == ["failed"]


def test_a_payout_is_its_items_less_fee_and_tax(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid(ENTERPRISE)
    (payment,) = stripe_gateway.fetch_subscription(number).payments
    refund = stripe_gateway.refund(payment.remote_id, 100_000, reason="x", key="1")
    stripe_twin.act(number, "dispute")
    stripe_twin.post("payouts")

    (payout,) = stripe_gateway.payouts_since(clock.now() - timedelta(days=1))

    kinds = {item.kind: item for item in payout.items}
    assert kinds["payment"].remote_id == payment.remote_id
    assert kinds["refund"].remote_id == refund.remote_id
    # 2% of 29,500.00 is 590.00; 18% of that is 106.20.
    assert (payout.fee_paise, payout.fee_tax_paise) == (59_000, 10_620)
    assert (kinds["payment"].fee_paise, kinds["payment"].fee_tax_paise) == (59_000, 10_620)
    assert kinds["refund"].amount_paise == -100_000
    assert kinds["adjustment"].amount_paise == -2_950_000
    assert payout.amount_paise == 2_950_000 - 100_000 - 2_950_000 - 59_000 - 10_620
    assert payout.utr.startswith("UTR") and payout.state == "paid"
    assert list(stripe_gateway.payouts_since(clock.now() + timedelta(days=1))) == []


def test_what_changed_since(stripe_gateway, stripe_twin, stripe_paid):
    first, second = stripe_paid(), stripe_paid(reference="ref-2")
    stripe_twin.advance(2 * DAY)
    since = datetime.fromtimestamp(stripe_twin.advance(0) - 60, UTC)
    stripe_twin.act(second, "renew", "fail")

    assert list(stripe_gateway.changed_since(since)) == [second]
    assert set(stripe_gateway.changed_since(clock.now() - timedelta(days=1))) == {first, second}
    # Events are kept for 30 days: before that, all of them are looked at.
    stripe_gateway.cancel(first, at_period_end=False, key="1")
    assert set(stripe_gateway.changed_since(clock.now() - timedelta(days=60))) == {first, second}


# --- events, as the twin sends them


def test_every_event_can_be_read(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid(ENTERPRISE)
    for action, outcome in (
        ("renew", "requires_action"),
        ("approve", "succeed"),
        ("renew", "fail"),
        ("uncollectible", "succeed"),
        ("dispute", "succeed"),
        ("lose_mandate", "succeed"),
        ("cancel", "succeed"),
    ):
        if action == "dispute":
            stripe_twin.act(number, "renew")
        stripe_twin.act(number, action, outcome)

    kinds = {event["type"] for event in stripe_twin.events()}
    for event in stripe_twin.events():
        raw, headers = stripe_twin.signed(event)
        signed = stripe_gateway.parse_webhook(raw, headers, now=clock.now())
        for found in stripe_gateway.observe(signed.payload):
            assert found.subscription is None or found.subscription.remote_id == number

    assert kinds >= {
        "checkout.session.completed",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.marked_uncollectible",
        "charge.dispute.created",
        "mandate.updated",
    }


def test_an_event_tells_what_a_look_tells(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_gateway.pause(number, key="1")
    event = stripe_twin.events("customer.subscription.updated")[-1]

    (told,), looked = stripe_gateway.observe(event), stripe_gateway.fetch_subscription(number)

    for name in ("state", "charge", "current_period_end", "paused_by", "cancel_at_period_end"):
        assert getattr(told.subscription, name) == getattr(looked.subscription, name)


def test_a_mandate_that_ended_is_told_of_its_subscription(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid(method="upi")
    stripe_paid(reference="ref-2", method="upi")
    stripe_twin.act(number, "lose_mandate")
    (event,) = stripe_twin.events("mandate.updated")

    (found,) = stripe_gateway.observe(event)

    assert found.subscription.remote_id == number
    assert found.subscription.mandate.state == "lost"


def test_an_uncollectible_invoice_suspends(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.act(number, "renew", "fail")
    stripe_twin.act(number, "uncollectible")
    (event,) = stripe_twin.events("invoice.marked_uncollectible")

    (found,) = stripe_gateway.observe(event)

    assert found.subscription.state == State.SUSPENDED
