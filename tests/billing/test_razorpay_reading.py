"""What is taken from Razorpay's events, and what is refused: no network but the plan's."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import InvalidSignature, MalformedEvent
from billing.gateways.base import Charge, Observation
from billing.gateways.razorpay import RazorpayGateway, events, telling
from billing.gateways.razorpay.signature import EVENT_HEADER, HEADER, signature_of

AT = 1_796_000_000
NOW = datetime.fromtimestamp(AT, UTC)
CHARGE = Charge(117_882, "INR", "local", "month")
SUBSCRIPTION = {
    "id": "sub_1",
    "entity": "subscription",
    "plan_id": "plan_1",
    "status": "active",
    "quantity": 1,
    "current_start": AT,
    "current_end": AT + 2_592_000,
    "start_at": AT,
    "charge_at": AT + 2_592_000,
    "paid_count": 1,
    "remaining_count": 119,
    "payment_method": "upi",
    "notes": {"op_id": "ref-1"},
}
PAYMENT = {
    "id": "pay_1",
    "status": "captured",
    "captured": "1",
    "amount": 117_882,
    "currency": "INR",
    "method": "upi",
    "invoice_id": "inv_1",
    "created_at": AT,
}


class Reader:
    """Knows the one plan; anything else that is asked is a mistake of the test."""

    def charge(self, row):
        assert row["plan_id"] == "plan_1"
        return CHARGE

    def subscription(self, remote_id):
        return Observation(None, remote_id, ())


def event(kind, at=AT, **entities):
    payload = {name: {"entity": row} for name, row in entities.items()}
    return {"event": kind, "created_at": at, "payload": payload}


def observed(kind, **entities):
    return events.observations(event(kind, **entities), Reader())


@pytest.mark.parametrize(
    ("status", "paid_count", "start_at", "state", "shown", "mandate"),
    [
        ("authenticated", 0, AT + 1, State.TRIALING, "paid", "confirmed"),
        ("authenticated", 0, AT, State.INCOMPLETE, "open", "confirmed"),
        ("authenticated", 0, None, State.INCOMPLETE, "open", "confirmed"),
        ("active", 1, AT, State.ACTIVE, "paid", "confirmed"),
        ("pending", 1, AT, State.PAST_DUE, "paid", None),
        ("pending", 0, AT, State.PAST_DUE, "open", None),
        ("halted", 1, AT, State.SUSPENDED, "paid", None),
        ("paused", 1, AT, State.PAUSED, "paid", None),
        ("completed", 120, AT, State.ENDED, "paid", None),
        ("cancelled", 1, AT, State.CANCELED, "paid", None),
        ("cancelled", 0, AT, State.CANCELED, "abandoned", None),
        ("expired", 0, AT, State.EXPIRED, "expired", None),
    ],
)
def test_states(status, paid_count, start_at, state, shown, mandate):
    row = {**SUBSCRIPTION, "status": status, "paid_count": paid_count, "start_at": start_at}
    found = observed("subscription.updated", subscription=row)

    theirs = found[-1].subscription
    assert (theirs.state, theirs.paid_count, theirs.charge) == (state, paid_count, CHARGE)
    assert (theirs.mandate.state if theirs.mandate else None) == mandate
    assert (found[0].checkout.state, found[0].checkout.reference) == (shown, "ref-1")
    # Told apart until there is money or a promise: the page may be ours, its subscription not yet.
    assert len(found) == (1 if paid_count or state == State.TRIALING else 2)


def test_a_page_that_was_not_opened_is_no_subscription():
    row = {**SUBSCRIPTION, "status": "created", "paid_count": 0, "current_start": None}
    (found,) = observed("subscription.updated", subscription=row)

    assert (found.checkout.state, found.subscription) == ("open", None)


@pytest.mark.parametrize("kind", ["charged", "activated"])
def test_a_charge_brings_its_payment(kind):
    (found,) = observed(f"subscription.{kind}", subscription=SUBSCRIPTION, payment=PAYMENT)

    (payment,) = found.payments
    assert (payment.remote_id, payment.amount_paise) == ("pay_1", 117_882)
    assert (payment.paid_at, payment.period_start) == (NOW, NOW)
    assert payment.period_end == NOW + timedelta(days=30)
    assert (payment.method, payment.remote_invoice_id) == ("upi", "inv_1")
    assert not found.is_authoritative


@pytest.mark.parametrize(
    "changed",
    [{"status": "failed"}, {"captured": False}, {"captured": "0"}, {"status": "authorized"}],
)
def test_money_that_is_not_captured_is_none(changed):
    money = {**PAYMENT, **changed}
    (found,) = observed("subscription.charged", subscription=SUBSCRIPTION, payment=money)

    assert found.payments == ()


def test_the_payment_of_a_failed_debit_is_none():
    row = {**SUBSCRIPTION, "status": "pending"}
    (found,) = observed("subscription.pending", subscription=row, payment=PAYMENT)

    assert found.payments == ()
    assert found.subscription.next_attempt_at == NOW + timedelta(days=30)


@pytest.mark.parametrize(("by", "ours"), [("self", "us"), ("customer", "customer"), (None, "")])
def test_who_paused(by, ours):
    row = {**SUBSCRIPTION, "status": "paused", "pause_initiated_by": by}
    (found,) = observed("subscription.paused", subscription=row)

    assert found.subscription.paused_by == ours
    assert bool(found.subscription.mandate) == (by == "customer")


@pytest.mark.parametrize("notes", [[], {}, None, "text", {"op_id": None}])
def test_empty_notes_have_any_shape(notes):
    row = {**SUBSCRIPTION, "notes": notes}
    (found,) = observed("subscription.charged", subscription=row, payment=PAYMENT)

    assert found.checkout.reference == ""


def test_the_time_may_stand_inside():
    body = event("subscription.activated", subscription=SUBSCRIPTION)
    body["payload"]["created_at"] = body.pop("created_at")
    (found,) = events.observations(body, Reader())

    assert found.subscription.updated_at == NOW


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "unheard_of"},
        {"quantity": 2},
        {"paid_count": -1},
        {"paid_count": 10_001},
        {"paid_count": "1"},
        {"paid_count": True},
        {"id": "sub 1"},
        {"id": None},
        {"current_end": 10**20},
        {"remaining_count": "many"},
    ],
)
def test_junk_is_malformed(changed):
    with pytest.raises(MalformedEvent):
        observed("subscription.charged", subscription={**SUBSCRIPTION, **changed})


@pytest.mark.parametrize(
    "kind",
    [
        *("payment.captured", "payment.failed", "payment.authorized", "order.paid", "token.paused"),
        *("subscription.unknown", "invoice.partially_paid", "refund.", "subscription", "", "x.y.z"),
    ],
)
def test_kinds_that_are_not_used(kind):
    if not kind:
        with pytest.raises(MalformedEvent):
            observed(kind)
        return
    assert observed(kind) == ()


def test_an_invoice_has_its_subscription_read():
    ours, others = {"subscription_id": "sub_1"}, {"subscription_id": None}

    assert observed("invoice.paid", invoice=ours)[0].subscription == "sub_1"
    assert observed("invoice.paid", invoice=others) == ()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(("paid", "paid"), ("expired", "expired"), ("cancelled", "abandoned")),
        *(("created", "open"), ("partially_paid", "open")),
    ],
)
def test_links(status, state):
    row = {"id": "plink_1", "reference_id": "ref-1", "amount": 117_882, "currency": "INR"}
    found = observed("payment_link.paid", payment_link={**row, "status": status}, payment=PAYMENT)

    assert found[0].checkout.state == state
    assert found[0].checkout.charge == Charge(117_882, "INR", "", "")
    assert len(found[0].payments) == 1


def test_a_paid_link_without_its_payment_is_malformed():
    row = {"id": "plink_1", "reference_id": "r", "amount": 1, "currency": "INR", "status": "paid"}

    with pytest.raises(MalformedEvent):
        observed("payment_link.paid", payment_link=row)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *(("pending", "asked"), ("created", "asked"), ("processed", "processed")),
        ("failed", "failed"),
    ],
)
def test_refunds(status, state):
    row = {"id": "rfnd_1", "payment_id": "pay_1", "amount": 100, "status": status, "notes": []}
    (found,) = observed("refund.processed", refund=row)

    (refund,) = found.refunds
    assert (refund.state, refund.payment_id, refund.amount_paise) == (state, "pay_1", 100)
    assert refund.reference == ""


@pytest.mark.parametrize(
    ("period", "count", "interval"),
    [("monthly", 1, "month"), ("yearly", 1, "year"), ("monthly", 3, "3 monthly"), ("w", 1, "w")],
)
def test_plans(period, count, interval):
    plan = {
        "period": period,
        "interval": count,
        "item": {"amount": 5, "currency": "INR"},
        "notes": {"plan": "local"},
    }

    assert telling.charge_of(plan) == Charge(5, "INR", "local", interval)


# --- signatures


def gateway(secrets="new,old"):
    return RazorpayGateway(
        key_id="k", key_secret="s", webhook_secret=secrets, base_url="http://127.0.0.1:9"
    )


RAW = json.dumps(event("subscription.charged")).encode()


@pytest.mark.parametrize(("secret", "is_good"), [("new", True), ("old", True), ("other", False)])
def test_both_secrets_sign_while_they_are_changed(secret, is_good):
    headers = {HEADER: signature_of(RAW, secret), EVENT_HEADER: "evt1"}
    if not is_good:
        with pytest.raises(InvalidSignature):
            gateway().parse_webhook(RAW, headers, now=NOW)
        return
    signed = gateway().parse_webhook(RAW, headers, now=NOW)

    assert (signed.event_id, signed.kind) == ("evt1", "subscription.charged")
    assert signed.payload == json.loads(RAW)


def test_a_known_signature():
    # printf 'abc' | openssl dgst -sha256 -hmac key
    known = "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"

    assert signature_of(b"abc", "key") == known


@pytest.mark.parametrize("offered", ["", "x", "é" * 64, "0" * 64, "0" * 63, signature_of(RAW, "")])
def test_what_was_not_signed(offered):
    with pytest.raises(InvalidSignature):
        gateway().parse_webhook(RAW, {HEADER: offered}, now=NOW)


def test_one_changed_byte_is_enough():
    with pytest.raises(InvalidSignature):
        gateway().parse_webhook(RAW + b" ", {HEADER: signature_of(RAW, "new")}, now=NOW)


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"[]", b"{}", b'{"event": 1}', b'{"event": "a\\u0000"}', b"[" * 100_000]
)
def test_signed_junk_is_refused_too(raw):
    with pytest.raises(InvalidSignature):
        gateway().parse_webhook(raw, {HEADER: signature_of(raw, "new")}, now=NOW)


@pytest.mark.parametrize("header", [None, "", "a b", "x" * 101, "é"])
def test_without_a_proper_id_the_body_names_itself(header):
    headers = {HEADER: signature_of(RAW, "new")} | ({EVENT_HEADER: header} if header else {})
    first = gateway().parse_webhook(RAW, headers, now=NOW)

    assert first.event_id.startswith("body:")
    assert first.event_id == gateway().parse_webhook(RAW, headers, now=NOW).event_id


@pytest.mark.parametrize(
    ("status", "method", "amount", "is_open", "mandate"),
    [
        ("pending", "card", 1_500_001, False, "needs_afa"),
        ("pending", "card", 1_500_000, False, None),
        ("pending", "upi", 2_950_000, False, "needs_afa"),
        ("pending", "emandate", 2_950_000, True, None),
        ("active", "card", 2_950_000, True, "needs_afa"),
        ("active", "card", 2_950_000, False, "confirmed"),
        ("active", "emandate", 2_950_000, True, "confirmed"),
        ("active", "upi", 117_882, True, "confirmed"),
        ("halted", "card", 2_950_000, True, None),
    ],
)
def test_an_open_debit_above_the_limit_waits_for_the_customer(
    status, method, amount, is_open, mandate
):
    row = SUBSCRIPTION | {"status": status, "payment_method": method}
    since = NOW if is_open else None
    charge = Charge(amount, "INR", "enterprise", "month")
    (found,) = telling.observations(row, charge, at=NOW, past_due_since=since)
    theirs = found.subscription.mandate
    assert (theirs.state if theirs else None) == mandate
    assert theirs is None or theirs.method == method
