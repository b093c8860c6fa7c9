"""What Stripe's objects say to us, table by table."""

from datetime import UTC, datetime

import pytest

from billing.engine.lifecycle import State
from billing.errors import EventRefused, GatewayRefused, MalformedEvent, RemoteNotFound
from billing.gateways.base import Charge, CheckoutRequest, MandateSnapshot
from billing.gateways.stripe import asking, events, telling

AT = 1_790_000_000
NOW = datetime.fromtimestamp(AT, UTC)
LATER = AT + 2_592_000
PRICE = {
    "id": "price_1",
    "unit_amount": 117_882,
    "currency": "inr",
    "recurring": {"interval": "month", "interval_count": 1},
    "metadata": {"plan": "local"},
}
ITEM = {"id": "si_1", "price": PRICE, "current_period_start": AT, "current_period_end": LATER}


def agreement(status="active", **changes):
    row = {"id": "sub_1", "object": "subscription", "status": status, "items": {"data": [ITEM]}}
    return row | {"pause_collection": None} | changes


def event(kind, thing, **changes):
    return {
        "id": "evt_1",
        "type": kind,
        "created": AT,
        "api_version": "2026-10-28.endive",
        "data": {"object": thing},
    } | changes


class Reader:
    """Answers which subscription or checkout was asked for."""

    def __init__(self, error=None):
        self.asked, self.error = [], error

    def subscription(self, remote_id):
        return self._ask("subscription", remote_id)

    def checkout(self, remote_id):
        return self._ask("checkout", remote_id)

    def _ask(self, what, remote_id):
        if self.error:
            raise self.error
        self.asked.append((what, remote_id))
        return (what, remote_id)


@pytest.mark.parametrize(
    ("status", "pause", "invoice", "state"),
    [
        ("incomplete", None, None, State.INCOMPLETE),
        ("incomplete_expired", None, None, State.EXPIRED),
        ("trialing", None, None, State.TRIALING),
        ("active", None, None, State.ACTIVE),
        ("past_due", None, None, State.PAST_DUE),
        ("unpaid", None, None, State.SUSPENDED),
        ("paused", None, None, State.PAUSED),
        ("canceled", None, None, State.CANCELED),
        ("active", {"behavior": "void"}, None, State.PAUSED),
        ("trialing", {"behavior": "void"}, None, State.PAUSED),
        ("past_due", {"behavior": "void"}, None, State.PAST_DUE),
        ("canceled", {"behavior": "void"}, None, State.CANCELED),
        ("past_due", None, "uncollectible", State.SUSPENDED),
        ("active", None, "uncollectible", State.SUSPENDED),
        ("canceled", None, "uncollectible", State.CANCELED),
        ("active", None, "paid", State.ACTIVE),
    ],
)
def test_states(status, pause, invoice, state):
    row = agreement(status, pause_collection=pause)

    found = telling.subscription(row, updated_at=NOW, invoice={"status": invoice})

    assert found.state == state
    assert found.paused_by == ("us" if pause else "")


def test_the_period_stands_on_the_item():
    found = telling.subscription(agreement(cancel_at_period_end=True), updated_at=NOW)

    assert found.current_period_start == NOW
    assert found.current_period_end == datetime.fromtimestamp(LATER, UTC)
    assert found.charge == Charge(117_882, "INR", "local", "month")
    assert found.cancel_at_period_end


@pytest.mark.parametrize(
    "row",
    [
        agreement("sleeping"),
        agreement(None),
        agreement(items={"data": []}),
        agreement(items={"data": [ITEM, ITEM]}),
        agreement(items={"data": [{**ITEM, "quantity": 2}]}),
        agreement(items={"data": [{**ITEM, "current_period_end": "soon"}]}),
        agreement(items={"data": [{**ITEM, "current_period_end": 10**18}]}),
        agreement(items={"data": [{**ITEM, "price": {**PRICE, "unit_amount": 1178.82}}]}),
        agreement(items={"data": [{**ITEM, "price": {**PRICE, "unit_amount": True}}]}),
        agreement(id="sub 1"),
        agreement(items=None),
    ],
)
def test_another_shape_is_malformed(row):
    with pytest.raises(MalformedEvent):
        telling.subscription(row, updated_at=NOW)


@pytest.mark.parametrize(
    ("recurring", "interval"),
    [
        ({"interval": "year", "interval_count": 1}, "year"),
        ({"interval": "month"}, "month"),
        ({"interval": "month", "interval_count": 3}, "3 intervals"),
        (None, ""),
    ],
)
def test_intervals(recurring, interval):
    assert telling.charge_of({**PRICE, "recurring": recurring}).interval == interval


