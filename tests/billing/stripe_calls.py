"""Stripe's gateway on its twin: every call that leaves is checked against the SDK's types."""

from dataclasses import replace

import pytest

from billing.gateways.base import Charge, CheckoutRequest, Payer
from billing.gateways.registry import gateway_of
from billing.gateways.stripe import calls
from tests.billing.stripe_shapes import wrong_shape

LOCAL = Charge(117_882, "INR", "local", "month")
LOCAL_YEAR = Charge(1_178_820, "INR", "local", "year")
ENTERPRISE = Charge(2_950_000, "INR", "enterprise", "month")
PAYER = Payer("7", "Asha Sweets", "asha@sweets.example", "+919999900001", "27AAPFU0939F1ZV")
BACK = "http://asha-sweets.localhost/billing/return/"
DAY = 86_400


def request(reference="ref-1", **changes):
    return replace(CheckoutRequest(reference, LOCAL, BACK, payer=PAYER), **changes)


@pytest.fixture
def stripe_sent(monkeypatch):
    """What left, in order; a call of the wrong shape fails the test."""
    found, told = [], calls._told

    def checked(call, *arguments):
        assert wrong_shape(call, arguments) == [], call.__qualname__
        found.append((call.__qualname__, arguments))
        return told(call, *arguments)

    monkeypatch.setattr(calls, "_told", checked)
    return found


@pytest.fixture
def stripe_gateway(stripe_twin, stripe_sent):
    return gateway_of("stripe")


@pytest.fixture
def stripe_paid(stripe_gateway, stripe_twin):
    """stripe_paid(charge): the id of a subscription that was paid on the page."""

    def make(charge=LOCAL, method="card", **changes):
        started = stripe_gateway.start_checkout(request(charge=charge, **changes))
        stripe_twin.pay(started.remote_id, method)
        return stripe_gateway.fetch_checkout(started.remote_id).subscription.remote_id

    return make
