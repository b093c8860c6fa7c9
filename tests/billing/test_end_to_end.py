"""The gateway as a process of its own, its webhooks over HTTP to a served site."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from billing.models import Checkout, Payment, Subscription
from billing.selectors import checkout_state, entitlements_of
from marketing_platform.inbox.models import InboundEvent

WEBHOOK = "/webhooks/billing/sandbox/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wired(start: Callable[..., Checkout], twin: Any, live_server: Any) -> Any:
    """The gateway sends its webhooks to the served site."""
    port = live_server.url.rpartition(":")[2]
    twin.control(drop_webhooks=False, webhook_url=f"http://127.0.0.1:{port}{WEBHOOK}")
    yield twin
    twin.control(drop_webhooks=True)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "nothing came in 15 seconds"
        time.sleep(0.05)


def events(count: int) -> Callable[[], bool]:
    return lambda: InboundEvent.objects.count() == count


def test_paid_over_http(start, wired, work_off, local_tenant):
    checkout = start()
    response = wired.act(checkout, "pay")
    assert response.status_code == 303
    assert response.headers["Location"].startswith(checkout.return_url)
    wait_for(events(1))
    work_off()
    assert Subscription.objects.get(tenant=local_tenant).state == "active"
    assert Payment.objects.get().amount_paise == 117_882
    assert entitlements_of(local_tenant).access == "full"


@pytest.mark.parametrize(("action", "state"), [("decline", "declined"), ("cancel", "abandoned")])
def test_not_paid_over_http(start, wired, work_off, local_tenant, action, state):
    checkout = start()
    wired.act(checkout, action)
    wait_for(events(1))
    work_off()
    assert checkout_state(checkout.pk) == state
    assert Payment.objects.count() == 0
    assert Subscription.objects.get(tenant=local_tenant).state == "trialing"


def test_five_copies_at_once_make_one_payment(start, wired, work_off):
    wired.control(duplicate=4)
    already = len(wired.sent())
    wired.act(start(), "pay")
    wait_for(lambda: len(wired.sent()) == already + 5)
    assert [row["status"] for row in wired.sent()[already:]] == [200] * 5
    work_off()
    assert InboundEvent.objects.count() == 1
    assert Payment.objects.count() == 1


def test_a_wrong_signature_is_refused_and_the_retry_taken(start, wired, work_off, local_tenant):
    wired.control(wrong_signature=1)
    already = len(wired.sent())
    wired.act(start(), "pay")
    wait_for(events(1))
    wait_for(lambda: len(wired.sent()) == already + 2)
    assert [row["status"] for row in wired.sent()[already:]] == [400, 200]
    work_off()
    assert Subscription.objects.get(tenant=local_tenant).state == "active"


def test_shuffled_words_of_a_subscription_end_in_the_truth(start, wired, work_off, local_tenant):
    checkout = start()
    wired.control(shuffle=True, duplicate=1)
    wired.act(checkout, "pay")
    remote = wired.state(checkout)["subscription"]["id"]
    for action in ("fail", "renew", "pause", "resume"):
        wired.change(remote, action)
    wait_for(events(5))
    work_off()
    row = Subscription.objects.get(tenant=local_tenant)
    assert (row.state, row.paid_count) == ("active", 2)
    assert Payment.objects.count() == 2


def test_the_pay_page_shows_the_amount_and_that_no_money_moves(start, wired):
    page = httpx.get(start().url, trust_env=False, verify=False)
    assert page.status_code == 200
    for text in ("Sandbox payments — no money moves", "₹1,178.82", "Pay ₹1,178.82", "Decline"):
        assert text in page.text


def test_a_page_that_the_gateway_does_not_know_is_its_own_404(wired):
    page = httpx.get(f"{wired.url}/pay/chk_unknown", trust_env=False, verify=False)
    assert page.status_code == 404
    assert "We do not know this payment" in page.text


def test_the_gateway_asks_for_its_key(wired, start):
    address = f"{wired.url}/v1/checkouts/{start().remote_id}"
    assert httpx.get(address, trust_env=False, verify=False).status_code == 401