def test_a_recurring_price_without_a_plan_is_nobodys():
    assert telling.charge_of({**PRICE, "metadata": {}}).plan == "unnamed"
    assert telling.charge_of({**PRICE, "metadata": {}, "recurring": None}).plan == ""


INTENT = {"status": "succeeded", "latest_charge": {"payment_method_details": {"type": "card"}}}
ASKED = {"card": {"customer_notification": {"approval_requested": True}}}


@pytest.mark.parametrize(
    ("method", "intent", "mandate", "expected"),
    [
        ({"type": "card"}, INTENT, {"status": "active"}, MandateSnapshot("confirmed", "card", 5)),
        ({"type": "card"}, INTENT, None, MandateSnapshot("confirmed", "card", 5)),
        ({"type": "upi"}, None, {"status": "pending"}, MandateSnapshot("pending", "upi", None)),
        ({"type": "card"}, {"status": "requires_action"}, None, ("needs_afa", "card", 5, "")),
        (
            {"type": "card"},
            {"status": "processing", "processing": ASKED},
            None,
            ("needs_afa", "card", 5, ""),
        ),
        ({"type": "card"}, {"status": "processing"}, None, ("confirmed", "card", 5, "")),
        (None, None, None, ("none", "", None, "")),
    ],
)
def test_mandates(method, intent, mandate, expected):
    options = {"card": {"mandate_options": {"amount": 5}}}
    row = agreement(payment_settings={"payment_method_options": options})

    found = telling.mandate_of(row, method=method, intent=intent, mandate=mandate)

    wanted = expected if isinstance(expected, MandateSnapshot) else MandateSnapshot(*expected)
    assert found == wanted


def test_a_lost_mandate_says_why():
    details = {"type": "card", "card": {"india": {"inactive_reason": "canceled"}}}
    mandate = {"status": "inactive", "payment_method_details": details}

    found = telling.mandate_of(agreement(), method={"type": "card"}, intent=INTENT, mandate=mandate)

    assert found == MandateSnapshot("lost", "card", None, "canceled")


@pytest.mark.parametrize(
    ("status", "paid", "more", "state"),
    [
        ("open", "unpaid", {}, "open"),
        ("expired", "unpaid", {}, "expired"),
        ("complete", "paid", {}, "paid"),
        ("complete", "no_payment_required", {}, "paid"),
        ("complete", "unpaid", {}, "open"),
        ("complete", "unpaid", {"subscription": {"status": "incomplete"}}, "open"),
        ("complete", "unpaid", {"subscription": {"status": "incomplete_expired"}}, "declined"),
        ("complete", "unpaid", {"payment_intent": {"status": "processing"}}, "open"),
        ("complete", "unpaid", {"payment_intent": {"status": "canceled"}}, "declined"),
    ],
)
def test_pages(status, paid, more, state):
    row = {"id": "cs_1", "client_reference_id": "ref", "status": status, "payment_status": paid}
    row |= {"line_items": {"data": [{"price": PRICE, "quantity": 1}]}} | more

    found = telling.checkout(row)

    assert (found.state, found.reference, found.charge.amount_paise) == (state, "ref", 117_882)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", "asked"),
        ("requires_action", "asked"),
        ("succeeded", "processed"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_refunds(status, state):
    row = {"id": "re_1", "status": status, "amount": 5, "payment_intent": "pi_1"}

    found = telling.refund(row | {"metadata": {"reference": "ours"}})

    assert (found.state, found.payment_id, found.reference) == (state, "pi_1", "ours")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", "open"),
        ("needs_response", "open"),
        ("under_review", "under_review"),
        ("warning_under_review", "under_review"),
        ("won", "won"),
        ("prevented", "won"),
        ("lost", "lost"),
        ("warning_closed", "closed"),
    ],
)
def test_disputes(status, state):
    row = {"id": "du_1", "status": status, "amount": 5, "payment_intent": {"id": "pi_1"}}

    found = telling.dispute(row, updated_at=NOW)

    assert (found.state, found.payment_id, found.updated_at) == (state, "pi_1", NOW)


# --- events

