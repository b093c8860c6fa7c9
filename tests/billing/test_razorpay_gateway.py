"""Razorpay's gateway on its twin: pages, mandates, what is lost on the way."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from billing.engine.lifecycle import State
from billing.errors import GatewayRefused, GatewayUnavailable
from billing.gateways.base import Charge, CheckoutRequest, Payer, PaymentRequest
from billing.gateways.registry import gateway_of
from tests.twins_razorpay import KEY_ID, KEY_SECRET

LOCAL = Charge(117_882, "INR", "local", "month")
YEAR = Charge(1_414_584, "INR", "local", "year")
PAYER = Payer("7", "Asha Sweets", "asha@sweets.example", "+919999900001")
BACK = "http://asha-sweets.localhost/billing/return/"
REFERENCE = "4be3a1c2-0000-4000-8000-000000000001"
DAY = 86_400


def request(**changes):
    return replace(CheckoutRequest(REFERENCE, LOCAL, BACK, payer=PAYER), **changes)


def link(**changes):
    asked = PaymentRequest(REFERENCE, 50_000, "INR", "Invoice L/26-27/1", BACK, payer=PAYER)
    return replace(asked, **changes)


@pytest.fixture
def gateway(razorpay_twin):
    return gateway_of("razorpay")


@pytest.fixture
def paid(gateway, razorpay_twin):
    """paid(): the id of a subscription that was paid on the page."""

    def make(method="upi", **changes):
        started = gateway.start_checkout(request(**changes))
        razorpay_twin.press(started.url, "pay", method)
        return started.remote_id

    return make


def state(gateway, remote_id):
    return gateway.fetch_subscription(remote_id).subscription.state


# --- plans


def test_a_plan_is_made_once_with_gst_in_paise(gateway, razorpay_twin):
    first, again = gateway.ensure_plan(LOCAL, key="a"), gateway.ensure_plan(LOCAL, key="b")
    year = gateway.ensure_plan(YEAR, key="a")

    plans = {row["id"]: row for row in razorpay_twin.all("plan")}
    assert first == again != year
    assert set(plans) == {first, year}
    assert plans[first]["item"]["amount"] == 117_882
    assert (plans[first]["period"], plans[year]["period"]) == ("monthly", "yearly")


def test_two_who_make_a_plan_at_once_go_on_with_the_same(gateway, razorpay_twin, monkeypatch):
    together, made = threading.Barrier(2), gateway._client.post

    def at_once(*arguments, **more):
        together.wait(5)
        answer = made(*arguments, **more)
        together.wait(5)
        return answer

    monkeypatch.setattr(gateway._client, "post", at_once)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(gateway.ensure_plan(LOCAL, key="")))
        for _turn in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(razorpay_twin.all("plan")) == 2
    assert len(found) == 2
    assert found[0] == found[1]


def test_a_plan_that_lies_about_its_name_is_refused(gateway, razorpay_twin):
    razorpay_twin.thing(gateway.ensure_plan(LOCAL, key=""))["item"]["amount"] = 100

    with pytest.raises(GatewayRefused):
        gateway.ensure_plan(LOCAL, key="")


def test_plans_beyond_the_first_page_are_found(gateway, razorpay_twin):
    number = gateway.ensure_plan(LOCAL, key="")
    for turn in range(101):
        razorpay_twin.twin.books.new(
            "plan", "plan", notes={"key": str(turn)}, item={}, period="monthly", interval=1
        )

    assert gateway.ensure_plan(LOCAL, key="") == number


# --- the page of a mandate


def test_the_page_is_paid(gateway, razorpay_twin):
    started = gateway.start_checkout(request())
    before = gateway.fetch_checkout(started.remote_id)
    razorpay_twin.press(started.url, "pay", "upi")
    after = gateway.fetch_checkout(started.remote_id)

    assert (before.checkout.state, before.subscription, before.payments) == ("open", None, ())
    assert before.checkout.reference == after.checkout.reference == REFERENCE
    assert after.is_authoritative
    assert (after.checkout.state, after.checkout.charge) == ("paid", LOCAL)
    theirs, (payment,) = after.subscription, after.payments
    assert (theirs.state, theirs.paid_count, theirs.remaining_count) == (State.ACTIVE, 1, 119)
    assert (theirs.mandate.state, theirs.mandate.method) == ("confirmed", "upi")
    assert theirs.cancel_at_period_end is None
    assert (payment.amount_paise, payment.currency, payment.method) == (117_882, "INR", "upi")
    assert payment.period_end == theirs.current_period_end
    assert payment.remote_id.startswith("pay_")
    assert payment.remote_invoice_id.startswith("inv_")


@pytest.mark.parametrize("action", ["decline", "abandon"])
def test_the_page_stays_open_when_it_is_not_paid(gateway, razorpay_twin, action):
    started = gateway.start_checkout(request())
    assert razorpay_twin.press(started.url, action, "card").status_code == 200

    assert gateway.fetch_checkout(started.remote_id).checkout.state == "open"


def test_a_yearly_mandate_has_ten_charges(gateway, paid):
    theirs = gateway.fetch_subscription(paid(charge=YEAR)).subscription

    assert theirs.remaining_count == 9
    assert theirs.charge == YEAR


def test_a_later_first_charge_is_a_trial(gateway, razorpay_twin, paid):
    starts_at = datetime.now(UTC) + timedelta(days=10)
    number = paid(starts_at=starts_at)
    promised = gateway.fetch_checkout(number)
    razorpay_twin.advance(10 * DAY + 60)
    charged = gateway.fetch_checkout(number)

    assert promised.subscription.state == State.TRIALING
    assert promised.subscription.mandate.state == "confirmed"
    assert (promised.checkout.state, promised.payments) == ("paid", ())
    assert charged.subscription.state == State.ACTIVE
    assert [one.amount_paise for one in charged.payments] == [117_882]
    assert charged.payments[0].period_start == starts_at.replace(microsecond=0)


def test_a_page_expires_without_a_word(gateway, razorpay_twin):
    expires_at = datetime.now(UTC) + timedelta(hours=24)
    started = gateway.start_checkout(request(expires_at=expires_at))
    razorpay_twin.advance(DAY + 1)
    found = gateway.fetch_checkout(started.remote_id)

    assert (found.checkout.state, found.subscription) == ("expired", None)
    assert razorpay_twin.events() == []
    assert gateway.find_checkout(REFERENCE) is None


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply", "not_json"])
def test_a_lost_answer_opens_no_second_page(gateway, razorpay_twin, fault):
    plan_id = gateway.ensure_plan(LOCAL, key="")
    razorpay_twin.control(**{fault: 1, "only": "/v1/subscriptions"})
    started = gateway.start_checkout(request(remote_plan_id=plan_id))

    (row,) = razorpay_twin.all("subscription")
    assert (started.remote_id, started.url) == (row["id"], row["short_url"])
    assert gateway.find_checkout(REFERENCE) == started


@pytest.mark.parametrize("fault", ["fail_before", "html_error", "rate_limit"])
def test_what_never_began_can_be_tried_again(gateway, razorpay_twin, fault):
    plan_id = gateway.ensure_plan(LOCAL, key="")
    razorpay_twin.control(**{fault: 1, "only": "/v1/subscriptions"})

    with pytest.raises(GatewayUnavailable):
        gateway.start_checkout(request(remote_plan_id=plan_id))
    assert razorpay_twin.all("subscription") == []
    assert gateway.start_checkout(request(remote_plan_id=plan_id)).url


def test_another_checkouts_page_is_not_found(gateway):
    gateway.start_checkout(request())

    assert gateway.find_checkout("another") is None


# --- one payment by link


def test_a_link_is_paid_and_comes_back_signed(gateway, razorpay_twin):
    started = gateway.start_payment(link())
    answer = razorpay_twin.press(started.url, "pay", "upi")
    found = gateway.fetch_checkout(started.remote_id)
    came_back = httpx.URL(answer.headers["Location"])
    params = dict(came_back.params)

    assert str(came_back).startswith(f"{BACK}?checkout={REFERENCE}&")
    assert (found.checkout.state, found.checkout.reference) == ("paid", REFERENCE)
    assert found.checkout.charge == Charge(50_000, "INR", "", "")
    assert (found.subscription, [one.amount_paise for one in found.payments]) == (None, [50_000])
    assert gateway.verify_return(started.remote_id, params)
    assert not gateway.verify_return("plink_other", params)
    for name in params:
        if name.startswith("razorpay_") and name != "razorpay_payment_link_id":
            assert not gateway.verify_return(started.remote_id, {**params, name: "x"}), name


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_a_link_is_made_once(gateway, razorpay_twin, fault):
    razorpay_twin.control(**{fault: 1, "only": "/v1/payment_links"})
    first, again = gateway.start_payment(link()), gateway.start_payment(link())

    assert first == again == gateway.find_checkout(REFERENCE)
    assert len(razorpay_twin.all("payment_link")) == 1


def test_a_link_expires(gateway, razorpay_twin):
    started = gateway.start_payment(link(expires_at=datetime.now(UTC) + timedelta(hours=1)))
    razorpay_twin.advance(3_601)

    assert gateway.fetch_checkout(started.remote_id).checkout.state == "expired"


def test_the_return_of_a_mandate_is_signed_for_our_own_id(gateway):
    import hashlib
    import hmac

    signed = hmac.new(KEY_SECRET.encode(), b"pay_1|sub_1", hashlib.sha256).hexdigest()
    params = {"razorpay_payment_id": "pay_1", "razorpay_signature": signed}

    assert gateway.verify_return("sub_1", params)
    assert not gateway.verify_return("sub_2", {**params, "razorpay_subscription_id": "sub_1"})
    assert not gateway.verify_return("sub_1", {**params, "razorpay_signature": "ü" * 64})
    assert not gateway.verify_return("sub_1", {})


# --- the life of a mandate


def test_a_failed_debit_is_tried_three_times_more_then_halted(gateway, razorpay_twin, paid):
    number = paid()
    razorpay_twin.outcome(number, "fail")
    razorpay_twin.act(number, "renew")
    first = gateway.fetch_subscription(number).subscription
    states = []
    for _day in range(3):
        razorpay_twin.act(number, "retry")
        states.append(state(gateway, number))
    halted = gateway.fetch_subscription(number).subscription

    assert (first.state, first.mandate) == (State.PAST_DUE, None)
    assert first.next_attempt_at == first.past_due_since + timedelta(days=1)
    assert states == [State.PAST_DUE, State.PAST_DUE, State.SUSPENDED]
    assert halted.past_due_since == first.past_due_since
    assert halted.paid_count == 1


def test_a_retry_that_goes_through(gateway, razorpay_twin, paid):
    number = paid()
    razorpay_twin.outcome(number, "fail")
    razorpay_twin.act(number, "renew")
    razorpay_twin.outcome(number, "succeed")
    razorpay_twin.act(number, "retry")
    found = gateway.fetch_subscription(number)

    assert (found.subscription.state, found.subscription.paid_count) == (State.ACTIVE, 2)
    assert found.subscription.past_due_since is None
    assert len(found.payments) == 2


def test_after_a_halt_the_unpaid_months_are_not_debited(gateway, razorpay_twin, paid):
    number = paid()
    razorpay_twin.act(number, "halt")
    razorpay_twin.advance(60 * DAY)
    razorpay_twin.pay(number, "card")
    found = gateway.fetch_subscription(number)
    assert (found.subscription.state, len(found.payments)) == (State.ACTIVE, 1)


def test_twelve_months_are_twelve_payments(gateway, razorpay_twin, paid):
    number = paid()
    razorpay_twin.advance(340 * DAY)
    found = gateway.fetch_subscription(number)

    assert found.subscription.paid_count == len(found.payments) == 12
    ends = [one.period_end for one in found.payments]
    assert ends == sorted(set(ends))
    assert [one.period_start for one in found.payments][1:] == ends[:-1]


def test_pause_and_resume(gateway, razorpay_twin, paid):
    number = paid()
    paused = gateway.pause(number, key="k").subscription
    again = gateway.pause(number, key="k").subscription
    razorpay_twin.advance(40 * DAY)
    still = len(gateway.fetch_subscription(number).payments)
    resumed = gateway.resume(number, key="k").subscription

    assert (paused.state, paused.paused_by, again.state) == (State.PAUSED, "us", State.PAUSED)
    assert still == 1
    assert (resumed.state, resumed.paused_by) == (State.ACTIVE, "")


def test_what_the_customer_paused_only_the_customer_resumes(gateway, razorpay_twin, paid):
    number = paid()
    razorpay_twin.act(number, "customer_pause")
    paused = gateway.fetch_subscription(number).subscription

    assert (paused.paused_by, paused.mandate.state) == ("customer", "paused")
    with pytest.raises(GatewayRefused):
        gateway.resume(number, key="k")
    razorpay_twin.act(number, "customer_resume")
    assert state(gateway, number) == State.ACTIVE


def test_a_promise_is_not_paused_since_that_would_cancel_it(gateway, razorpay_twin, paid):
    number = paid(starts_at=datetime.now(UTC) + timedelta(days=10))

    with pytest.raises(GatewayRefused):
        gateway.pause(number, key="k")
    assert state(gateway, number) == State.TRIALING


def test_cancelled_at_the_end_of_the_period(gateway, razorpay_twin, paid):
    number = paid()
    asked = gateway.cancel(number, at_period_end=True, key="k").subscription
    razorpay_twin.advance(32 * DAY)
    found = gateway.fetch_subscription(number)

    assert (asked.state, asked.cancel_at_period_end) == (State.ACTIVE, True)
    assert (found.subscription.state, len(found.payments)) == (State.CANCELED, 1)


def test_cancelled_now_and_again(gateway, paid):
    number = paid()
    first, again = (gateway.cancel(number, at_period_end=False, key="k") for _turn in range(2))

    assert first.subscription.state == again.subscription.state == State.CANCELED


def test_a_promise_that_is_cancelled_is_told_to_its_row(gateway, paid):
    number = paid(starts_at=datetime.now(UTC) + timedelta(days=10))
    gateway.cancel(number, at_period_end=False, key="k")

    assert gateway.fetch_subscription(number).subscription.state == State.CANCELED
    assert gateway.fetch_checkout(number).checkout.state == "abandoned"


def test_a_price_cannot_be_changed_nor_an_end_taken_back(gateway, razorpay_twin, paid):
    number, at = paid(), datetime.now(UTC)
    razorpay_asked = httpx.patch(
        f"{razorpay_twin.url}/v1/subscriptions/{number}",
        json={"plan_id": "plan_x"},
        auth=(KEY_ID, KEY_SECRET),
        trust_env=False,
    )

    assert razorpay_asked.status_code == 400
    assert gateway.capabilities.change_plan == "switch"
    for call in (
        lambda: gateway.change_plan(number, YEAR, at=at, key="k"),
        lambda: gateway.preview_change(number, YEAR, at=at),
        lambda: gateway.keep(number, key="k"),
    ):
        with pytest.raises(GatewayRefused):
            call()


def test_what_may_have_changed_is_named(gateway, razorpay_twin, paid):
    live, over = paid(), paid(reference="another")
    gateway.cancel(over, at_period_end=False, key="k")
    razorpay_twin.thing(over)["ended_at"] -= 10 * DAY
    now = datetime.now(UTC)
    assert list(gateway.changed_since(now)) == [live]
    assert set(gateway.changed_since(now - timedelta(days=30))) == {live, over}


def test_only_a_debit_that_waits_is_repaired_on_the_page(gateway, razorpay_twin, paid):
    number = paid()
    assert gateway.manage_url(number, return_url=BACK) == ""
    razorpay_twin.outcome(number, "fail")
    razorpay_twin.act(number, "renew")
    assert gateway.manage_url(number, return_url=BACK) == razorpay_twin.thing(number)["short_url"]
    razorpay_twin.act(number, "halt")
    assert gateway.manage_url(number, return_url=BACK) == ""
