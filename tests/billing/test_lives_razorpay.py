"""A subscription's whole life against Razorpay's client and its twin."""

from random import Random

import pytest

from billing.errors import ChangeNotPossible
from billing.models import Checkout, Payment, Refund, Subscription, TaxDocument
from billing.selectors.documents import open_paise
from billing.services.asking import cancel_ask, pause_ask, reactivate, resume_ask
from billing.services.changing import change_abandon, change_preview
from billing.services.reconciling import reconcile
from billing.services.refunds import refund_plan
from marketing_platform.core import clock
from tests.billing.lives import BACK, DAY, MINUTE
from tests.billing.lives_at_twins import RazorpayLife, razorpay_life, stripe_life  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(razorpay_life):  # noqa: F811
    return razorpay_life


def test_first_charge_renewal_and_the_year_by_a_switch(life):
    old = life.subscribe()
    assert (old.state, old.mandate, old.mandate_method) == ("active", "confirmed", "upi")
    life.books_check()
    life.advance_to(old.current_period_end)
    renewed = life.live()
    assert (renewed.paid_count, renewed.current_period_start) == (2, old.current_period_end)

    life.advance(10 * DAY)
    preview, change = life.change("year")
    assert (preview.way, preview.charged_paise) == ("switch", 1_178_820)
    life.settle()
    assert life.status(old.gateway_subscription_id) == "active"
    life.press(change.checkouts.get())
    life.settle()

    new = life.live()
    assert (new.interval, new.previous_subscription_id) == ("year", old.pk)
    change.refresh_from_db()
    assert (change.state, change.new_subscription_id) == ("done", new.pk)
    assert new.payments.get().amount_paise == preview.charged_paise
    assert Refund.objects.get().amount_paise == preview.refund_paise
    life.never_ended_before(new, old)
    assert life.access == "full"
    life.books_check()


def to_the_month(life):
    """A year that is paid, and the wish for months authorised ten days later."""
    old = life.subscribe("year")
    life.advance(10 * DAY)
    preview, change = life.change("month")
    assert (preview.way, preview.charged_paise) == ("later", 0)
    assert preview.effective_at == old.current_period_end
    life.press(change.checkouts.get())
    life.settle()
    change.refresh_from_db()
    assert (change.state, life.live().pk) == ("scheduled", old.pk)
    assert life.status(old.gateway_subscription_id) == "active"
    return old, change


@pytest.mark.slow
def test_the_month_again_at_the_end_of_the_year(life):
    old, change = to_the_month(life)
    life.advance_to(old.current_period_end)
    assert life.access == "full"
    life.advance(5 * MINUTE)
    new = life.live()
    assert (new.interval, new.previous_subscription_id, new.paid_count) == ("month", old.pk, 1)
    assert new.current_period_start == old.current_period_end
    change.refresh_from_db()
    assert (change.state, Refund.objects.count()) == ("done", 0)
    assert life.status(old.gateway_subscription_id) == "cancelled"
    life.never_ended_before(new, old)
    life.books_check()


@pytest.mark.slow
def test_the_first_debit_of_the_month_fails_and_comes_later(life):
    old, change = to_the_month(life)
    new_id = change.checkouts.get().remote_id
    life.debits(new_id, "fail")
    life.advance_to(old.current_period_end)
    life.advance(DAY)
    assert life.access == "full"
    life.books_check()
    life.debits(new_id, "succeed")
    life.advance(DAY)
    assert (life.live().interval, life.access) == ("month", "full")
    change.refresh_from_db()
    assert change.state == "done"
    life.books_check()


@pytest.mark.slow
def test_the_month_is_thought_better_of(life):
    old, change = to_the_month(life)
    change_abandon(change=change, now=clock.now())
    life.settle()
    new_id = change.checkouts.get().remote_id
    assert life.status(new_id) == "cancelled"
    assert not life.live().cancel_at_period_end
    life.advance_to(old.current_period_end)
    assert (life.live().pk, life.live().paid_count) == (old.pk, 2)
    life.books_check()


@pytest.mark.slow
def test_a_new_price_is_a_new_mandate_and_the_rest_comes_back(life):
    old = life.subscribe()
    life.advance(10 * DAY)
    life.dearer(129_900)
    preview, change = life.change("month")
    assert (preview.way, preview.charged_paise) == ("switch", 153_282)
    life.press(change.checkouts.get())
    life.settle()
    new = life.live()
    assert (new.plan_version.number, new.previous_subscription_id) == (2, old.pk)
    assert new.payments.get().amount_paise == 153_282
    assert Refund.objects.get().amount_paise == preview.refund_paise
    life.never_ended_before(new, old)
    life.books_check()


