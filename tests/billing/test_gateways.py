"""The gateway table, and settings that are refused before anything is served."""

import httpx
import pytest
from django.core.checks import run_checks

from billing.errors import GatewayRefused, GatewayUnavailable, NoGateway, UnknownGateway
from billing.gateways.base import Charge, CheckoutRequest
from billing.gateways.registry import GATEWAYS, default_gateway, gateway_of
from billing.gateways.sandbox import SandboxGateway

REQUEST = CheckoutRequest(
    reference="reference-1",
    charge=Charge(117_882, "INR", "local", "month"),
    return_url="http://asha-sweets.localhost/billing/return/",
)


def billing_check_ids():
    return [message.id for message in run_checks() if message.id.startswith("billing.")]


@pytest.mark.parametrize("code", sorted(GATEWAYS))
def test_every_gateway_resolves(code, settings):
    settings.BILLING_GATEWAYS = (code,)
    assert gateway_of(code).code == code
    assert default_gateway().code == code


@pytest.mark.parametrize("code", ["paypal", "", "SANDBOX"])
def test_an_unknown_gateway_is_refused(code, settings):
    settings.BILLING_GATEWAYS = ("sandbox", code)
    with pytest.raises(UnknownGateway):
        gateway_of(code)


def test_without_a_gateway_nothing_can_be_paid(settings):
    settings.BILLING_GATEWAYS = ()
    with pytest.raises(NoGateway):
        default_gateway()


@pytest.mark.parametrize("secret", ["", "  ", ",", " , "])
def test_an_empty_secret_is_refused(secret, settings):
    with pytest.raises(ValueError, match="SANDBOX_GATEWAY_SECRET"):
        SandboxGateway(base_url="http://127.0.0.1:9", secret=secret)
    settings.SANDBOX_GATEWAY_SECRET = secret
    assert billing_check_ids() == ["billing.E002"]


def test_good_settings_pass_the_checks():
    assert billing_check_ids() == []


def test_a_misspelt_gateway_is_noticed_at_start(settings):
    settings.BILLING_GATEWAYS = ("sandbox", "razorpai")
    assert billing_check_ids() == ["billing.E001"]


def test_the_sandbox_outside_development_is_noticed_at_start(settings):
    settings.SHOW_DEVELOPMENT_INBOX = False
    assert billing_check_ids() == ["billing.E003"]


def answering(handler):
    return SandboxGateway(
        base_url="http://gateway.test", secret="s", transport=httpx.MockTransport(handler)
    )


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(503, text="<html>busy</html>"),
        httpx.Response(429),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"checkout": {"id": "chk_1"}}),
        httpx.Response(200, json={"checkout": {"id": "../x", "url": "http://x"}}),
        httpx.Response(200, json={"checkout": {"id": "chk_1", "url": "javascript:alert(1)"}}),
    ],
)
def test_an_odd_answer_is_a_gateway_that_is_away(answer):
    with pytest.raises(GatewayUnavailable):
        answering(lambda _request: answer).start_checkout(REQUEST)


def test_a_refusal_is_permanent():
    with pytest.raises(GatewayRefused) as caught:
        answering(lambda _request: httpx.Response(422)).start_checkout(REQUEST)
    assert caught.value.permanent is True


def test_a_timeout_is_a_gateway_that_is_away():
    def too_slow(request):
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(GatewayUnavailable):
        answering(too_slow).start_checkout(REQUEST)


def test_the_reference_is_the_idempotency_key():
    seen = []

    def note(request):
        seen.append(request.headers["Idempotency-Key"])
        return httpx.Response(500)

    with pytest.raises(GatewayUnavailable):
        answering(note).start_checkout(REQUEST)
    assert seen == ["reference-1"]
