"""Changes that are cut off, and wishes: cancel, keep, pause, resume, come back."""

from datetime import timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import (
    AlreadyPaid,
    ChangeNotPossible,
    GatewayRefused,
    GatewayUnavailable,
)
from billing.models import Payment, PlanChange, Refund, Subscription
from billing.selectors import entitlements_of
from billing.services import checkout_refresh, subscription_refresh
from billing.services.changing import (
    cancel_ask,
    change_follow,
    change_preview,
    keep_ask,
    pause_ask,
    reactivate,
    resume_ask,
)
from tests.billing.changing_world import (
    END,
    RETURN,
    TENTH,
    begin,
    live,
)
from tests.billing.fake_gateway import run_due

pytestmark = pytest.mark.django_db


# --- crashes


class Killed(BaseException):
    """As SIGKILL: nothing after it runs."""


def killed(*_args, **_values):
    raise Killed


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_lost_answer_in_place_is_finished_once(subscribed, local_tenant, remote, fault):
    subscription = subscribed("prorating")
    remote.faults["change_plan"] = fault
    change = begin(subscription, "year")
    assert change.state == "switching"
    run_due(TENTH + timedelta(minutes=2))
    change.refresh_from_db()
    assert change.state == "done"
    amounts = [each.amount_paise for each in remote.subscriptions["sub_1"].payments]
    assert amounts == [117_882, 1_100_232]
    assert Payment.objects.filter(tenant=local_tenant).count() == 2


@pytest.mark.parametrize("place", ["in_place", "record", "take_over"])
def test_killed_in_place_at_every_step(subscribed, local_tenant, remote, monkeypatch, place):
    from billing.services import change_steps, changing

    subscription = subscribed("prorating")
    with monkeypatch.context() as patch:
        patch.setattr(changing if place == "in_place" else change_steps, place, killed)
        with pytest.raises(Killed):
            begin(subscription, "year")
    assert entitlements_of(local_tenant, now=TENTH).access == "full"
    run_due(TENTH + timedelta(minutes=2))
    assert PlanChange.objects.get().state == "done"
    amounts = [each.amount_paise for each in remote.subscriptions["sub_1"].payments]
    assert amounts == [117_882, 1_100_232]


FURTHER_STEPS = ("refund_plan", "credits_of", "change_paid")


FURTHER_STEPS = ("refund_plan", "credits_of", "change_paid")


