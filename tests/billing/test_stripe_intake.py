"""From Stripe's page to our rows: events at the door, work, one subscription, one payment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from billing.models import Checkout, Payment, Subscription
from billing.services import checkout_start
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from tests.twins_stripe import WEBHOOK_SECRET

ADDRESS = "/webhooks/billing/stripe/"
BACK = "http://asha-sweets.localhost/billing/return/"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(stripe_twin: Any, asha: Any, local_tenant: Any) -> Checkout:
    return checkout_start(
        tenant=local_tenant, interval="month", user_id=asha.pk, return_url=BACK, now=clock.now()
    )


@pytest.fixture
def send(stripe_twin: Any) -> Any:
    """send(event): the answer to a delivery, as Stripe signs it."""

    def post(event: Any, *, age: int = 0, secret: str = WEBHOOK_SECRET) -> Any:
        raw, headers = stripe_twin.signed(event, age=age, secret=secret)
        client = Client(HTTP_HOST="localhost")
        return client.post(ADDRESS, raw, content_type="application/json", headers=headers)

    return post


@pytest.mark.django_db
def test_paid_and_told_thrice_in_any_order(checkout, stripe_twin, send, work_off, local_tenant):
    stripe_twin.pay(checkout.remote_id)

    for event in stripe_twin.events()[::-1] * 3:
        assert send(event).status_code == 200
    work_off()

    subscription = Subscription.objects.get(tenant=local_tenant, gateway="stripe")
    payment = Payment.objects.get()
    assert (subscription.state, subscription.paid_count) == ("active", 1)
    assert (payment.amount_paise, payment.remote_id[:3]) == (117_882, "pi_")
    assert payment.subscription_id == subscription.pk
    assert Checkout.objects.get().state == "paid"
    assert InboundEvent.objects.count() == len(stripe_twin.events())


@pytest.mark.django_db
def test_a_renewal_that_fails_and_recovers(checkout, stripe_twin, send, work_off, local_tenant):
    stripe_twin.pay(checkout.remote_id)
    states = []
    number = stripe_twin.all("subscription")[0]["id"]
    for action, outcome in (("renew", "fail"), ("retry", "succeed")):
        stripe_twin.act(number, action, outcome)
        for event in stripe_twin.events():
            send(event)
        work_off()
        states.append(Subscription.objects.get(gateway="stripe").state)

    assert states == ["past_due", "active"]
    assert Payment.objects.count() == 2


@pytest.mark.django_db
def test_a_page_that_asks_for_another_amount_grants_nothing(checkout, stripe_twin, send, work_off):
    price = stripe_twin.thing(checkout.remote_id)["_line_items"]["data"][0]["price"]
    price["unit_amount"] = 100
    stripe_twin.pay(checkout.remote_id)
    for event in stripe_twin.events():
        send(event)
    work_off()

    assert Payment.objects.count() == 0
    assert not Subscription.objects.filter(gateway="stripe").exists()


@pytest.mark.django_db
def test_what_stripe_did_not_sign_is_400(stripe_twin, send):
    event = {"id": "evt_1", "type": "invoice.paid", "created": 1, "data": {"object": {}}}
    client = Client(HTTP_HOST="localhost")

    answers = [
        send(event, secret="whsec_other"),
        send(event, age=301),
        send(event, age=-301),
        client.post(ADDRESS, json.dumps(event), content_type="application/json"),
        client.post(ADDRESS, b"\xff\x00", content_type="text/plain"),
    ]

    assert [answer.status_code for answer in answers] == [400] * 5
    assert InboundEvent.objects.count() == 0


def billing_check_ids():
    return [message.id for message in run_checks() if message.id.startswith("billing.")]


@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
@pytest.mark.parametrize("value", ["", " , "])
def test_empty_secrets_are_noticed_at_start(stripe_twin, settings, name, value):
    assert billing_check_ids() == []
    setattr(settings, name, value)

    assert billing_check_ids() == ["billing.E005"]


@pytest.mark.parametrize(
    ("key", "secret", "is_good"),
    [("sk_live_x", "whsec_x", True), ("", "whsec_x", False), ("sk_live_x", " , ", False)],
)
def test_production_refuses_to_start_without_them(key, secret, is_good):
    environment = {
        **os.environ,
        "SECRET_KEY": "k" * 60 + "0123456789-abcdefghij",
        "BASE_DOMAIN": "example.in",
        "BILLING_GATEWAYS": "stripe",
        "STRIPE_SECRET_KEY": key,
        "STRIPE_WEBHOOK_SECRET": secret,
        "MESSENGER": "some.package.SmsSender",
        "CONNECTIONS_MODE": "live",
        "CREDENTIALS_KEYS": "2026:" + "A" * 43 + "=",
        "META_APP_ID": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", "import marketing_platform.settings.production"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode == 0) == is_good, done.stderr[-2000:]
    assert ("Set STRIPE_SECRET_KEY" in done.stderr) != is_good
