"""Changes of price: what was shown is what is charged, and a crash anywhere costs nobody money."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.lifecycle import State
from billing.errors import (
    ChangeNotPossible,
    ChangeUnderWay,
    FiguresChanged,
    NothingToChange,
)
from billing.models import Checkout, Payment, PlanChange, Refund, Subscription, TaxDocument
from billing.selectors import entitlements_of
from billing.services import checkout_refresh, subscription_refresh
from billing.services.changing import (
    change_abandon,
    change_preview,
)
from billing.services.plans import plan_version_add
from billing.services.prices import custom_price_set
from tests.billing.changing_world import (
    TENTH,
    begin,
    live,
)
from tests.billing.fake_gateway import run_due

pytestmark = pytest.mark.django_db


def test_in_place_the_month_that_is_left_is_taken_off_the_year(subscribed, local_tenant, remote):
    subscription = subscribed("prorating")
    preview = change_preview(subscription=subscription, interval="year", now=TENTH)
    # Two thirds of ₹999 are unused: ₹9,990 less ₹666, and GST on it.
    assert (preview.way, preview.credit_paise, preview.price_paise) == ("in_place", 66_600, 999_000)
    assert (preview.due_paise, preview.charged_paise) == (932_400, 1_100_232)
    change = begin(subscription, "year")
    assert change.state == "done"
    after = live(local_tenant)
    assert (after.pk, after.interval) == (subscription.pk, "year")
    paid = Payment.objects.filter(tenant=local_tenant).latest("pk")
    assert (paid.base_paise, paid.amount_paise) == (932_400, preview.charged_paise)
    assert after.current_period_start == TENTH
    assert [name for name, _id in remote.calls].count("change_plan") == 1
    assert not Refund.objects.exists()


def test_the_charge_of_a_change_has_its_invoice(subscribed, local_tenant):
    begin(subscribed("prorating"), "year")
    totals = list(
        TaxDocument.objects.filter(tenant=local_tenant).values_list("total_paise", flat=True)
    )
    assert sorted(totals) == [117_882, 1_100_232]


def test_a_switch_charges_the_year_and_gives_the_rest_of_the_month_back(
    subscribed, local_tenant, remote
):
    old = subscribed("mandates")
    preview = change_preview(subscription=old, interval="year", now=TENTH)
    assert (preview.way, preview.needs_mandate) == ("switch", True)
    assert (preview.charged_paise, preview.refund_paise) == (1_178_820, 78_588)
    change = begin(old, "year")
    assert change.state == "awaiting_mandate"
    page = change.checkouts.get()
    assert page.url.startswith("https://pay.example/")
    assert (live(local_tenant).pk, remote.subscriptions["sub_1"].state) == (old.pk, State.ACTIVE)
    remote.pay(page.remote_id)
    checkout_refresh(checkout=page, now=TENTH)
    new = live(local_tenant)
    assert (new.interval, new.previous_subscription_id) == ("year", old.pk)
    run_due(TENTH + timedelta(minutes=2))
    change.refresh_from_db()
    assert (change.state, change.new_subscription_id) == ("done", new.pk)
    assert remote.subscriptions["sub_1"].state == State.CANCELED
    refund = Refund.objects.get()
    assert (refund.amount_paise, refund.state) == (preview.refund_paise, "processed")
    note = TaxDocument.objects.get(tenant=local_tenant, kind="credit_note")
    assert (note.taxable_paise, note.total_paise) == (66_600, 78_588)


def test_the_old_one_is_never_ended_before_the_new_one_is_paid(subscribed, remote):
    change = begin(subscribed("mandates"), "year")
    for minutes in (2, 20, 200):
        run_due(TENTH + timedelta(minutes=minutes))
    assert remote.subscriptions["sub_1"].state == State.ACTIVE
    assert not [call for call in remote.calls if call[0].startswith("cancel")]
    change.refresh_from_db()
    assert change.state == "awaiting_mandate"


def test_a_page_that_nobody_paid_is_given_up_after_a_day(subscribed, remote, local_tenant):
    old = subscribed("mandates")
    change = begin(old, "year")
    run_due(TENTH + timedelta(hours=25))
    change.refresh_from_db()
    assert (change.state, change.checkouts.get().state) == ("abandoned", "expired")
    assert live(local_tenant).pk == old.pk


def test_a_cheaper_price_holds_from_the_end_of_the_paid_period(subscribed, local_tenant, remote):
    old = subscribed("mandates", "year")
    preview = change_preview(subscription=old, interval="month", now=TENTH)
    end = datetime(2028, 3, 31, 18, 30, tzinfo=UTC)
    assert (preview.way, preview.charged_paise, preview.effective_at) == ("later", 0, end)
    change = begin(old, "month")
    page = change.checkouts.get()
    assert page.starts_at == end
    new_id = remote.pay(page.remote_id)
    checkout_refresh(checkout=page, now=TENTH)
    change.refresh_from_db()
    assert change.state == "scheduled"
    run_due(TENTH + timedelta(minutes=2))
    assert remote.subscriptions["sub_1"].is_ending
    assert live(local_tenant).cancel_at_period_end
    remote.now = end
    remote.renew()
    assert remote.subscriptions[new_id].payments
    subscription_refresh(subscription_id=old.pk, now=end)
    run_due(end + timedelta(minutes=2))
    run_due(end + timedelta(minutes=4))
    change.refresh_from_db()
    assert change.state == "done"
    assert (live(local_tenant).interval, Refund.objects.count()) == ("month", 0)


def test_between_the_two_periods_the_workspace_stays_open(subscribed, local_tenant, remote):
    """The old one has ended, the new one's first debit takes a day."""
    old = subscribed("mandates", "year")
    page = begin(old, "month").checkouts.get()
    new_id = remote.pay(page.remote_id)
    checkout_refresh(checkout=page, now=TENTH)
    run_due(TENTH + timedelta(minutes=2))
    end = old.current_period_end
    remote.now = end
    remote.put(remote.subscriptions["sub_1"], State.CANCELED)
    subscription_refresh(subscription_id=old.pk, now=end)
    run_due(end + timedelta(minutes=2))
    late = end + timedelta(hours=20)
    assert entitlements_of(local_tenant, now=late).access == "full"
    remote.now = late
    remote.charge(remote.subscriptions[new_id])
    run_due(end + timedelta(hours=26, minutes=1))
    assert live(local_tenant).interval == "month"


