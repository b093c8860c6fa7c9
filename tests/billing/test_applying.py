"""Our own rows decide: what contradicts them grants nothing."""

import copy
import random

import pytest

from billing.models import Checkout, Payment, Subscription
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.schedule.models import DueWork

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(start, twin):
    """What the gateway says of asha's checkout once it is paid."""
    checkout = start()
    twin.act(checkout, "pay")
    return twin.state(checkout)


def shop(local_tenant):
    return Subscription.objects.filter(tenant=local_tenant).order_by("-pk").first()


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("checkout", "amount", 100),
        ("checkout", "currency", "USD"),
        ("checkout", "plan", "enterprise"),
        ("checkout", "interval", "year"),
        ("checkout", "reference", "00000000-0000-0000-0000-000000000000"),
        ("subscription", "amount", 100),
        ("subscription", "currency", "USD"),
        ("subscription", "plan", "enterprise"),
        ("subscription", "interval", "year"),
        ("payments", "amount", 117_881),
        ("payments", "amount", 2_950_000),
        ("payments", "amount", -117_882),
        ("payments", "currency", "USD"),
    ],
)
def test_a_signed_event_with_another_price_grants_nothing(
    paid, deliver, work_off, event_of, local_tenant, part, name, value
):
    row = paid[part][0] if part == "payments" else paid[part]
    row[name] = value
    deliver(event_of("checkout.paid", paid))
    work_off()
    event = InboundEvent.objects.get()
    assert event.state == "failed"
    assert event.outcome.startswith("The event was refused")
    assert shop(local_tenant).state == "trialing"
    assert Payment.objects.count() == 0
    assert Checkout.objects.get().state == "open"


def test_a_cheap_order_presented_for_the_dear_one_grants_nothing(
    start, twin, deliver, work_off, event_of, enterprise_tenant
):
    cheap, dear = start(), start(tenant=enterprise_tenant)
    twin.act(cheap, "pay")
    forged = twin.state(cheap)
    forged["checkout"] = twin.state(dear)["checkout"] | {"status": "paid"}
    deliver(event_of("checkout.paid", forged))
    work_off()
    assert InboundEvent.objects.get().state == "failed"
    assert shop(enterprise_tenant).state == "trialing"
    assert Payment.objects.count() == 0


def test_a_payment_cannot_be_counted_for_two_workspaces(
    start, twin, deliver, work_off, event_of, local_tenant, enterprise_tenant
):
    first, second = start("month"), start("year")
    twin.act(first, "pay")
    state = twin.state(first)
    deliver(event_of("checkout.paid", state, "evt_1"))
    work_off()
    twin.act(second, "pay")
    other = twin.state(second)
    other["payments"][0]["id"] = state["payments"][0]["id"]
    deliver(event_of("checkout.paid", other, "evt_2"))
    work_off()
    assert InboundEvent.objects.get(event_id="evt_2").outcome == (
        "The event was refused: the payment was counted for another order."
    )
    assert Payment.objects.count() == 1


def test_a_subscription_without_a_payment_is_looked_up_and_refused(
    start, twin, deliver, work_off, event_of, local_tenant, paid
):
    unpaid = copy.deepcopy(paid) | {"payments": []}
    unpaid["checkout"]["status"] = "open"
    deliver(event_of("subscription.resumed", unpaid))
    work_off()
    # The event alone was not believed: the payment was read from the gateway itself.
    assert shop(local_tenant).state == "active"
    assert Payment.objects.get().amount_paise == 117_882


def test_when_the_gateway_is_away_the_event_waits(
    deliver, work_off, event_of, paid, settings, local_tenant
):
    deliver(event_of("checkout.paid", copy.deepcopy(paid) | {"payments": []}))
    settings.SANDBOX_GATEWAY_URL = "http://127.0.0.1:9"
    work_off()
    assert InboundEvent.objects.get().state == "stored"
    assert shop(local_tenant).state == "trialing"


