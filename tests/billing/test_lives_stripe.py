"""A subscription's whole life against Stripe's client and its twin; calls have the SDK's shape."""

from random import Random

import pytest

from billing.errors import ChangeNotPossible
from billing.models import AccountWorkspace, Checkout, Payment, Refund, Subscription, TaxDocument
from billing.selectors.documents import open_paise
from billing.services import checkout_start, subscription_refresh
from billing.services.accounts import account_of
from billing.services.asking import cancel_ask, keep_ask, pause_ask, reactivate, resume_ask
from billing.services.changing import change_preview
from billing.services.pay_links import repair_start
from billing.services.reconciling import reconcile
from billing.services.refunds import refund_plan
from marketing_platform.core import clock
from tests.billing.lives import BACK, DAY, MINUTE
from tests.billing.lives_at_twins import stripe_life  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(stripe_life):  # noqa: F811
    return stripe_life


def test_first_charge_renewal_and_the_year_in_place(life):
    row = life.subscribe(method="card")
    assert (row.state, row.mandate, row.mandate_method) == ("active", "confirmed", "card")
    life.advance_to(row.current_period_end)
    renewed = life.live()
    assert (renewed.paid_count, renewed.current_period_start) == (2, row.current_period_end)
    life.advance(10 * DAY)
    preview, change = life.change("year")
    life.settle()
    assert (preview.way, change.state) == ("in_place", "done")
    after = life.live()
    assert (after.pk, after.interval) == (row.pk, "year")
    paid = Payment.objects.latest("pk")
    assert paid.amount_paise == preview.charged_paise
    assert paid.period_end == after.current_period_end
    life.books_check()


def to_the_month(life):
    old = life.subscribe("year", "card")
    life.advance(10 * DAY)
    preview, change = life.change("month")
    assert (preview.way, preview.charged_paise) == ("later", 0)
    life.press(change.checkouts.get(), "card")
    life.settle()
    change.refresh_from_db()
    assert (change.state, life.live().pk) == ("scheduled", old.pk)
    assert life.live().cancel_at_period_end
    return old, change


@pytest.mark.slow
def test_the_month_again_at_the_end_of_the_year(life):
    old, change = to_the_month(life)
    life.advance_to(old.current_period_end)
    assert life.access == "full"
    life.advance(5 * MINUTE)
    new = life.live()
    assert (new.interval, new.previous_subscription_id, new.paid_count) == ("month", old.pk, 1)
    change.refresh_from_db()
    assert (change.state, Refund.objects.count()) == ("done", 0)
    assert life.status(old.gateway_subscription_id) == "canceled"
    assert life.access == "full"
    life.books_check()


@pytest.mark.slow
def test_a_change_for_later_is_not_begun_in_the_last_two_days(life):
    row = life.subscribe("year", "card")
    life.advance_to(row.current_period_end, -2 * DAY)
    with pytest.raises(ChangeNotPossible, match="two days"):
        change_preview(subscription=life.live(), interval="month", now=clock.now())


@pytest.mark.parametrize(
    ("monthly", "way", "charged"), [(119_900, "in_place", None), (249_900, "switch", 294_882)]
)
def test_a_new_price_goes_in_place_as_far_as_the_mandate_reaches(life, monthly, way, charged):
    """By UPI ₹2,400 were agreed to: ₹1,414.82 fit, ₹2,948.82 do not."""
    old = life.subscribe(method="upi")
    assert old.mandate_limit_paise == 240_000
    life.advance(10 * DAY)
    life.dearer(monthly)
    preview, change = life.change("month")
    assert (preview.way, preview.headroom.fits) == (way, way == "in_place")
    if way == "switch":
        life.press(change.checkouts.get(), "upi")
        life.settle()
        assert Refund.objects.get().amount_paise == preview.refund_paise
        assert life.live().previous_subscription_id == old.pk
    life.settle()
    change.refresh_from_db()
    assert change.state == "done"
    assert life.live().plan_version.number == 2
    assert Payment.objects.latest("pk").amount_paise == preview.charged_paise
    assert charged in {None, preview.charged_paise}
    life.books_check()


@pytest.mark.slow
def test_declined_tried_again_and_recovered(life):
    row = life.subscribe(method="card")
    end = row.current_period_end
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(end)
    late = life.live()
    assert (late.state, late.past_due_since, life.access) == ("past_due", end, "full")
    life.advance(3 * DAY)
    # The next try is on the eighth day: nobody is shut out before it.
    assert life.live().next_attempt_at is not None
    life.debits(row.gateway_subscription_id, "succeed")
    life.advance(4 * DAY + 23 * 60 * MINUTE)
    assert (life.live().state, life.access) == ("past_due", "full")
    life.advance(60 * MINUTE)
    assert (life.live().state, life.live().paid_count) == ("active", 2)
    life.books_check()


@pytest.mark.slow
def test_unpaid_is_suspended_and_paying_anew_opens_it(life):
    row = life.subscribe(method="card")
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(row.current_period_end)
    life.advance(16 * DAY)
    assert (life.live().state, life.access) == ("suspended", "read_only")
    life.debits(row.gateway_subscription_id, "succeed")
    life.press(life.open(), "card")
    life.settle()
    new = life.live()
    assert (new.state, new.previous_subscription_id, life.access) == ("active", row.pk, "full")
    assert life.status(row.gateway_subscription_id) == "canceled"
    life.books_check()


