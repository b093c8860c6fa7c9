"""Many at the same moment: one page, one payment, one invoice, one message."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connections

from billing.errors import CouponRefused
from billing.models import Checkout, Coupon, CouponUse, Payment, TaxDocument
from billing.services import checkouts
from billing.services.coupons import coupon_take
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, work, *, threads=10):
    def one(number):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("copies", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_copies_of_one_event(start, twin, deliver, event_of, supplier, copies):
    checkout = start()
    twin.act(checkout, "pay")
    event = event_of("checkout.paid", twin.state(checkout), f"evt_copies_{copies}")
    assert set(at_once(copies, lambda _number: deliver(event).status_code)) == {200}
    stored = InboundEvent.objects.get(event_id=event["id"])
    # Every worker at the same row of work, then at what came of it.
    work = DueWork.objects.get(key=f"billing-event:{stored.pk}").pk
    at_once(5, lambda _number: work_run(work))
    payment = Payment.objects.get()
    receipt = DueWork.objects.get(key=f"billing-receipt:{payment.pk}").pk
    at_once(5, lambda _number: work_run(receipt))
    assert TaxDocument.objects.filter(kind="invoice").count() == 1
    assert payment.settlements.get().amount_paise == 117_882
    assert OutgoingMessage.objects.filter(kind="payment_received").count() == 1


def test_the_same_body_under_ten_event_ids_of_the_header(start, twin, event_of):
    """The id is an unsigned header at one gateway: the body's own hash counts as well."""
    from marketing_platform.core import clock
    from marketing_platform.inbox.services import event_store

    rows = [
        event_store(
            provider="sandbox",
            event_id=f"forged-{number}",
            kind="checkout.paid",
            raw_body=b"the very same body",
            payload={},
            now=clock.now(),
        )
        for number in range(10)
    ]
    assert [row is not None for row in rows] == [True] + [False] * 9


class Forgetful:
    """A gateway that opens a new page for every call, as Razorpay does."""

    def __init__(self, gateway, slow=0.05):
        self.gateway, self.slow, self.opened = gateway, slow, []
        self.code = gateway.code
        from dataclasses import replace

        self.capabilities = replace(gateway.capabilities, is_checkout_idempotent=False)

    def __getattr__(self, name):
        return getattr(self.gateway, name)

    def find_checkout(self, reference):
        return self.gateway.find_checkout(reference)

    def start_checkout(self, request):
        from dataclasses import replace
        from time import sleep
        from uuid import uuid4

        self.opened.append(request.reference)
        sleep(self.slow)
        if self.opened.count(request.reference) > 1:
            request = replace(request, reference=str(uuid4()))
        return self.gateway.start_checkout(request)


@pytest.fixture
def forgetful(monkeypatch, twin):
    from billing.gateways.registry import gateway_of

    gateway = Forgetful(gateway_of("sandbox"))
    monkeypatch.setattr(checkouts, "default_gateway", lambda: gateway)
    monkeypatch.setattr(checkouts, "gateway_of", lambda _code: gateway)
    return gateway


def test_twenty_starts_open_one_page(start, forgetful):
    pages = at_once(20, lambda _number: start().url, threads=8)
    assert len(set(pages)) == 1
    assert Checkout.objects.count() == len(forgetful.opened) == 1


def test_without_the_claim_several_pages_are_opened(start, forgetful, monkeypatch):
    """The control."""
    monkeypatch.setattr(checkouts, "_claim", lambda _checkout, _now: True)
    monkeypatch.setattr(checkouts, "_started_before", lambda _gateway, _checkout: None)
    at_once(20, lambda _number: start().url, threads=8)
    assert len(forgetful.opened) > 1


def test_a_page_whose_answer_was_lost_is_found_again(start, forgetful, twin):
    from billing.errors import GatewayUnavailable

    twin.control(fail_after_apply=1)
    with pytest.raises(GatewayUnavailable):
        start()
    page = start()
    assert len(forgetful.opened) == 1
    assert twin.state(page)["checkout"]["reference"] == str(page.pk)


@contextmanager
def nobody_asks(monkeypatch):
    """Fails on any call to a gateway."""
    import httpx

    def refuse(*_arguments, **_named):
        raise AssertionError("a gateway was called inside the request")

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "request", refuse)
        yield


def test_the_answer_to_a_webhook_asks_nobody(start, twin, deliver, event_of, monkeypatch):
    checkout = start()
    twin.act(checkout, "pay")
    event = event_of("checkout.paid", twin.state(checkout), "evt_quiet")
    with nobody_asks(monkeypatch):
        assert deliver(event).status_code == 200


def test_the_last_use_of_a_coupon_is_given_once(local_tenant, enterprise_tenant):
    """Two workspaces at the same moment; they hold different rows but the coupon's."""
    begins = clock.now()
    Coupon.objects.create(code="LAST", percent_basis_points=5_000, most_uses=1, valid_from=begins)

    def take(number):
        tenant = (local_tenant, enterprise_tenant)[number % 2]
        try:
            return coupon_take(tenant=tenant, code="LAST", now=begins).tenant_id
        except CouponRefused:
            return None

    taken = {found for found in at_once(8, take, threads=8) if found}
    assert taken == {CouponUse.objects.get().tenant_id}
