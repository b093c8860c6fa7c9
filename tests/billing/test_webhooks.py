"""The webhook door: what is signed is stored once; everything else changes nothing."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import Checkout, Payment, Subscription
from marketing_platform.inbox.models import InboundEvent

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def paid(start, twin, event_of):
    """asha has paid, and the event is on its way."""
    checkout = start()
    twin.act(checkout, "pay")
    return event_of("checkout.paid", twin.state(checkout))


def test_a_signed_payment_activates_the_subscription(paid, deliver, work_off, local_tenant):
    assert deliver(paid).status_code == 200
    work_off()
    subscription = Subscription.objects.get(tenant=local_tenant)
    assert (subscription.state, subscription.gateway) == ("active", "sandbox")
    payment = Payment.objects.get()
    assert (payment.base_paise, payment.tax_paise, payment.amount_paise) == (99900, 17982, 117882)
    assert Checkout.objects.get().state == "paid"
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome) == ("applied", "the subscription is active")
    assert event.tenant_id == local_tenant.pk


def test_nothing_happens_inside_the_request(paid, deliver):
    deliver(paid)
    assert Payment.objects.count() == 0


def test_second_webhook_changes_nothing(paid, deliver, work_off, book):
    deliver(paid)
    work_off()
    before = book()
    assert deliver(paid).status_code == 200
    work_off()
    assert book() == before


def test_the_same_payment_under_another_event_id_changes_no_money(
    paid, deliver, work_off, local_tenant
):
    deliver(paid)
    work_off()
    deliver(paid | {"id": "evt_2"})
    work_off()
    assert Payment.objects.count() == 1
    assert Subscription.objects.get(tenant=local_tenant).paid_count == 1


@pytest.mark.django_db(transaction=True)
def test_five_deliveries_at_once_make_one_payment(paid, deliver, work_off):
    def one(_number: int) -> int:
        try:
            return deliver(paid).status_code
        finally:
            connections.close_all()

    def work(_number: int) -> None:
        try:
            work_off()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(one, range(5))) == {200}
        list(pool.map(work, range(5)))
    # By its id: a gateway of an earlier test may still be trying to deliver.
    assert InboundEvent.objects.filter(event_id=paid["id"]).count() == 1
    assert Payment.objects.count() == 1
    assert Subscription.objects.get(tenant__tier="local").state == "active"


def refused(response, before, book):
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM
    assert response.json()["code"] == "invalid_signature"
    assert book() == before


def test_a_tampered_body_is_refused(paid, deliver, book):
    before = book()
    raw = json.dumps(paid).encode()
    good = deliver(raw).wsgi_request.headers["Sandbox-Signature"]
    InboundEvent.objects.all().delete()
    timestamp = str(paid["created"])
    response = Client(HTTP_HOST="localhost").post(
        "/webhooks/billing/sandbox/",
        raw.replace(b"117882", b"1178"),
        content_type="application/json",
        headers={"Sandbox-Timestamp": timestamp, "Sandbox-Signature": good},
    )
    assert response.status_code == 400
    assert not InboundEvent.objects.exists()
    assert book()[:3] == before[:3]


def test_an_unsigned_event_is_refused(paid, twin, book):
    before = book()
    response = Client(HTTP_HOST="localhost").post(
        "/webhooks/billing/sandbox/", json.dumps(paid), content_type="application/json"
    )
    refused(response, before, book)


@pytest.mark.parametrize("age", [301, 86_400, -60])
def test_a_stale_or_future_event_is_refused(paid, deliver, book, age):
    before = book()
    refused(deliver(paid, age=age), before, book)


def test_an_event_of_five_minutes_ago_is_taken(paid, deliver):
    assert deliver(paid, age=295).status_code == 200


def test_a_wrong_secret_is_refused(paid, deliver, book):
    before = book()
    refused(deliver(paid, secret="somebody-else"), before, book)


def test_the_old_secret_still_counts_while_it_is_changed(paid, deliver, settings):
    old = settings.SANDBOX_GATEWAY_SECRET
    settings.SANDBOX_GATEWAY_SECRET = f"new-secret, {old}"
    assert deliver(paid, secret=old).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        b'{"type": "checkout.paid"}',
        b'{"id": "' + b"x" * 101 + b'", "type": "checkout.paid"}',
        b'{"id": 7, "type": "checkout.paid"}',
        b'{"id": "evt", "type": "checkout.paid", "x": NaN}',
        b'{"id": "evt", "type": "checkout.paid", "x": 1e999}',
        b'{"id": "evt", "type": "checkout.paid", "x": "\\u0000"}',
        b'{"id": "evt", "type": "checkout.paid", "x": "\\ud800"}',
        b'{"id": "evt", "type": "checkout.paid", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_signed_junk_is_a_400_and_stores_nothing(deliver, book, raw):
    before = book()
    refused(deliver(raw), before, book)


@pytest.mark.parametrize("part", ["checkout", "subscription", "payments"])
@pytest.mark.parametrize("junk", [None, 7, [], {}, "text", [7], {"id": "x"}])
def test_a_signed_event_of_another_shape_fails_on_its_row(
    paid, deliver, work_off, local_tenant, part, junk
):
    paid["data"][part] = junk
    assert deliver(paid).status_code == 200
    work_off()
    assert InboundEvent.objects.get().state in {"failed", "applied"}
    if (part, junk) not in [("subscription", None), ("payments", [])]:
        assert InboundEvent.objects.get().state == "failed"
        assert Payment.objects.count() == 0
        assert Subscription.objects.get(tenant=local_tenant).state == "trialing"


junk_text = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=60)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=300), timestamp=junk_text, signature=junk_text)
def test_junk_is_never_a_500(twin, body, timestamp, signature):
    response = Client(HTTP_HOST="localhost").post(
        "/webhooks/billing/sandbox/",
        body,
        content_type="application/octet-stream",
        headers={"Sandbox-Timestamp": timestamp, "Sandbox-Signature": signature},
    )
    assert response.status_code == 400
    assert not InboundEvent.objects.exists()


def test_a_body_above_256_kilobytes_is_a_413(deliver, book):
    before = book()
    response = deliver(b'{"x": "' + b"x" * 256 * 1024 + b'"}')
    assert response.status_code == 413
    assert book() == before


def test_an_unknown_gateway_is_a_404(deliver):
    response = deliver(b"{}", path="/webhooks/billing/paypal/")
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM)


def test_a_gateway_that_is_off_is_a_404(deliver, settings):
    settings.BILLING_GATEWAYS = ()
    assert deliver(b"{}").status_code == 404


def test_only_post_is_answered(twin):
    assert Client(HTTP_HOST="localhost").get("/webhooks/billing/sandbox/").status_code == 405


def test_a_kind_that_we_do_not_use_is_stored_and_ignored(deliver, work_off):
    assert deliver({"id": "evt_9", "type": "settlement.made", "data": {}}).status_code == 200
    work_off()
    assert InboundEvent.objects.get().state == "ignored"


def test_an_unknown_subscription_is_ignored_with_the_reason(paid, deliver, work_off, book):
    paid["data"]["checkout"]["id"] = "chk_of_somebody_else"
    paid["data"]["subscription"]["id"] = "sub_of_somebody_else"
    before = book()
    assert deliver(paid).status_code == 200
    work_off()
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome) == (
        "ignored",
        "we started no such checkout or subscription",
    )
    assert book()[:3] == before[:3]