def test_declined_tried_again_and_recovered(life):
    row = life.subscribe()
    end = row.current_period_end
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(end)
    late = life.live()
    assert (late.state, late.past_due_since, life.access) == ("past_due", end, "full")
    with pytest.raises(ChangeNotPossible):
        change_preview(subscription=late, interval="year", now=clock.now())
    life.advance(DAY)
    assert life.live().past_due_since == end
    life.debits(row.gateway_subscription_id, "succeed")
    life.advance(DAY)
    paid = life.live()
    assert (paid.state, paid.paid_count, paid.current_period_start) == ("active", 2, end)
    assert paid.past_due_since is None
    life.books_check()


@pytest.mark.slow
def test_halted_is_suspended_and_paying_anew_opens_it(life):
    row = life.subscribe()
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(row.current_period_end, 4 * DAY)
    halted = life.live()
    assert (halted.state, life.access) == ("suspended", "read_only")
    life.press(life.open())
    life.settle()
    new = life.live()
    assert (new.state, new.previous_subscription_id, life.access) == ("active", row.pk, "full")
    assert Subscription.objects.get(pk=row.pk).state == "ended"
    assert life.status(row.gateway_subscription_id) == "cancelled"
    life.never_ended_before(new, row)
    life.books_check()


def test_cancelled_for_the_end_of_the_period(life):
    row = life.subscribe()
    cancel_ask(subscription=row, at_period_end=True, now=clock.now())
    assert life.live().cancel_at_period_end
    life.advance(20 * DAY)
    assert (life.live().state, life.access) == ("active", "full")
    life.advance_to(row.current_period_end)
    over = Subscription.objects.get(pk=row.pk)
    assert (over.state, over.access_until, over.paid_count) == (
        "canceled",
        row.current_period_end,
        1,
    )
    assert life.access == "read_only"
    life.books_check()

    reactivate(
        tenant=life.tenant, interval="year", user_id=life.user.pk, return_url=BACK, now=clock.now()
    )
    life.press(Checkout.objects.get(state="open"))
    life.settle()
    back = life.live()
    assert (back.previous_subscription_id, back.interval, life.access) == (row.pk, "year", "full")
    life.books_check()


@pytest.mark.slow
def test_cancelled_now_and_the_rest_given_back(life):
    row = life.subscribe()
    life.advance(10 * DAY)
    cancel_ask(subscription=row, at_period_end=False, now=clock.now())
    life.settle()
    over = Subscription.objects.get(pk=row.pk)
    assert (over.state, life.access) == ("canceled", "full")
    payment = Payment.objects.get()
    refund_plan(
        payment=payment, amount_paise=78_588, reason="Asked for", actor_id=None, now=clock.now()
    )
    life.settle()
    note = TaxDocument.objects.get(kind="credit_note")
    assert (note.taxable_paise, note.total_paise) == (66_600, 78_588)
    life.books_check()
    life.advance_to(row.current_period_end)
    assert life.access == "read_only"


@pytest.mark.slow
def test_paused_and_resumed_by_us_and_by_the_customer(life):
    row = life.subscribe()
    number = row.gateway_subscription_id
    pause_ask(subscription=row, now=clock.now())
    life.settle()
    assert (life.live().state, life.live().paused_by, life.access) == ("paused", "us", "read_only")
    life.advance(2 * MINUTE)
    resume_ask(subscription=life.live(), now=clock.now())
    life.settle()
    assert (life.live().state, life.access) == ("active", "full")
    life.running.act(number, "customer_pause")
    life.settle()
    with pytest.raises(ChangeNotPossible):
        resume_ask(subscription=life.live(), now=clock.now())
    life.advance(MINUTE)
    life.running.act(number, "customer_resume")
    life.settle()
    assert life.live().state == "active"
    life.advance_to(row.current_period_end)
    assert life.live().paid_count == 2
    life.books_check()