@pytest.mark.parametrize(
    "place", ["remote_close", *(pytest.param(p, marks=pytest.mark.slow) for p in FURTHER_STEPS)]
)
def test_killed_in_a_switch_at_every_step(subscribed, local_tenant, remote, monkeypatch, place):
    """Whatever is killed, the customer has access, is charged once and given back once."""
    from billing.services import change_steps, changing

    old = subscribed("mandates")
    change = begin(old, "year")
    page = change.checkouts.get()
    remote.pay(page.remote_id)
    later = TENTH + timedelta(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(changing if place == "change_paid" else change_steps, place, killed)
        with pytest.raises(Killed):
            checkout_refresh(checkout=page, now=TENTH)
            change_follow(change_id=str(change.pk), turn=0, now=later)
    assert entitlements_of(local_tenant, now=later).access == "full"
    checkout_refresh(checkout=page, now=later)
    for minutes in (3, 20):
        run_due(TENTH + timedelta(minutes=minutes))
    change.refresh_from_db()
    assert change.state == "done"
    assert remote.subscriptions["sub_1"].state == State.CANCELED
    assert [one.amount_paise for one in remote.refunds.values()] == [78_588]
    assert Subscription.objects.filter(tenant=local_tenant, state="active").count() == 1


def test_finishing_again_changes_nothing(subscribed, remote):
    change = begin(subscribed("mandates"), "year")
    remote.pay(change.checkouts.get().remote_id)
    checkout_refresh(checkout=change.checkouts.get(), now=TENTH)
    for _turn in range(3):
        change_follow(change_id=str(change.pk), turn=0, now=TENTH)
        checkout_refresh(checkout=change.checkouts.get(), now=TENTH)
    assert Refund.objects.count() == 1


def test_a_refused_change_is_over(subscribed, local_tenant, remote):
    subscription = subscribed("prorating")
    remote.refuses.add("change_plan")
    with pytest.raises(GatewayRefused):
        begin(subscription, "year")
    assert PlanChange.objects.get().state == "abandoned"
    assert live(local_tenant).interval == "month"


# --- wishes


def test_cancel_at_the_end_and_keep(subscribed, local_tenant, remote):
    subscription = subscribed("prorating")
    assert cancel_ask(subscription=subscription, at_period_end=True, now=TENTH).cancel_at_period_end
    with pytest.raises(ChangeNotPossible, match="cancelled"):
        change_preview(subscription=live(local_tenant), interval="year", now=TENTH)
    kept = keep_ask(subscription=live(local_tenant), now=TENTH + timedelta(seconds=1))
    assert not kept.cancel_at_period_end
    # The first wish's work comes due, and a newer one counts.
    run_due(TENTH + timedelta(minutes=5))
    assert not remote.subscriptions["sub_1"].is_ending


def test_cancel_now_leaves_what_is_paid(subscribed, local_tenant):
    subscription = cancel_ask(subscription=subscribed("mandates"), at_period_end=False, now=TENTH)
    assert (subscription.state, subscription.access_until) == ("canceled", END)
    assert entitlements_of(local_tenant, now=END - timedelta(seconds=1)).access == "full"
    assert entitlements_of(local_tenant, now=END).access == "read_only"
    with pytest.raises(ChangeNotPossible):
        cancel_ask(subscription=subscription, at_period_end=False, now=TENTH)


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_wish_whose_answer_is_lost_is_carried_out(subscribed, local_tenant, remote, fault):
    subscription = subscribed("prorating")
    remote.faults["cancel_at_end"] = fault
    with pytest.raises(GatewayUnavailable):
        cancel_ask(subscription=subscription, at_period_end=True, now=TENTH)
    run_due(TENTH + timedelta(minutes=2))
    assert remote.subscriptions["sub_1"].is_ending
    assert live(local_tenant).cancel_at_period_end
    assert [name for name, _id in remote.calls].count("cancel_at_end") == (
        1 if fault == "after" else 2
    )


def test_pause_and_resume(subscribed, local_tenant, remote):
    paused = pause_ask(subscription=subscribed("prorating"), now=TENTH)
    assert (paused.state, paused.paused_by) == ("paused", "us")
    assert entitlements_of(local_tenant, now=TENTH).access == "read_only"
    later = TENTH + timedelta(days=1)
    remote.now = later
    assert resume_ask(subscription=paused, now=later).state == "active"


def test_what_the_customer_paused_is_resumed_by_them(subscribed, remote):
    subscription = subscribed("mandates")
    remote.put(remote.subscriptions["sub_1"], State.PAUSED, paused_by="customer")
    subscription_refresh(subscription_id=subscription.pk, now=TENTH)
    subscription.refresh_from_db()
    with pytest.raises(ChangeNotPossible, match="UPI app"):
        resume_ask(subscription=subscription, now=TENTH)


def test_a_trial_that_is_cancelled_keeps_its_days(local_tenant):
    trial = Subscription.objects.get(tenant=local_tenant)
    now = trial.trial_ends_at - timedelta(days=2)
    row = cancel_ask(subscription=trial, at_period_end=False, now=now)
    assert (row.state, row.access_until) == ("canceled", trial.trial_ends_at)


def test_coming_back_is_a_new_row_at_todays_price(subscribed, local_tenant, remote, asha):
    wanted = {"tenant": local_tenant, "user_id": asha.pk, "return_url": RETURN}
    first = subscribed("prorating")
    with pytest.raises(AlreadyPaid):
        reactivate(interval="year", now=TENTH, **wanted)
    cancel_ask(subscription=first, at_period_end=False, now=TENTH)
    page = reactivate(interval="year", now=END, **wanted)
    remote.now = END
    remote.pay(page.remote_id)
    checkout_refresh(checkout=page, now=END)
    second = live(local_tenant)
    assert (second.previous_subscription_id, second.interval) == (first.pk, "year")
    first.refresh_from_db()
    assert first.state == "canceled"


def test_the_page_of_a_switch_makes_a_subscription_whatever_its_amount(subscribed, remote):
    """A custom price may cost just what a change in place would have charged."""
    from billing.gateways.registry import gateway_of
    from billing.services.checkouts import page_open

    change = begin(subscribed("mandates"), "year")
    page = change.checkouts.get()
    PlanChange.objects.update(due_with_tax_paise=page.amount_paise)
    type(page).objects.update(remote_id="", url="")
    page.refresh_from_db()
    page.change.refresh_from_db()
    page_open(gateway=gateway_of("mandates"), checkout=page, now=TENTH)
    assert page.url.startswith("https://pay.example/")
    assert remote.pages[page.remote_id]["request"].charge.amount_paise == 1_178_820


def test_a_wish_that_was_carried_out_is_not_repeated_later(subscribed, remote):
    subscription = subscribed("mandates")
    pause_ask(subscription=subscription, now=TENTH)
    subscription.refresh_from_db()
    remote.put(remote.subscriptions["sub_1"], State.ACTIVE, paused_by="")
    run_due(TENTH + timedelta(minutes=2))
    assert [name for name, _id in remote.calls].count("pause") == 1


def test_a_wish_that_is_refused_by_now_is_let_go(subscribed, remote):
    subscription = subscribed("mandates")
    pause_ask(subscription=subscription, now=TENTH)
    subscription.refresh_from_db()
    remote.faults["resume"] = "before"
    with pytest.raises(GatewayUnavailable):
        resume_ask(subscription=subscription, now=TENTH + timedelta(minutes=1))
    remote.put(remote.subscriptions["sub_1"], State.PAUSED, paused_by="customer")
    assert run_due(TENTH + timedelta(minutes=5)) == 1
    subscription.refresh_from_db()
    assert (subscription.state, subscription.paused_by) == ("paused", "customer")