def test_a_new_version_of_the_price_is_taken_up_in_place(subscribed, local_tenant):
    subscription = subscribed("prorating")
    with pytest.raises(NothingToChange):
        change_preview(subscription=subscription, interval="month", now=TENTH)
    plan_version_add(
        tier="local",
        monthly_paise=129_900,
        annual_paise=1_299_000,
        effective_from=TENTH,
        now=TENTH,
    )
    assert live(local_tenant).plan_version.number == 1
    preview = change_preview(subscription=subscription, interval="month", now=TENTH)
    # Twenty days of ₹300 more.
    assert (preview.way, preview.due_paise, preview.charged_paise) == ("in_place", 20_000, 23_600)
    assert begin(subscription, "month").state == "done"
    assert live(local_tenant).plan_version.number == 2


def test_a_version_with_other_limits_at_the_same_price_costs_nothing(
    subscribed, local_tenant, remote
):
    subscription = subscribed("mandates")
    plan_version_add(
        tier="local",
        monthly_paise=99_900,
        annual_paise=999_000,
        effective_from=TENTH,
        now=TENTH,
        quotas={"people": 5},
    )
    assert entitlements_of(local_tenant, now=TENTH).quotas["people"] == 3
    assert begin(subscription, "month").state == "done"
    assert entitlements_of(local_tenant, now=TENTH).quotas["people"] == 5
    assert "change_plan" not in {name for name, _id in remote.calls}


def test_a_custom_price_is_what_a_change_leads_to(subscribed, local_tenant, meera):
    subscription = subscribed("prorating")
    custom_price_set(
        tenant=local_tenant,
        monthly_paise=119_900,
        annual_paise=600_000,
        effective_from=TENTH,
        actor_id=meera.pk,
        reason="Agreed on the phone",
        now=TENTH,
    )
    preview = change_preview(subscription=subscription, interval="year", now=TENTH)
    assert (preview.price_paise, preview.due_paise) == (600_000, 533_400)
    begin(subscription, "year")
    assert live(local_tenant).agreed_paise == 600_000


