"""The sandbox gateway's whole contract, over HTTP against its process."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import httpx
import pytest

from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import Charge, CheckoutRequest, PaymentRequest
from billing.gateways.registry import gateway_of

MONTH = Charge(117_882, "INR", "local", "month")
YEAR = Charge(1_178_820, "INR", "local", "year")
BACK = "http://asha-sweets.localhost/billing/return/"


@pytest.fixture
def gateway(twin):
    return gateway_of("sandbox")


@pytest.fixture
def press(twin):
    def post(url, action="pay"):
        return httpx.post(url, data={"action": action}, trust_env=False, verify=False)

    return post


@pytest.fixture
def bought(gateway, press):
    """buy(**changes): the observation of a paid checkout."""

    def buy(**changes):
        request = CheckoutRequest(reference=str(uuid4()), charge=MONTH, return_url=BACK)
        started = gateway.start_checkout(replace(request, **changes))
        press(started.url)
        return gateway.fetch_checkout(started.remote_id)

    return buy


def test_a_page_is_found_by_its_reference(gateway):
    reference = str(uuid4())
    assert gateway.find_checkout(reference) is None
    started = gateway.start_checkout(CheckoutRequest(reference, MONTH, BACK))
    assert gateway.find_checkout(reference) == started
    assert gateway.ensure_plan(MONTH, key="k") == ""


def test_one_payment_by_link_makes_no_subscription(gateway, press):
    request = PaymentRequest(str(uuid4()), 2_950_000, "INR", "INV-1 & co", BACK)
    started = gateway.start_payment(request)
    assert gateway.start_payment(request) == started
    assert "INV-1 &amp; co" in httpx.get(started.url, trust_env=False, verify=False).text
    press(started.url)
    seen = gateway.fetch_checkout(started.remote_id)
    assert (seen.checkout.state, seen.subscription, len(seen.payments)) == ("paid", None, 1)
    assert (seen.payments[0].amount_paise, seen.checkout.charge.plan) == (2_950_000, "")
    assert seen.is_authoritative


def test_a_later_start_makes_the_mandate_and_charges_nothing(bought):
    starts_at = datetime.now(UTC) + timedelta(days=10)
    seen = bought(starts_at=starts_at, method="upi").subscription
    assert (seen.state, seen.paid_count) == ("trialing", 0)
    assert (seen.mandate.state, seen.mandate.method, seen.mandate.limit_paise) == (
        "confirmed",
        "upi",
        10_000_000,
    )
    assert seen.current_period_end == starts_at.replace(microsecond=0)


@pytest.mark.parametrize("result", ["paid", "declined"])
def test_the_way_back_is_signed(gateway, press, result):
    started = gateway.start_checkout(CheckoutRequest(str(uuid4()), MONTH, BACK))
    answer = press(started.url, {"paid": "pay", "declined": "decline"}[result])
    params = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert params["result"] == result
    assert gateway.verify_return(started.remote_id, params)
    assert not gateway.verify_return("chk_other", params)
    assert not gateway.verify_return(started.remote_id, params | {"result": "other"})
    assert not gateway.verify_return(started.remote_id, params | {"signature": "\u0939"})
    assert not gateway.verify_return(started.remote_id, {})


def test_cancel_at_the_end_is_taken_back_and_now_is_final(gateway, bought):
    remote = bought().subscription.remote_id
    later = gateway.cancel(remote, at_period_end=True, key=f"{remote}:a").subscription
    assert (later.state, later.cancel_at_period_end) == ("active", True)
    kept = gateway.keep(remote, key=f"{remote}:b").subscription
    assert (kept.state, kept.cancel_at_period_end) == ("active", False)
    assert (
        gateway.cancel(remote, at_period_end=False, key=f"{remote}:c").subscription.state
        == "canceled"
    )
    with pytest.raises(GatewayRefused):
        gateway.keep(remote, key=f"{remote}:d")


def test_pause_and_resume_and_who_may(gateway, bought, twin):
    remote = bought().subscription.remote_id
    paused = gateway.pause(remote, key=f"{remote}:a").subscription
    assert (paused.state, paused.paused_by) == ("paused", "us")
    resumed = gateway.resume(remote, key=f"{remote}:b").subscription
    assert (resumed.state, resumed.paused_by) == ("active", "")
    twin.change(remote, "customer_pause")
    assert gateway.fetch_subscription(remote).subscription.paused_by == "customer"
    with pytest.raises(GatewayRefused):
        gateway.resume(remote, key=f"{remote}:c")


def test_a_change_in_place_costs_what_its_preview_said(gateway, bought):
    before = bought()
    remote, start = before.subscription.remote_id, before.subscription.current_period_start
    half = start + (before.subscription.current_period_end - start) / 2
    due = gateway.preview_change(remote, YEAR, at=half)
    assert due == 1_178_820 - 58_941
    after = gateway.change_plan(remote, YEAR, at=half, key=f"{remote}:a")
    again = gateway.change_plan(remote, YEAR, at=half, key=f"{remote}:a")
    assert after == again
    assert [one.amount_paise for one in after.payments] == [117_882, due]
    assert (after.subscription.charge, after.subscription.paid_count) == (YEAR, 2)


def test_a_change_beyond_the_mandate_is_refused(gateway, bought):
    remote = bought(mandate_limit_paise=117_882).subscription.remote_id
    with pytest.raises(GatewayRefused):
        gateway.change_plan(remote, YEAR, at=datetime.now(UTC), key=f"{remote}:a")
    assert gateway.fetch_subscription(remote).subscription.charge == MONTH


def test_a_refund_is_given_once_per_key(gateway, bought):
    payment = bought().payments[0].remote_id
    first = gateway.refund(payment, 50_000, reason="half", key="key-1")
    assert gateway.refund(payment, 50_000, reason="half", key="key-1") == first
    assert (first.state, first.reference, first.payment_id) == ("processed", "key-1", payment)
    assert gateway.fetch_refunds(payment) == (first,)
    with pytest.raises(GatewayRefused):
        gateway.refund(payment, 67_883, reason="more than is left", key="key-2")
    with pytest.raises(GatewayRefused):
        gateway.refund(payment, 1, reason="half", key="key-1")
    gateway.refund(payment, 67_882, reason="the rest", key="key-3")


def test_a_refund_may_take_its_time(gateway, bought, twin):
    payment = bought().payments[0].remote_id
    twin.control(refunds_wait=True)
    asked = gateway.refund(payment, 100, reason="slow", key="slow-1")
    twin.control(refunds_wait=False)
    assert asked.state == "asked"
    path = f"{twin.url}/_control/refunds/{asked.remote_id}"
    httpx.post(path, json={"status": "failed"}, trust_env=False, verify=False).raise_for_status()
    assert gateway.fetch_refunds(payment)[0].state == "failed"


def test_the_method_is_repaired_on_the_gateways_page(gateway, bought, twin):
    remote = bought().subscription.remote_id
    twin.change(remote, "mandate_lost")
    assert gateway.fetch_subscription(remote).subscription.mandate.state == "lost"
    url = gateway.manage_url(remote, return_url=BACK)
    assert "Use another test card" in httpx.get(url, trust_env=False, verify=False).text
    assert httpx.post(url, trust_env=False, verify=False).headers["Location"] == BACK
    assert gateway.fetch_subscription(remote).subscription.mandate.state == "confirmed"


def test_what_changed_since_is_named(gateway, bought):
    remote = bought().subscription.remote_id
    assert remote in list(gateway.changed_since(datetime.now(UTC) - timedelta(minutes=5)))
    assert remote not in list(gateway.changed_since(datetime.now(UTC) + timedelta(minutes=5)))


def test_a_payout_is_its_items_less_fee_and_tax(gateway, bought, twin):
    payment = bought().payments[0]
    refund = gateway.refund(payment.remote_id, 17_882, reason="part", key="payout-1")
    began = datetime.now(UTC) - timedelta(seconds=2)
    httpx.post(
        f"{twin.url}/_control/payouts", json={}, trust_env=False, verify=False
    ).raise_for_status()
    payout = list(gateway.payouts_since(began))[-1]
    assert payout.amount_paise == (
        sum(item.amount_paise for item in payout.items) - payout.fee_paise - payout.fee_tax_paise
    )
    mine = {item.remote_id: item for item in payout.items}
    # 2 % of 1,178.82 is 23.57 (rounded down), and 18 % of that is 4.24.
    fee = mine[payment.remote_id]
    assert (fee.amount_paise, fee.fee_paise, fee.fee_tax_paise) == (117_882, 2_357, 424)
    assert (mine[refund.remote_id].kind, mine[refund.remote_id].amount_paise) == ("refund", -17_882)


def test_what_is_not_there_is_said(gateway):
    for call in (
        lambda: gateway.fetch_subscription("sub_none"),
        lambda: gateway.fetch_refunds("pay_none"),
        lambda: gateway.cancel("sub_none", at_period_end=False, key="x"),
    ):
        with pytest.raises(RemoteNotFound):
            call()


def test_a_lost_answer_is_no_second_effect(gateway, bought, twin):
    payment = bought().payments[0].remote_id
    twin.control(fail_after_apply=1)
    with pytest.raises(GatewayUnavailable):
        gateway.refund(payment, 100, reason="r", key="lost-1")
    gateway.refund(payment, 100, reason="r", key="lost-1")
    assert len(gateway.fetch_refunds(payment)) == 1
