"""Words of a gateway that tell too little, of nothing of ours, or to two workers at once."""

from dataclasses import replace

import pytest
from django.db import transaction

from billing.gateways.base import Observation, RefundSnapshot
from billing.models import Checkout, Payment, Refund, Subscription, TaxDocument
from billing.services import checkout_start, event_apply
from billing.services.applying import observation_apply
from marketing_platform.inbox.models import InboundEvent, InboundState
from tests.billing.changing_world import PAID_AT, RETURN, TENTH, begin
from tests.billing.fake_gateway import Fake, Mandates, Prorating

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(monkeypatch):
    """event(observation, …): a stored one that says this, and has not been applied."""

    def make(*observations, meanwhile=None):
        def observe(_self, _payload):
            if meanwhile is not None:
                meanwhile()
            return observations

        monkeypatch.setattr(Fake, "observe", observe, raising=False)
        return InboundEvent.objects.create(
            provider="prorating", event_id="evt_1", body_hash="1", kind="any", payload={}
        )

    return make


@pytest.fixture
def page(remote, local_tenant, asha):
    """Paid there, and nobody told us."""
    made = checkout_start(
        tenant=local_tenant,
        interval="month",
        user_id=asha.pk,
        return_url=RETURN,
        now=PAID_AT,
        gateway_code="prorating",
    )
    remote.pay(made.remote_id)
    return made


def applied(event):
    event_apply(event_id=event.pk, now=PAID_AT)
    event.refresh_from_db()
    return event.state


def test_a_page_that_is_called_paid_is_looked_up_with_all_that_the_event_told(event, page):
    seen = Prorating().fetch_checkout(page.remote_id)
    paid = Observation(seen.checkout, None, ())
    # The second word of the same event needs no look-up, and is not lost by that of the first.
    back = RefundSnapshot("rfnd_1", seen.payments[0].remote_id, 900, "processed")
    assert applied(event(paid, Observation(None, None, (), refunds=(back,)))) == "applied"
    payment = Payment.objects.get()
    assert payment.subscription == Subscription.objects.get(gateway="prorating", state="active")
    assert (Refund.objects.get().payment, Refund.objects.get().state) == (payment, "processed")


def test_two_workers_with_one_event_apply_it_once(event, page):
    """The other one was through between our first look and our lock."""
    seen = Prorating().fetch_checkout(page.remote_id)

    def other_worker():
        InboundEvent.objects.update(state=InboundState.APPLIED, outcome="by the other one")

    found = event(replace(seen, is_authoritative=False), meanwhile=other_worker)
    assert applied(found) == "applied"
    assert found.outcome == "by the other one"
    assert Payment.objects.count() == 0


def test_a_word_of_nothing_of_ours_changes_nothing(event, page, subscribed):
    seen = Prorating().fetch_checkout(page.remote_id)
    theirs = replace(seen.subscription, remote_id="sub_of_another_company")
    stranger = Observation(None, theirs, (), is_authoritative=True)
    found = event(stranger)
    assert applied(found) == "ignored"
    assert found.outcome == "we started no such checkout or subscription"
    assert (found.tenant_id, Payment.objects.count()) == (None, 0)


def test_one_payment_for_a_change_counts_for_the_subscription_that_changes(subscribed, remote):
    """Of a gateway that takes a switch's first charge as an order of its own."""
    row = subscribed("mandates")
    change = begin(row, "year")
    page = change.checkouts.get()
    remote.now = TENTH
    seen = Mandates().fetch_checkout(page.remote_id)
    first = Mandates().fetch_subscription(row.gateway_subscription_id).payments[0]
    money = replace(
        first,
        remote_id="pay_order",
        amount_paise=page.amount_paise,
        paid_at=TENTH,
        period_start=None,
        period_end=None,
    )
    told = Observation(replace(seen.checkout, state="paid"), None, (money,))
    for _turn in range(2):
        with transaction.atomic():
            outcome = observation_apply(gateway_code="mandates", observation=told, now=TENTH)
        assert outcome.sentence == "the payment is counted"
    paid = Payment.objects.get(remote_id="pay_order")
    assert (paid.subscription, paid.checkout, paid.needs_refund) == (row, page, False)
    assert (paid.period_start, paid.period_end) == (
        row.current_period_start,
        row.current_period_end,
    )
    assert TaxDocument.objects.filter(settlements__payment=paid).count() == 1
    page.refresh_from_db()
    change.refresh_from_db()
    # Paid, but no new mandate stands: the old one goes on.
    assert (page.state, change.state) == ("paid", "awaiting_mandate")
    assert Subscription.objects.get(pk=row.pk).state == "active"
    assert Checkout.objects.filter(subscription=row, pk=page.pk).exists()