LOOKED_UP = [
    *(f"invoice.{name}" for name in ("paid", "payment_failed", "payment_action_required")),
    *(f"invoice.{name}" for name in ("voided", "marked_uncollectible", "overdue")),
]
PAGES = [
    *("checkout.session.completed", "checkout.session.expired"),
    *("checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"),
]
UNUSED = [
    *("invoice.created", "invoice.finalized", "invoice.upcoming", "invoice_payment.paid"),
    *("payment_intent.succeeded", "charge.succeeded", "charge.refunded", "charge.refund.updated"),
    *("customer.created", "customer.updated", "payout.paid", "v2.core.event", "invoice."),
    *("checkout.session.", "x", "...", "mandate.created"),
]


@pytest.mark.parametrize("kind", LOOKED_UP)
def test_an_invoice_sends_us_to_its_subscription(kind):
    reader = Reader()
    parent = {"subscription_details": {"subscription": "sub_1"}}

    events.observations(event(kind, {"id": "in_1", "parent": parent}), reader)

    assert reader.asked == [("subscription", "sub_1")]


def test_an_invoice_without_a_subscription_is_not_used():
    for parent in (None, {"quote_details": {}}, {"subscription_details": None}):
        found = events.observations(event("invoice.paid", {"parent": parent}), Reader())
        assert found == ()


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_looked_at(kind):
    reader = Reader()

    events.observations(event(kind, {"id": "cs_1"}), reader)

    assert reader.asked == [("checkout", "cs_1")]


@pytest.mark.parametrize("kind", UNUSED)
def test_other_events_are_not_used(kind):
    assert events.observations(event(kind, {"id": "x_1"}), Reader()) == ()


@pytest.mark.parametrize("last", ["created", "updated", "deleted", "paused", "resumed"])
def test_a_subscription_event_is_read_as_it_stands(last):
    reader = Reader()

    (found,) = events.observations(event(f"customer.subscription.{last}", agreement()), reader)

    assert found.subscription.updated_at == NOW
    assert found.checkout is None and found.payments == () and not found.is_authoritative
    assert reader.asked == []


def test_an_event_of_another_version_of_the_api_is_not_taken_at_its_word():
    reader = Reader()
    told = event("customer.subscription.updated", agreement(), api_version="2025-03-31.basil")

    assert events.observations(told, reader) == (("subscription", "sub_1"),)


def test_what_stripe_does_not_know_is_refused():
    told = event("checkout.session.completed", {"id": "cs_1"})

    with pytest.raises(EventRefused):
        events.observations(told, Reader(RemoteNotFound()))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": 5},
        {"type": "invoice.paid"},
        {"type": "invoice.paid", "created": AT, "data": []},
        event("invoice.paid", None),
        event("invoice.paid", {"parent": "x"}),
        event("customer.subscription.updated", {}, created="today"),
        event("customer.subscription.updated", {}),
        event("checkout.session.completed", {"id": "../../v1/x"}),
        event("refund.created", {"id": "re_1", "status": "unknown"}),
        event("charge.dispute.created", {"id": "du_1", "status": "unknown"}),
        event("mandate.updated", {"status": None}),
    ],
)
def test_malformed_events_are_named_so(payload):
    with pytest.raises(MalformedEvent):
        events.observations(payload, Reader())


# --- what is asked

REQUEST = CheckoutRequest(
    reference="0f8f", charge=Charge(117_882, "INR", "local", "month"), return_url="http://a.in/r/"
)


@pytest.mark.parametrize(
    ("method", "methods"), [("", ["card", "upi"]), ("upi", ["upi"]), ("card", ["card"])]
)
def test_methods(method, methods):
    request = CheckoutRequest(**{**vars(REQUEST), "method": method, "mandate_limit_paise": 500_000})

    asked = asking.subscription_page(request, price_id="price_1", customer_id="")

    assert asked["allowed_payment_method_types"] == methods
    mandate = asked.get("payment_method_options", {}).get("upi", {}).get("mandate_options", {})
    assert mandate.get("amount") == (500_000 if "upi" in methods else None)


def test_an_emandate_is_not_had_at_stripe():
    request = CheckoutRequest(**{**vars(REQUEST), "method": "emandate"})

    with pytest.raises(GatewayRefused):
        asking.subscription_page(request, price_id="price_1", customer_id="")


def test_the_same_request_asks_the_same():
    ask = asking.subscription_page

    assert ask(REQUEST, price_id="p", customer_id="c") == ask(
        REQUEST, price_id="p", customer_id="c"
    )


def test_where_the_browser_comes_back():
    asked = asking.subscription_page(REQUEST, price_id="p", customer_id="")

    query = "http://a.in/r/?checkout=0f8f&result="
    assert asked["success_url"] == query + "paid&session_id={CHECKOUT_SESSION_ID}"
    assert asked["cancel_url"] == query + "abandoned"