def test_a_debit_above_the_limit_waits_for_the_customer(life, enterprise_tenant, vikram):
    """₹29,500 by card: the bank asks each month, and no webhook says so; we look."""
    company = RazorpayLife(life.running, enterprise_tenant, vikram)
    row = company.subscribe(method="card")
    assert (row.state, row.mandate, row.mandate_method) == ("active", "confirmed", "card")
    company.debits(row.gateway_subscription_id, "wait")
    company.advance_to(row.current_period_end)
    company.advance(7 * 60 * MINUTE)
    assert (company.live().state, company.live().mandate) == ("active", "needs_afa")
    assert company.access == "full"
    company.running.act(row.gateway_subscription_id, "approve")
    company.settle()
    assert (company.live().paid_count, company.live().mandate) == (2, "confirmed")
    company.books_check()


@pytest.mark.slow
def test_a_debit_that_nobody_approves_is_late_and_says_why(life, enterprise_tenant, vikram):
    company = RazorpayLife(life.running, enterprise_tenant, vikram)
    row = company.subscribe(method="card")
    company.debits(row.gateway_subscription_id, "wait")
    company.advance_to(row.current_period_end, 3 * DAY + MINUTE)
    late = company.live()
    assert (late.state, late.mandate, company.access) == ("past_due", "needs_afa", "full")
    company.books_check()


def test_an_invoice_is_paid_by_link(life, enterprise_tenant):
    invoice = life.invoice_paid_by_link(enterprise_tenant)
    assert open_paise(invoice) == 0
    assert Checkout.objects.get().state == "paid"
    life.books_check()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_switch_told_thrice_and_in_any_order(life, seed):
    life.shuffled = Random(seed)
    old = life.subscribe()
    life.debits(old.gateway_subscription_id, "fail")
    life.advance_to(old.current_period_end)
    life.debits(old.gateway_subscription_id, "succeed")
    life.advance(DAY)
    preview, change = life.change("year")
    life.press(change.checkouts.get())
    life.settle()
    new = life.live()
    assert (new.interval, new.previous_subscription_id, life.access) == ("year", old.pk, "full")
    assert Refund.objects.get().amount_paise == preview.refund_paise
    life.books_check()


@pytest.mark.slow
def test_without_a_webhook_one_look_a_night_sets_everything_right(life):
    old = life.subscribe()
    life.is_deaf = True
    life.debits(old.gateway_subscription_id, "fail")
    life.advance_to(old.current_period_end)
    life.debits(old.gateway_subscription_id, "succeed")
    life.advance(DAY)
    _preview, change = life.change("year")
    life.press(change.checkouts.get())
    began = old.current_period_start
    report = reconcile(gateway_code="razorpay", since=began, now=clock.now())
    assert (report.refused, report.unanswered) == ([], [])
    life.settle()
    new = life.live()
    assert (new.interval, new.previous_subscription_id) == ("year", old.pk)
    life.books_check()
    life.advance(MINUTE)
    reconcile(gateway_code="razorpay", since=began, now=clock.now())
    again = reconcile(gateway_code="razorpay", since=began, now=clock.now())
    assert (again.changed, again.refused, again.missing) == ([], [], [])


@pytest.mark.slow
def test_a_month_that_renewed_while_the_page_was_open_goes_back_whole(life):
    old = life.subscribe()
    life.advance_to(old.current_period_end, -60 * MINUTE)
    _preview, change = life.change("year")
    life.advance(120 * MINUTE)
    assert life.live().paid_count == 2
    life.press(change.checkouts.get())
    life.settle()
    assert life.live().interval == "year"
    renewal = Payment.objects.get(subscription=old, period_start=old.current_period_end)
    given = {row.payment_id: row.amount_paise for row in Refund.objects.all()}
    # The renewal altogether, and an hour of ₹1,178.82 for 30 days: ₹1.64.
    assert given.pop(renewal.pk) == 117_882
    assert list(given.values()) == [164]
    life.books_check()


@pytest.mark.slow
def test_paid_at_two_gateways_is_one_subscription_and_one_payment_back(life, stripe_life):  # noqa: F811
    first, second = life.open(), stripe_life.open()
    life.press(first)
    stripe_life.press(second)
    for one in (life, stripe_life, life, stripe_life):
        one.settle()
    row = life.live()
    assert (row.gateway, life.access) == ("razorpay", "full")
    [refund] = Refund.objects.all()
    assert (refund.payment.gateway, refund.amount_paise) == ("stripe", 117_882)
    assert stripe_life.given_back() == stripe_life.money()
    [other] = stripe_life.running.all("subscription")
    assert other["status"] == "canceled"
    assert TaxDocument.objects.count() == 1
