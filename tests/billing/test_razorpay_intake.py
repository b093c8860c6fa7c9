"""From Razorpay's page to our rows: events at the door, work, one subscription, one payment."""

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from billing.models import Checkout, Payment, Subscription
from billing.services import checkout_start
from billing.services.reconciling import reconcile
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from tests.twins_razorpay import WEBHOOK_SECRET

ADDRESS = "/webhooks/billing/razorpay/"
ROOT = Path(__file__).resolve().parents[2]
BACK = "http://asha-sweets.localhost/billing/return/"


@pytest.fixture
def checkout(razorpay_twin: Any, asha: Any, local_tenant: Any, supplier: Any) -> Checkout:
    return checkout_start(
        tenant=local_tenant, interval="month", user_id=asha.pk, return_url=BACK, now=clock.now()
    )


@pytest.fixture
def send(razorpay_twin: Any) -> Any:
    """send(event): the answer to a delivery, as Razorpay signs it."""

    def post(event: Any, *, secret: str = WEBHOOK_SECRET) -> Any:
        raw, headers = razorpay_twin.signed(event, secret=secret)
        client = Client(HTTP_HOST="localhost")
        return client.post(ADDRESS, raw, content_type="application/json", headers=headers)

    return post


def facts():
    subscription = Subscription.objects.get(gateway="razorpay")
    return subscription.state, subscription.paid_count, Payment.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_paid_and_told_thrice_in_any_order(checkout, razorpay_twin, send, work_off, seed):
    razorpay_twin.pay(checkout.remote_id)
    told = razorpay_twin.events() * 3
    random.Random(seed).shuffle(told)

    for event in told:
        assert send(event).status_code == 200
    work_off()

    assert facts() == ("active", 1, 1)
    payment = Payment.objects.get()
    assert (payment.amount_paise, payment.remote_id[:4]) == (117_882, "pay_")
    assert Checkout.objects.get().state == "paid"
    assert InboundEvent.objects.count() == len(razorpay_twin.events())
    assert not InboundEvent.objects.filter(state="failed").exists()


@pytest.mark.django_db
def test_a_body_under_another_id_is_known(checkout, razorpay_twin, send):
    razorpay_twin.pay(checkout.remote_id)
    (event,) = razorpay_twin.events("subscription.charged")
    for number in (event[0], "another", "a third"):
        assert send((number, event[1])).status_code == 200

    assert InboundEvent.objects.count() == 1


@pytest.mark.django_db
def test_a_renewal_that_fails_and_recovers(checkout, razorpay_twin, send, work_off):
    number = checkout.remote_id
    razorpay_twin.pay(number)
    found, told = [], 0
    for action, outcome in (("renew", "fail"), ("retry", "fail"), ("retry", "succeed")):
        razorpay_twin.outcome(number, outcome)
        razorpay_twin.act(number, action)
        for event in razorpay_twin.events()[told:]:
            send(event)
        told = len(razorpay_twin.events())
        work_off()
        found.append(facts())

    assert found == [("past_due", 1, 1), ("past_due", 1, 1), ("active", 2, 2)]


@pytest.mark.django_db
def test_without_any_webhook_one_look_is_enough(checkout, razorpay_twin):
    razorpay_twin.pay(checkout.remote_id)
    since = clock.now()
    first = reconcile(gateway_code="razorpay", since=since, now=clock.now())
    second = reconcile(gateway_code="razorpay", since=since, now=clock.now())

    assert facts() == ("active", 1, 1)
    assert first.refused == second.refused == second.changed == []
    assert first.changed


@pytest.mark.django_db
def test_a_lost_answer_and_a_second_click_are_one_page(razorpay_twin, asha, local_tenant, supplier):
    from billing.errors import GatewayUnavailable

    wanted = {"tenant": local_tenant, "interval": "month", "user_id": asha.pk, "return_url": BACK}
    # The answer is lost, and so is that of the look after it.
    razorpay_twin.control(fail_after_apply=1, only="/v1/subscriptions")
    look = razorpay_twin.twin.books.all
    razorpay_twin.twin.books.all = lambda entity, **more: (
        [] if entity == "subscription" else look(entity, **more)
    )
    with pytest.raises(GatewayUnavailable):
        checkout_start(**wanted, now=clock.now())
    razorpay_twin.twin.books.all = look
    opened = checkout_start(**wanted, now=clock.now())

    (row,) = razorpay_twin.all("subscription")
    assert (opened.remote_id, opened.url) == (row["id"], row["short_url"])


@pytest.mark.django_db
def test_a_plan_of_another_amount_grants_nothing(checkout, razorpay_twin, send, work_off):
    razorpay_twin.thing(checkout.remote_id)["_plan"]["item"]["amount"] = 100
    razorpay_twin.pay(checkout.remote_id)
    for event in razorpay_twin.events():
        send(event)
    work_off()

    assert Payment.objects.count() == 0
    assert not Subscription.objects.filter(gateway="razorpay").exists()


@pytest.mark.django_db
def test_what_razorpay_did_not_sign_is_400(razorpay_twin, send):
    event = ("evt_1", {"event": "invoice.paid", "created_at": 1, "payload": {}})
    client = Client(HTTP_HOST="localhost")
    answers = [
        send(event, secret="another"),
        client.post(ADDRESS, b"{}", content_type="application/json"),
        client.post(ADDRESS, b"\xff\x00", content_type="text/plain"),
        send(("evt_1", b"not json")),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert InboundEvent.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"]
)
@pytest.mark.parametrize("value", ["", " , "])
def test_empty_secrets_are_noticed_at_start(razorpay_twin, settings, name, value):
    def found():
        return [one.id for one in run_checks() if one.id.startswith("billing.")]

    assert found() == []
    setattr(settings, name, value)

    assert found() == ["billing.E006"]


@pytest.mark.parametrize("missing", ["", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET"])
def test_production_refuses_to_start_without_them(missing):
    environment = {
        **os.environ,
        "SECRET_KEY": "k" * 60 + "0123456789-abcdefghij",
        "BASE_DOMAIN": "example.in",
        "BILLING_GATEWAYS": "razorpay",
        "RAZORPAY_KEY_ID": "rzp_live_x",
        "RAZORPAY_KEY_SECRET": "x",
        "RAZORPAY_WEBHOOK_SECRET": "x",
        "MESSENGER": "some.package.SmsSender",
        "CONNECTIONS_MODE": "live",
        "CREDENTIALS_KEYS": "2026:" + "A" * 43 + "=",
        "META_APP_ID": "",
    }
    environment |= {missing: " , " if "WEBHOOK" in missing else " "} if missing else {}
    done = subprocess.run(
        [sys.executable, "-c", "import marketing_platform.settings.production"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode == 0) == (not missing), done.stderr[-2000:]
    assert ("Set RAZORPAY_KEY_ID" in done.stderr) == bool(missing)
