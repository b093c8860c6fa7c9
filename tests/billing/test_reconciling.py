"""One reading of the gateway makes up for every webhook that was lost; a second writes nothing."""

from datetime import timedelta
from random import Random

import pytest

from billing.gateways.registry import gateway_of
from billing.models import Payment, Refund, Subscription
from billing.services.reconciling import reconcile
from billing.tasks.gateways import reconcile_order
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    def again():
        now = clock.now()
        return reconcile(gateway_code="sandbox", since=now - timedelta(days=7), now=now)

    return again


@pytest.fixture
def live(start, twin, deliver, work_off, event_of, local_tenant, enterprise_tenant):
    """Paid subscriptions of both workspaces: [(checkout, remote id)]."""
    found = []
    for number, tenant in enumerate((local_tenant, enterprise_tenant)):
        checkout = start(tenant=tenant)
        twin.act(checkout, "pay")
        deliver(event_of("checkout.paid", twin.state(checkout), f"evt_live{number}"))
        found.append((checkout, twin.state(checkout)["subscription"]["id"]))
    work_off()
    return found


def is_equal(remote):
    """Our row beside what the gateway says of it."""
    theirs = gateway_of("sandbox").fetch_subscription(remote)
    ours = Subscription.objects.get(gateway_subscription_id=remote)
    paid = set(Payment.objects.filter(subscription=ours).values_list("remote_id", flat=True))
    snapshot = theirs.subscription
    return (
        ours.state,
        ours.paid_count,
        ours.current_period_end,
        ours.cancel_at_period_end,
        ours.mandate,
        ours.paused_by,
        paid,
    ) == (
        snapshot.state,
        snapshot.paid_count,
        snapshot.current_period_end,
        snapshot.cancel_at_period_end,
        snapshot.mandate.state,
        snapshot.paused_by,
        {one.remote_id for one in theirs.payments},
    )


LIVES = ("renew", "fail", "needs_approval", "halt", "renew", "pause", "resume", "end_later", "keep",
         "mandate_lost", "mandate_repaired", "customer_pause", "cancel")  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_a_fifth_of_the_webhooks_is_lost(live, twin, deliver, work_off, event_of, run, book, seed):
    random = Random(seed)
    lost = 0
    for number, (_checkout, remote) in enumerate(live):
        for place, action in enumerate(LIVES[: random.randint(4, len(LIVES))]):
            state = twin.change(remote, action)
            if random.random() < 0.2 or place == 3:
                lost += 1
                continue
            deliver(event_of(f"subscription.{action}", state, f"evt_{number}_{place}"))
        work_off()
    assert lost >= 2
    run()
    assert all(is_equal(remote) for _checkout, remote in live)
    before = book()
    again = run()
    assert (again.changed, again.unanswered, again.refused) == ([], [], [])
    assert book() == before


def test_a_first_payment_that_nobody_told_us_of(start, twin, run, local_tenant):
    checkout = start()
    twin.act(checkout, "pay")
    report = run()
    assert len(report.changed) == 1
    row = Subscription.objects.get(tenant=local_tenant)
    assert (row.state, row.paid_count, Payment.objects.count()) == ("active", 1, 1)


def test_an_expired_one_has_no_webhook(live, twin, run):
    remote = live[0][1]
    twin.change(remote, "expire")
    assert remote in run().changed
    assert Subscription.objects.get(gateway_subscription_id=remote).state == "expired"


def test_a_refund_that_nobody_told_us_of(live, run):
    payment = Payment.objects.get(checkout=live[0][0])
    gateway_of("sandbox").refund(payment.remote_id, 900, reason="by hand", key=payment.remote_id)
    run()
    assert Refund.objects.get().state == "processed"


def test_one_that_is_forgotten_there_does_not_hold_up_the_others(live, twin, run):
    (_first, gone), (_second, kept) = live
    Subscription.objects.filter(gateway_subscription_id=gone).update(
        gateway_subscription_id="sub_forgotten"
    )
    twin.change(kept, "fail")
    report = run()
    assert report.missing == ["sub_forgotten"]
    assert Subscription.objects.get(gateway_subscription_id=kept).state == "past_due"


def test_each_gateway_is_reconciled_once_a_night():
    now = clock.now()
    for _workspace in range(3):
        reconcile_order(now=now)
    rows = DueWork.objects.filter(task="billing.reconcile")
    assert [row.arguments["gateway_code"] for row in rows] == ["sandbox"]