def history(twin, deliver, event_of, paid):
    """A year in the life, as events in their true order."""
    remote = paid["subscription"]["id"]
    events = [event_of("checkout.paid", paid, "evt_0")]
    for number, action in enumerate(["renew", "fail", "halt", "renew", "pause", "resume"], 1):
        kind = f"subscription.{action}"
        events.append(event_of(kind, twin.change(remote, action), f"evt_{number}"))
    return events


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 6))]
)
def test_shuffled_and_doubled_events_end_in_the_gateways_state(
    twin, deliver, work_off, event_of, paid, local_tenant, seed
):
    events = history(twin, deliver, event_of, paid) * 2
    random.Random(seed).shuffle(events)
    for event in events:
        deliver(event)
        work_off()
    row = shop(local_tenant)
    assert (row.state, row.paid_count, row.past_due_since) == ("active", 3, None)
    assert Payment.objects.count() == 3
    assert not Payment.objects.filter(needs_refund=True).exists()
    assert InboundEvent.objects.exclude(state="applied").count() == 0


def test_canceled_is_final_and_keeps_what_was_paid(
    twin, deliver, work_off, event_of, paid, local_tenant
):
    canceled = twin.change(paid["subscription"]["id"], "cancel")
    deliver(event_of("subscription.canceled", canceled, "evt_2"))
    work_off()
    deliver(event_of("checkout.paid", paid, "evt_1"))
    work_off()
    row = shop(local_tenant)
    assert row.state == "canceled"
    assert row.access_until == row.current_period_end
    assert Payment.objects.count() == 1


def test_coming_back_makes_a_new_row(twin, start, deliver, work_off, event_of, paid, local_tenant):
    deliver(event_of("checkout.paid", paid, "evt_1"))
    canceled = twin.change(paid["subscription"]["id"], "cancel")
    deliver(event_of("subscription.canceled", canceled, "evt_2"))
    work_off()
    first = shop(local_tenant)
    again = start("year")
    twin.act(again, "pay")
    deliver(event_of("checkout.paid", twin.state(again), "evt_3"))
    work_off()
    second = shop(local_tenant)
    assert (second.state, second.interval) == ("active", "year")
    assert second.previous_subscription_id == first.pk
    first.refresh_from_db()
    assert first.state == "canceled"


def test_a_suspended_workspace_can_pay_afresh(
    twin, start, deliver, work_off, event_of, paid, local_tenant
):
    remote = paid["subscription"]["id"]
    deliver(event_of("checkout.paid", paid, "evt_1"))
    deliver(event_of("subscription.past_due", twin.change(remote, "fail"), "evt_2"))
    deliver(event_of("subscription.halted", twin.change(remote, "halt"), "evt_3"))
    work_off()
    assert shop(local_tenant).state == "suspended"
    again = start()
    twin.act(again, "pay")
    deliver(event_of("checkout.paid", twin.state(again), "evt_4"))
    work_off()
    states = Subscription.objects.filter(tenant=local_tenant).order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["ended", "active"]
    assert not Payment.objects.filter(needs_refund=True).exists()


def test_the_trial_row_becomes_the_paid_row(deliver, work_off, event_of, paid, local_tenant):
    trial = shop(local_tenant)
    deliver(event_of("checkout.paid", paid))
    work_off()
    row = shop(local_tenant)
    assert (row.pk, row.state) == (trial.pk, "active")
    assert row.current_period_end > row.current_period_start


def test_what_a_gateway_does_is_soon_told_among_the_owners_businesses(
    paid, deliver, work_off, event_of, local_tenant
):
    asked = DueWork.objects.filter(task="people.summarise", tenant=local_tenant)
    deliver(event_of("checkout.paid", paid))
    work_off()
    assert asked.count() == 1
    deliver(event_of("checkout.paid", paid))
    work_off()
    assert asked.count() == 1