@pytest.mark.slow
def test_cancelled_kept_cancelled_again_and_back(life):
    row = life.subscribe(method="card")
    cancel_ask(subscription=row, at_period_end=True, now=clock.now())
    life.settle()
    life.advance(MINUTE)
    keep_ask(subscription=life.live(), now=clock.now())
    life.settle()
    assert not life.live().cancel_at_period_end
    life.advance_to(row.current_period_end)
    assert life.live().paid_count == 2
    cancel_ask(subscription=life.live(), at_period_end=True, now=clock.now())
    end = life.live().current_period_end
    life.advance_to(end)
    over = Subscription.objects.get(pk=row.pk)
    assert (over.state, over.access_until, life.access) == ("canceled", end, "read_only")
    reactivate(
        tenant=life.tenant, interval="year", user_id=life.user.pk, return_url=BACK, now=clock.now()
    )
    life.press(Checkout.objects.get(state="open"), "card")
    life.settle()
    assert (life.live().previous_subscription_id, life.access) == (row.pk, "full")
    assert len(life.running.all("customer")) == 1
    life.books_check()


@pytest.mark.slow
def test_cancelled_now_and_the_rest_given_back(life):
    row = life.subscribe(method="card")
    life.advance(10 * DAY)
    cancel_ask(subscription=row, at_period_end=False, now=clock.now())
    life.settle()
    assert (Subscription.objects.get(pk=row.pk).state, life.access) == ("canceled", "full")
    refund_plan(
        payment=Payment.objects.get(),
        amount_paise=78_588,
        reason="Asked for",
        actor_id=None,
        now=clock.now(),
    )
    life.settle()
    assert TaxDocument.objects.get(kind="credit_note").taxable_paise == 66_600
    life.books_check()


@pytest.mark.slow
def test_paused_and_resumed(life):
    row = life.subscribe(method="card")
    pause_ask(subscription=row, now=clock.now())
    life.settle()
    assert (life.live().state, life.access) == ("paused", "read_only")
    life.advance_to(row.current_period_end)
    assert (life.live().state, Payment.objects.count()) == ("paused", 1)
    resume_ask(subscription=life.live(), now=clock.now())
    life.settle()
    assert life.live().state == "active"
    life.advance_to(life.live().current_period_end)
    assert (life.live().state, Payment.objects.count()) == ("active", 2)
    life.books_check()


@pytest.mark.slow
def test_a_upi_mandate_that_was_lost_stays_lost_until_there_is_another(life):
    row = life.subscribe(method="upi")
    life.running.act(row.gateway_subscription_id, "lose_mandate")
    life.settle()
    assert life.live().mandate == "lost"
    life.advance(MINUTE)
    subscription_refresh(subscription_id=row.pk, now=clock.now())
    assert life.live().mandate == "lost"
    repair = repair_start(
        subscription=life.live(),
        back_url="http://asha-sweets.localhost/billing/",
        return_url=BACK,
        actor_id=life.user.pk,
        now=clock.now(),
    )
    life.running.press(repair.url, "update", "upi")
    life.advance(MINUTE)
    subscription_refresh(subscription_id=row.pk, now=clock.now())
    assert life.live().mandate == "confirmed"


def test_one_payer_of_two_workspaces_is_one_customer(life, enterprise_tenant):
    account = account_of(life.tenant, now=clock.now())
    AccountWorkspace.objects.filter(tenant=enterprise_tenant).delete()
    AccountWorkspace.objects.create(tenant=enterprise_tenant, account=account)
    account.emails = []
    account.save()
    life.subscribe(method="card")
    life.advance(2 * DAY)
    checkout_start(
        tenant=enterprise_tenant,
        interval="month",
        user_id=life.user.pk,
        return_url=BACK,
        now=clock.now(),
        gateway_code="stripe",
    )
    assert len(life.running.all("customer")) == 1


def test_an_invoice_is_paid_by_link(life, enterprise_tenant):
    invoice = life.invoice_paid_by_link(enterprise_tenant)
    assert open_paise(invoice) == 0
    assert Checkout.objects.get().state == "paid"
    life.books_check()


def test_declined_and_paid_at_once_with_another_card(life):
    row = life.subscribe(method="card")
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(row.current_period_end)
    assert life.live().state == "past_due"
    repair = repair_start(
        subscription=life.live(),
        back_url="http://asha-sweets.localhost/billing/",
        return_url=BACK,
        actor_id=life.user.pk,
        now=clock.now(),
    )
    assert repair.comes_back
    life.advance(MINUTE)
    life.running.press(repair.url, "update", "card")
    life.settle()
    assert (life.live().state, life.live().paid_count) == ("active", 2)
    life.books_check()


@pytest.mark.slow
def test_a_life_told_thrice_and_in_any_order(life):
    life.shuffled = Random(3)
    row = life.subscribe(method="card")
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(row.current_period_end)
    life.debits(row.gateway_subscription_id, "succeed")
    life.advance(3 * DAY + MINUTE)
    _preview, change = life.change("year")
    life.settle()
    assert (change.state, life.live().interval, life.live().state) == ("done", "year", "active")
    life.books_check()


@pytest.mark.slow
def test_without_a_webhook_one_look_a_night_sets_everything_right(life):
    row = life.subscribe(method="card")
    life.is_deaf = True
    life.advance_to(row.current_period_end, 2 * MINUTE)
    cancel_ask(subscription=life.live(), at_period_end=True, now=clock.now())
    life.running.act(row.gateway_subscription_id, "dispute")
    began = row.current_period_start
    report = reconcile(gateway_code="stripe", since=began, now=clock.now())
    assert (report.refused, report.unanswered) == ([], [])
    assert (life.live().paid_count, life.live().cancel_at_period_end) == (2, True)
    life.settle()
    life.books_check()
    again = reconcile(gateway_code="stripe", since=began, now=clock.now())
    assert (again.changed, again.refused, again.missing) == ([], [], [])