def test_a_mandate_without_room_is_replaced_by_a_new_one(subscribed):
    subscription = subscribed("prorating", limit_paise=500_000)
    preview = change_preview(subscription=subscription, interval="year", now=TENTH)
    assert (preview.headroom.fits, preview.way) == (False, "switch")


def test_what_was_given_back_before_is_not_given_back_again(subscribed, local_tenant):
    old = subscribed("mandates")
    payment = Payment.objects.get(tenant=local_tenant)
    Refund.objects.create(
        tenant=local_tenant,
        payment=payment,
        amount_paise=58_941,
        state="processed",
        reason="A slow week",
        created_at=TENTH,
    )
    preview = change_preview(subscription=old, interval="year", now=TENTH)
    assert (preview.credit_paise, preview.refund_paise) == (49_950, 58_941)


# --- who may, and when


@pytest.mark.parametrize("state", ["past_due", "suspended", "paused", "trialing", "incomplete"])
def test_only_a_paid_plan_that_runs_is_changed(subscribed, state):
    subscription = subscribed("prorating")
    subscription.state = state
    with pytest.raises(ChangeNotPossible):
        change_preview(subscription=subscription, interval="year", now=TENTH)


def test_a_trial_is_paid_for_and_not_changed(local_tenant, remote):
    trial = Subscription.objects.get(tenant=local_tenant)
    with pytest.raises(ChangeNotPossible, match="choose a plan"):
        change_preview(subscription=trial, interval="year", now=TENTH)


def test_other_figures_than_those_seen_charge_nothing(subscribed, remote):
    subscription = subscribed("prorating")
    for changes in (
        {"seen_paise": 1_100_231},
        {"at": TENTH - timedelta(minutes=31)},
        {"at": TENTH + timedelta(seconds=1)},
    ):
        with pytest.raises(FiguresChanged):
            begin(subscription, "year", **changes)
    assert not PlanChange.objects.exists()
    assert "change_plan" not in {name for name, _id in remote.calls}


def test_one_change_at_a_time_and_the_same_one_again_is_the_same(subscribed):
    subscription = subscribed("mandates")
    first = begin(subscription, "year")
    assert begin(subscription, "year").pk == first.pk
    assert Checkout.objects.filter(purpose="switch").count() == 1
    with pytest.raises(ChangeUnderWay):
        begin(subscription, "year", now=TENTH + timedelta(seconds=5))


def test_a_change_is_taken_back_before_it_is_paid(subscribed, local_tenant, remote):
    old = subscribed("mandates")
    change = begin(old, "year")
    assert change_abandon(change=change, now=TENTH).state == "abandoned"
    assert change.checkouts.get().state == "superseded"
    # Paid all the same in another tab: everything of it goes back.
    remote.pay(change.checkouts.get().remote_id)
    checkout_refresh(checkout=change.checkouts.get(), now=TENTH)
    run_due(TENTH + timedelta(minutes=2))
    assert live(local_tenant).pk == old.pk
    assert Refund.objects.get().amount_paise == 1_178_820
    with pytest.raises(ChangeNotPossible):
        change_abandon(change=change, now=TENTH)


def test_a_scheduled_change_is_taken_back_with_its_mandate(subscribed, local_tenant, remote):
    old = subscribed("mandates", "year")
    change = begin(old, "month")
    new_id = remote.pay(change.checkouts.get().remote_id)
    checkout_refresh(checkout=change.checkouts.get(), now=TENTH)
    run_due(TENTH + timedelta(minutes=2))
    change.refresh_from_db()
    assert change_abandon(change=change, now=TENTH + timedelta(hours=1)).state == "abandoned"
    run_due(TENTH + timedelta(hours=2))
    assert not remote.subscriptions["sub_1"].is_ending
    assert remote.subscriptions[new_id].state == State.CANCELED
    assert not live(local_tenant).cancel_at_period_end
