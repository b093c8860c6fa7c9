"""Trials and terms that staff accepted: access without a payment, once and on record."""

from datetime import timedelta

import pytest

from billing.engine.access import grants
from billing.errors import TrialUsed
from billing.models import StaffTerms, Subscription
from billing.selectors import entitlements_of
from billing.services import staff_terms_accept, trial_end, trial_start
from billing.services.subscriptions import access_fact
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import State, TenantEvent
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.registry import REGISTRY

pytestmark = pytest.mark.django_db
LIMITS = REGISTRY["local"].limits


@pytest.fixture
def new_shop(meera):
    """A shop that has signed up and decided nothing yet."""
    return tenant_reserve(
        tier="local", name="Meera Salon", language="en", actor_id=meera.pk, now=clock.now()
    )


def test_a_trial_lasts_two_weeks_and_prepares_the_workspace(new_shop):
    now = clock.now()
    subscription = trial_start(tenant=new_shop, now=now)
    assert subscription.trial_ends_at == now + timedelta(days=14)
    assert new_shop.state == State.PREPARING
    assert DueWork.objects.filter(key=f"provision:{new_shop.pk}:1").exists()
    assert entitlements_of(new_shop, now=now) == Entitlements(
        "full", LIMITS, subscription.trial_ends_at
    )


def test_starting_a_trial_twice_is_one_trial(new_shop):
    now = clock.now()
    first = trial_start(tenant=new_shop, now=now)
    second = trial_start(tenant=new_shop, now=now + timedelta(days=5))
    assert first.pk == second.pk
    assert second.trial_ends_at == now + timedelta(days=14)
    assert DueWork.objects.filter(key__startswith=f"provision:{new_shop.pk}").count() == 1


def test_the_end_of_a_trial_makes_the_workspace_read_only(new_shop):
    now = clock.now()
    subscription = trial_start(tenant=new_shop, now=now)
    end = subscription.trial_ends_at
    assert not trial_end(subscription_id=subscription.pk, now=end - timedelta(seconds=1))
    assert entitlements_of(new_shop, now=end).access == "read_only"
    assert trial_end(subscription_id=subscription.pk, now=end)
    assert Subscription.objects.get(pk=subscription.pk).state == "expired"
    assert entitlements_of(new_shop, now=end) == Entitlements("read_only", LIMITS, None)


def test_there_is_no_second_trial(new_shop):
    subscription = trial_start(tenant=new_shop, now=clock.now())
    trial_end(subscription_id=subscription.pk, now=subscription.trial_ends_at)
    with pytest.raises(TrialUsed):
        trial_start(tenant=new_shop, now=subscription.trial_ends_at)


def test_a_paid_trial_does_not_end(start, twin, deliver, work_off, event_of, local_tenant):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()
    row = Subscription.objects.get(tenant=local_tenant)
    assert not trial_end(subscription_id=row.pk, now=row.trial_ends_at)
    assert entitlements_of(local_tenant) == Entitlements("full", LIMITS, None)


def test_nothing_at_all_is_read_only(new_shop):
    assert entitlements_of(new_shop) == Entitlements("read_only", LIMITS, None)


def test_entitlements_cost_one_query(local_tenant, django_assert_num_queries):
    with django_assert_num_queries(1):
        entitlements_of(local_tenant)


def test_inside_a_workspace_the_answer_is_the_same(in_local_workspace):
    assert entitlements_of(in_local_workspace).access == "full"


def test_staff_terms_give_access_and_stay_on_record(new_shop, vikram):
    now = clock.now()
    until = now + timedelta(days=365)
    staff_terms_accept(
        tenant=new_shop, actor_id=vikram.pk, reason="PO 4711, net 30", until=until, now=now
    )
    assert entitlements_of(new_shop, now=now) == Entitlements("full", LIMITS, until)
    assert entitlements_of(new_shop, now=until).access == "read_only"
    terms = StaffTerms.objects.get()
    assert (terms.actor_id, terms.reason, terms.accepted_at) == (vikram.pk, "PO 4711, net 30", now)
    event = TenantEvent.objects.get(tenant=new_shop, kind="staff_terms_accepted")
    assert (event.actor_id, event.reason) == (vikram.pk, "PO 4711, net 30")
    assert new_shop.state == State.PREPARING


@pytest.mark.parametrize(("reason", "days"), [("  ", 30), ("PO 4711", 0), ("PO 4711", -1)])
def test_terms_without_a_reason_or_a_future_are_refused(new_shop, vikram, reason, days):
    now = clock.now()
    with pytest.raises(InvalidInput):
        staff_terms_accept(
            tenant=new_shop,
            actor_id=vikram.pk,
            reason=reason,
            until=now + timedelta(days=days),
            now=now,
        )
    assert not StaffTerms.objects.exists()
    assert new_shop.state == State.PENDING


def test_a_payment_prepares_a_pending_workspace(
    start, new_shop, meera, twin, deliver, work_off, event_of
):
    checkout = start(tenant=new_shop, user_id=meera.pk)
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    new_shop.refresh_from_db()
    assert new_shop.state == State.PENDING
    work_off()
    new_shop.refresh_from_db()
    assert new_shop.state == State.PREPARING


@pytest.mark.parametrize(
    ("mandate", "late_by", "level"),
    [
        ("confirmed", timedelta(days=6), "full"),
        ("confirmed", timedelta(days=8), "read_only"),
        ("lost", timedelta(days=1), "read_only"),
    ],
)
@pytest.mark.parametrize("state", ["trialing", "incomplete"])
def test_a_trial_whose_first_debit_is_promised_stays_open(
    local_tenant, state, mandate, late_by, level
):
    now = clock.now()
    rows = Subscription.objects.filter(tenant=local_tenant)
    rows.update(
        state=state,
        gateway="razorpay",
        gateway_subscription_id="sub_promised",
        mandate=mandate,
        trial_ends_at=now - late_by,
    )
    assert entitlements_of(local_tenant, now=now).access == level
    assert grants(access_fact(rows.get()), now) == (level == "full")
