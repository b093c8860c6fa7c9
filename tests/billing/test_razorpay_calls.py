"""What Razorpay answers to a call, and which of our errors that is."""

from dataclasses import replace

import httpx
import pytest

from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import Charge, CheckoutRequest, Payer, PaymentRequest
from billing.gateways.razorpay import RazorpayGateway, asking
from billing.gateways.registry import gateway_of
from tests.twins_razorpay import KEY_ID, KEY_SECRET, WEBHOOK_SECRET

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


# --- calls


def test_unknown_ids_are_not_found(gateway):
    for call in (gateway.fetch_subscription, gateway.fetch_checkout, gateway.fetch_refunds):
        with pytest.raises(RemoteNotFound):
            call("sub_nobody")
    with pytest.raises(RemoteNotFound):
        gateway.fetch_checkout("plink_nobody")
    with pytest.raises(RemoteNotFound):
        gateway.cancel("sub_nobody", at_period_end=False, key="k")


def answering(answer):
    def handle(asked):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return RazorpayGateway(
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
        webhook_secret=WEBHOOK_SECRET,
        base_url="http://razorpay.example",
        transport=httpx.MockTransport(handle),
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ConnectTimeout("late"), GatewayUnavailable),
        (httpx.ReadError("gone"), GatewayUnavailable),
        (httpx.Response(502, text="<html>"), GatewayUnavailable),
        (httpx.Response(200, text="<html>"), GatewayUnavailable),
        (httpx.Response(200, json=[1]), GatewayUnavailable),
        (httpx.Response(200, json={"id": "sub_1"}), GatewayUnavailable),
        (httpx.Response(302, headers={"Location": "http://elsewhere/"}), GatewayUnavailable),
        (httpx.Response(409, json={}), GatewayUnavailable),
        (httpx.Response(429, json={}), GatewayUnavailable),
        (httpx.Response(400, json={"error": {"description": "no"}}), GatewayRefused),
        (httpx.Response(400, json={"error": "no"}), GatewayRefused),
        (httpx.Response(401, json={"error": {}}), GatewayRefused),
    ],
)
def test_every_failure_is_one_of_ours(answer, error):
    with pytest.raises(error) as caught:
        answering(answer).fetch_subscription("sub_1")
    assert type(caught.value) is error


@pytest.mark.parametrize("name", ["key_id", "key_secret", "webhook_secret"])
@pytest.mark.parametrize("value", ["", "  "])
def test_without_its_secrets_there_is_no_gateway(name, value):
    given = {"key_id": "a", "key_secret": "b", "webhook_secret": "c", "base_url": "http://x"}

    with pytest.raises(ValueError, match="is empty"):
        RazorpayGateway(**{**given, name: value})


def test_a_link_may_offer_one_way_to_pay_alone():
    """The page of a subscription cannot be told to."""
    assert "options" not in asking.link(link())
    shown = asking.link(link(method="upi"))["options"]["checkout"]["method"]
    assert shown == {"card": 0, "netbanking": 0, "upi": 1, "wallet": 0}
