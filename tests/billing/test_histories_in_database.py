"""The same histories through the inbox, the services and the tables, in an order of their own."""

from datetime import timedelta
from random import Random
from types import MappingProxyType

import pytest

from billing.engine.lifecycle import State
from billing.errors import EventRefused
from billing.gateways import registry
from billing.gateways.base import (
    Capabilities,
    Charge,
    CheckoutSnapshot,
    MandateSnapshot,
    Observation,
    PaymentSnapshot,
    SubscriptionSnapshot,
)
from billing.models import Checkout, PlanVersion, Subscription
from billing.services import event_apply
from billing.services.subscriptions import facts_of
from marketing_platform.inbox.models import InboundEvent
from tests.billing.histories import GATEWAYS, deliveries, is_true

pytestmark = pytest.mark.django_db
CHARGE = Charge(117_882, "INR", "local", "month")


class ToldGateway:
    """Answers from one history; an event's payload is the place of its step."""

    code = "told"
    capabilities = Capabilities(retries_failed_payments=True, sends_checkout_results=True)
    history = None
    checkout = None
    now = None
    error = timedelta()
    lookups = 0

    def observe(self, payload):
        return (self._observation(self.history.steps[payload["step"]].said),)

    def fetch_subscription(self, remote_id):
        type(self).lookups += 1
        return self._observation(self.history.read(self.now, self.error), is_authoritative=True)

    fetch_checkout = fetch_subscription

    def _observation(self, change, *, is_authoritative=False):
        snapshot = SubscriptionSnapshot(
            remote_id="sub_told",
            state=change.state,
            charge=CHARGE,
            paid_count=change.paid_count,
            current_period_start=change.period_start,
            current_period_end=change.period_end,
            past_due_since=change.past_due_since,
            updated_at=change.occurred_at,
            cancel_at_period_end=change.cancel_at_period_end,
            mandate=MandateSnapshot(change.mandate) if change.mandate else None,
            paused_by=change.paused_by,
        )
        page = CheckoutSnapshot("page_told", str(self.checkout.pk), "paid", CHARGE)
        paid = PaymentSnapshot("pay_told", 117_882, "INR", self.history.steps[0].truth.occurred_at)
        return Observation(page, snapshot, (paid,), is_authoritative=is_authoritative)


@pytest.fixture
def told(settings, monkeypatch):
    row = registry.GatewayRow(label="Told", path=f"{__name__}.ToldGateway", options={})
    monkeypatch.setattr(registry, "GATEWAYS", MappingProxyType({"told": row}))
    settings.BILLING_GATEWAYS = ("told",)
    return ToldGateway


@pytest.fixture
def shop(local_tenant, asha):
    """A workspace with one page opened, and nothing else."""
    began = GATEWAYS["stripe"](Random(0)).steps[0].truth.occurred_at
    version = PlanVersion.objects.get(plan__tier="local")
    return lambda: Checkout.objects.create(
        tenant=local_tenant,
        plan_version=version,
        interval="month",
        base_paise=99_900,
        tax_paise=17_982,
        amount_paise=117_882,
        gateway="told",
        remote_id="page_told",
        return_url="http://asha-sweets.localhost/",
        user_id=asha.pk,
        created_at=began,
        expires_at=began + timedelta(days=1),
    )


def play(told, shop, gateway, number):
    """The row after one history, and the truth."""
    way = ("in_order", "one_swap", "shuffled", "late")[number % 4]
    random = Random(f"database-{gateway}-{number}")
    told.history = GATEWAYS[gateway](random)
    told.error = timedelta(seconds=random.choice((-8, 0, 8)))
    told.checkout = shop()
    Subscription.objects.exclude(gateway="told").update(state=State.INCOMPLETE)
    arrivals, _is_lossy = deliveries(told.history, way, random)
    for place, (when, step) in enumerate(arrivals):
        event = InboundEvent.objects.create(
            provider="told",
            event_id=f"evt_{number}_{place}",
            body_hash=f"{number}-{place}",
            kind=step.kind,
            payload={"step": told.history.steps.index(step)},
        )
        told.now = when - told.error
        event_apply(event_id=event.pk, now=told.now)
    return Subscription.objects.get(gateway_subscription_id="sub_told")


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    "number", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 6))]
)
def test_a_history_ends_in_the_true_state(told, shop, gateway, number):
    row = play(told, shop, gateway, number)
    assert is_true(facts_of(row), told.history.truth)
    assert row.payments.count() == 1
    assert not InboundEvent.objects.filter(state__in=["failed", "stored"]).exists()


@pytest.mark.slow  # through every table, 300 lives of each gateway
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_three_hundred_histories_end_in_the_true_state(told, shop, gateway):
    from django.db import transaction

    wrong = []
    for number in range(300):
        with pytest.raises(EventRefused), transaction.atomic():
            row = play(told, shop, gateway, number)
            if not is_true(facts_of(row), told.history.truth) or row.payments.count() != 1:
                wrong.append(number)
            raise EventRefused(reason="the next history begins with empty tables")
    assert wrong == []
