"""A subscription's whole life against the sandbox gateway, as bin/run has it."""

from datetime import UTC, datetime

import pytest

from billing.models import Checkout, Payment, Refund, Subscription
from billing.selectors.documents import open_paise
from billing.services.asking import cancel_ask, keep_ask, pause_ask, reactivate, resume_ask
from billing.services.refunds import refund_plan
from marketing_platform.core import clock
from tests.billing.lives import BACK, DAY, MINUTE
from tests.billing.lives_at_twins import sandbox_life, start_of  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(sandbox_life):  # noqa: F811
    return sandbox_life


def renew(life):
    row = life.live()
    life.advance_to(row.current_period_end)
    life.act(row.gateway_subscription_id, "renew")


@pytest.mark.slow
def test_month_renewal_year_by_a_new_mandate_and_the_month_again(life):
    """The mandate of a month reaches to twice its price, not to a year's."""
    row = life.subscribe()
    renew(life)
    assert (life.live().paid_count, life.live().current_period_start) == (2, row.current_period_end)
    life.advance(10 * DAY)
    preview, change = life.change("year")
    assert (preview.way, life.live().pk) == ("switch", row.pk)
    life.press(change.checkouts.get())
    life.settle()
    assert life.live().previous_subscription_id == row.pk
    assert Payment.objects.latest("pk").amount_paise == preview.charged_paise
    assert Refund.objects.get().amount_paise == preview.refund_paise
    assert life.status(row.gateway_subscription_id) == "canceled"
    life.books_check()

    preview, change = life.change("month")
    assert (preview.way, preview.charged_paise) == ("later", 0)
    life.press(change.checkouts.get())
    life.settle()
    old = life.live()
    assert (old.interval, old.cancel_at_period_end) == ("year", True)
    new_id = life.running.ledger.checkout(change.checkouts.get().remote_id)["subscription"]
    life.advance_to(old.current_period_end)
    life.act(old.gateway_subscription_id, "cancel")
    assert life.access == "full"
    life.act(new_id, "renew")
    life.advance(5 * MINUTE)
    change.refresh_from_db()
    assert (change.state, life.live().interval) == ("done", "month")
    assert life.live().previous_subscription_id == old.pk
    life.books_check()


def test_a_new_price_in_place(life):
    life.subscribe()
    life.advance(10 * DAY)
    life.dearer(119_900)
    preview, change = life.change("month")
    assert (preview.way, change.state) == ("in_place", "done")
    assert Payment.objects.latest("pk").amount_paise == preview.charged_paise
    life.books_check()


@pytest.mark.slow
def test_late_halted_and_paid_anew(life):
    row = life.subscribe()
    number = row.gateway_subscription_id
    life.advance_to(row.current_period_end)
    life.act(number, "fail")
    assert (life.live().state, life.access) == ("past_due", "full")
    life.advance(MINUTE)
    life.act(number, "renew")
    assert (life.live().state, life.live().paid_count) == ("active", 2)
    life.advance(DAY)
    life.act(number, "fail")
    life.advance(MINUTE)
    life.act(number, "halt")
    assert (life.live().state, life.access) == ("suspended", "read_only")
    life.press(life.open())
    life.settle()
    assert (life.live().previous_subscription_id, life.access) == (row.pk, "full")
    assert life.status(number) == "canceled"
    life.books_check()


@pytest.mark.slow
def test_paused_cancelled_kept_ended_given_back_and_back(life):
    row = life.subscribe()
    pause_ask(subscription=row, now=clock.now())
    life.advance(MINUTE)
    assert (life.live().state, life.access) == ("paused", "read_only")
    resume_ask(subscription=life.live(), now=clock.now())
    life.advance(MINUTE)
    cancel_ask(subscription=life.live(), at_period_end=True, now=clock.now())
    life.advance(MINUTE)
    keep_ask(subscription=life.live(), now=clock.now())
    life.advance(MINUTE)
    assert not life.live().cancel_at_period_end
    cancel_ask(subscription=life.live(), at_period_end=False, now=clock.now())
    life.settle()
    refund_plan(
        payment=Payment.objects.get(),
        amount_paise=1_180,
        reason="Asked for",
        actor_id=None,
        now=clock.now(),
    )
    life.settle()
    assert Refund.objects.get().state == "processed"
    life.advance_to(row.current_period_end)
    assert life.access == "read_only"
    reactivate(
        tenant=life.tenant, interval="month", user_id=life.user.pk, return_url=BACK, now=clock.now()
    )
    life.press(Checkout.objects.get(state="open"))
    life.settle()
    assert (life.live().previous_subscription_id, life.access) == (row.pk, "full")
    assert Subscription.objects.get(pk=row.pk).state == "canceled"
    life.books_check()


def test_the_thirty_first_comes_back_after_february(life):
    life.running.ledger.ahead = start_of(datetime(2027, 1, 31, 6, 0, tzinfo=UTC))
    life.subscribe()
    days = [life.live().current_period_end]
    for _month in range(2):
        renew(life)
        days.append(life.live().current_period_end)
    assert [(day.month, day.day) for day in days] == [(2, 28), (3, 31), (4, 30)]


def test_an_invoice_is_paid_by_link(life, enterprise_tenant):
    invoice = life.invoice_paid_by_link(enterprise_tenant)
    assert open_paise(invoice) == 0
    assert Checkout.objects.get().state == "paid"
    life.books_check()
