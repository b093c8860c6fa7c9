"""Stripe's pages: opened once, paid, declined, forgotten, and what goes wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import Charge, PaymentRequest
from billing.gateways.registry import gateway_of
from marketing_platform.core import clock
from tests.billing.stripe_calls import (
    BACK,
    DAY,
    LOCAL,
    LOCAL_YEAR,
    PAYER,
    request,
)

# --- the page


def test_a_page_says_what_we_asked_for(stripe_gateway, stripe_twin):
    started = stripe_gateway.start_checkout(request())

    found = stripe_gateway.fetch_checkout(started.remote_id)

    assert found.checkout.charge == LOCAL
    assert (found.checkout.state, found.checkout.reference) == ("open", "ref-1")
    assert found.subscription is None and found.is_authoritative
    assert started.url.startswith(f"{stripe_twin.url}/c/pay/cs_")


def test_the_same_reference_is_the_same_page(stripe_gateway, stripe_twin):
    assert stripe_gateway.start_checkout(request()) == stripe_gateway.start_checkout(request())
    assert len(stripe_twin.all("checkout.session")) == 1


def test_another_body_under_the_same_reference_is_refused(stripe_gateway):
    stripe_gateway.start_checkout(request())

    with pytest.raises(GatewayRefused):
        stripe_gateway.start_checkout(request(return_url=f"{BACK}?other=1"))


def test_a_payer_is_one_customer_with_one_gstin(stripe_gateway, stripe_twin):
    for number in range(3):
        stripe_gateway.start_checkout(request(f"ref-{number}"))

    (customer,) = stripe_twin.all("customer")
    (gstin,) = stripe_twin.all("tax_id")
    assert customer["email"] == PAYER.email
    assert (gstin["value"], gstin["customer"]) == (PAYER.gstin, customer["id"])


def test_two_payers_of_one_address_are_two_customers(stripe_gateway, stripe_twin):
    stripe_gateway.start_checkout(request("ref-1"))
    stripe_gateway.start_checkout(request("ref-2", payer=replace(PAYER, account="8")))

    assert len(stripe_twin.all("customer")) == 2


def test_without_a_payer_the_page_makes_its_own(stripe_gateway, stripe_twin):
    started = stripe_gateway.start_checkout(request(payer=None))
    stripe_twin.pay(started.remote_id)

    assert stripe_gateway.fetch_checkout(started.remote_id).subscription.state == State.ACTIVE


def test_a_price_is_made_once(stripe_gateway, stripe_twin):
    first, second = (stripe_gateway.ensure_plan(LOCAL, key=key) for key in ("a", "b"))
    other = stripe_gateway.ensure_plan(LOCAL_YEAR, key="c")

    assert first == second != other
    assert len(stripe_twin.all("price")) == 2
    assert len(stripe_twin.all("product")) == 1


def test_a_price_that_is_not_what_its_name_says_is_refused(stripe_gateway, stripe_twin):
    stripe_twin.thing(stripe_gateway.ensure_plan(LOCAL, key="a"))["unit_amount"] = 1

    with pytest.raises(GatewayRefused):
        stripe_gateway.ensure_plan(LOCAL, key="b")


@pytest.mark.parametrize("action", ["decline", "abandon"])
def test_a_declined_card_leaves_the_page_open(stripe_gateway, stripe_twin, action):
    started = stripe_gateway.start_checkout(request())

    stripe_twin.press(started.url, action)

    assert stripe_gateway.fetch_checkout(started.remote_id).checkout.state == "open"


def test_paying_on_the_page_leads_back_with_its_id(stripe_gateway, stripe_twin):
    started = stripe_gateway.start_checkout(request())

    answer = stripe_twin.press(started.url, "pay")

    address = answer.headers["Location"]
    assert address.startswith(BACK) and f"session_id={started.remote_id}" in address
    assert stripe_gateway.verify_return(started.remote_id, {"session_id": started.remote_id})
    assert not stripe_gateway.verify_return(started.remote_id, {"session_id": "cs_other"})
    assert not stripe_gateway.verify_return(started.remote_id, {})


def test_a_paid_page_is_one_payment_and_its_period(stripe_gateway, stripe_twin):
    started = stripe_gateway.start_checkout(request())
    stripe_twin.pay(started.remote_id, "upi")

    found = stripe_gateway.fetch_checkout(started.remote_id)

    (payment,), agreement = found.payments, found.subscription
    assert found.checkout.state == "paid"
    assert (agreement.state, agreement.charge, agreement.paid_count) == (State.ACTIVE, LOCAL, 1)
    assert (payment.amount_paise, payment.currency, payment.method) == (117_882, "INR", "upi")
    assert payment.period_start == agreement.current_period_start
    assert payment.period_end == agreement.current_period_end
    assert agreement.mandate.state == "confirmed"
    # The limit of a UPI mandate is asked for on the page: the price itself when nothing is said.
    assert agreement.mandate.limit_paise == 117_882


def test_a_page_expires(stripe_gateway, stripe_twin):
    started = stripe_gateway.start_checkout(request())
    stripe_twin.advance(DAY)

    assert stripe_gateway.fetch_checkout(started.remote_id).checkout.state == "expired"
    assert stripe_gateway.find_checkout("ref-1") is None


@pytest.mark.parametrize(("last", "state"), [("settle", "paid"), ("fail", "declined")])
def test_a_payment_that_takes_its_time(stripe_gateway, stripe_twin, last, state):
    started = stripe_gateway.start_checkout(request())
    stripe_twin.press(started.url, "process", "upi")
    waiting = stripe_gateway.fetch_checkout(started.remote_id)

    stripe_twin.post(f"sessions/{started.remote_id}", {"action": last})

    found = stripe_gateway.fetch_checkout(started.remote_id)
    assert (waiting.checkout.state, waiting.subscription.state) == ("open", State.INCOMPLETE)
    assert waiting.payments == ()
    assert found.checkout.state == state
    assert len(found.payments) == (1 if state == "paid" else 0)
    expected = State.ACTIVE if state == "paid" else State.EXPIRED
    assert found.subscription.state == expected


def test_a_first_charge_that_comes_later(stripe_gateway, stripe_twin):
    starts_at = clock.now().replace(microsecond=0) + timedelta(days=14)
    started = stripe_gateway.start_checkout(request(starts_at=starts_at))
    stripe_twin.pay(started.remote_id)
    before = stripe_gateway.fetch_checkout(started.remote_id)

    stripe_twin.advance(14 * DAY + 60)

    after = stripe_gateway.fetch_checkout(started.remote_id)
    assert (before.checkout.state, before.checkout.charge) == ("paid", LOCAL)
    assert (before.subscription.state, before.payments) == (State.TRIALING, ())
    assert before.subscription.mandate.state == "confirmed"
    assert (after.subscription.state, len(after.payments)) == (State.ACTIVE, 1)
    assert after.subscription.current_period_start == starts_at


def test_a_page_is_open_for_a_day_at_most(stripe_gateway, stripe_twin):
    asked = clock.now() + timedelta(days=3)
    wanted = PaymentRequest("ref-9", 2_950_000, "INR", "Invoice", BACK, expires_at=asked)

    started, again = stripe_gateway.start_payment(wanted), stripe_gateway.start_payment(wanted)

    row = stripe_twin.thing(started.remote_id)
    assert row["expires_at"] - row["created"] == DAY
    assert started == again


def test_one_payment_without_a_subscription(stripe_gateway, stripe_twin):
    wanted = PaymentRequest("ref-9", 2_950_000, "INR", "Invoice AB/1", BACK, payer=PAYER)
    started = stripe_gateway.start_payment(wanted)
    before = stripe_gateway.fetch_checkout(started.remote_id)
    stripe_twin.pay(started.remote_id, "upi")

    found = stripe_gateway.fetch_checkout(started.remote_id)

    assert (before.checkout.state, before.payments) == ("open", ())
    assert (found.checkout.state, found.subscription) == ("paid", None)
    assert found.checkout.charge == Charge(2_950_000, "INR", "", "")
    assert [(one.amount_paise, one.method) for one in found.payments] == [(2_950_000, "upi")]


# --- what goes wrong on the way


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply", "not_json"])
def test_a_lost_answer_leaves_one_page(stripe_gateway, stripe_twin, fault):
    stripe_gateway.ensure_plan(LOCAL, key="a")
    stripe_twin.control(**{fault: 1, "only": "/checkout/sessions"})

    started = stripe_gateway.start_checkout(request(payer=None))

    assert started.remote_id == stripe_twin.all("checkout.session")[0]["id"]
    assert len(stripe_twin.all("checkout.session")) == 1


def test_an_answer_lost_for_good_is_found_again(stripe_gateway, stripe_twin):
    stripe_gateway.ensure_plan(LOCAL, key="a")
    stripe_twin.control(fail_after_apply=True, only="/checkout/sessions")
    # Every answer is lost, the look at the open pages is not.
    started = stripe_gateway.start_checkout(request(payer=None))

    assert stripe_gateway.find_checkout("ref-1") == started
    assert stripe_gateway.find_checkout("ref-2") is None
    assert len(stripe_twin.all("checkout.session")) == 1


@pytest.mark.parametrize("fault", ["fail_before", "rate_limit"])
def test_a_gateway_that_is_away(stripe_gateway, stripe_twin, fault):
    stripe_twin.control(**{fault: True})

    with pytest.raises(GatewayUnavailable):
        stripe_gateway.start_checkout(request())


def test_a_wrong_key_is_refused(stripe_gateway, stripe_twin):
    stripe_twin.twin.secret_key = "sk_test_other"

    with pytest.raises(GatewayRefused):
        stripe_gateway.start_checkout(request())


def test_a_gateway_that_cannot_be_reached(stripe_twin, settings):
    settings.STRIPE_URL = "http://127.0.0.1:9"

    with pytest.raises(GatewayUnavailable):
        gateway_of("stripe").fetch_subscription("sub_1")


def test_what_is_not_there(stripe_gateway):
    for look in (stripe_gateway.fetch_checkout, stripe_gateway.fetch_subscription):
        with pytest.raises(RemoteNotFound):
            look("sub_nobody")


def test_an_answer_of_another_shape_is_tried_again_later(stripe_gateway, stripe_twin, stripe_paid):
    number = stripe_paid()
    stripe_twin.thing(number)["status"] = "sleeping"

    with pytest.raises(GatewayUnavailable):
        stripe_gateway.fetch_subscription(number)


def test_no_address_of_a_customer_is_logged(stripe_gateway, caplog):
    with caplog.at_level("INFO"):
        stripe_gateway.start_checkout(request())

    assert "sweets.example" not in caplog.text and "asha" not in caplog.text
