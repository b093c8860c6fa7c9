"""Pay pages: one per workspace and interval, with our price, however often it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from billing.errors import AlreadyPaid, GatewayUnavailable, PlanNotOnSale
from billing.models import Checkout, Payment, PlanVersion, Subscription
from billing.selectors import checkout_state
from billing.services import checkout_follow_up, checkout_refresh, checkout_refresh_if_due
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.schedule.models import DueWork

pytestmark = pytest.mark.django_db


def live_of(tenant):
    return Subscription.objects.get(tenant=tenant, state="active")


def test_a_checkout_holds_our_price_with_gst(start, twin):
    checkout = start("month")
    assert (checkout.base_paise, checkout.tax_paise, checkout.amount_paise) == (
        99900,
        17982,
        117882,
    )
    assert (checkout.currency, checkout.state) == ("INR", "open")
    assert checkout.url == f"{twin.url}/pay/{checkout.remote_id}"


def test_a_year_is_charged_as_ten_months(start):
    assert start("year").amount_paise == 1_178_820


def test_enterprise_is_asked_for_29500_rupees(start, enterprise_tenant):
    assert start(tenant=enterprise_tenant).amount_paise == 2_950_000


def test_an_unknown_interval_is_refused(start):
    with pytest.raises(InvalidInput):
        start("week")
    assert not Checkout.objects.exists()


def test_a_double_click_gets_the_same_page(start):
    first, second = start(), start()
    assert (first.pk, first.url) == (second.pk, second.url)
    assert Checkout.objects.count() == 1


def test_month_and_year_are_two_pages(start):
    assert start("month").pk != start("year").pk


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_get_the_same_page(start):
    def click(_number):
        try:
            return start().url
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        urls = set(pool.map(click, range(20)))
    assert len(urls) == 1
    assert Checkout.objects.count() == 1


def test_a_lost_answer_of_the_gateway_costs_nothing(start, twin):
    twin.control(fail_after_apply=1)
    with pytest.raises(GatewayUnavailable):
        start()
    assert Checkout.objects.get().url == ""
    checkout = start()
    assert Checkout.objects.count() == 1
    assert twin.state(checkout)["checkout"]["reference"] == str(checkout.pk)


def test_a_gateway_that_is_away_is_said_plainly(start, settings):
    settings.SANDBOX_GATEWAY_URL = "http://127.0.0.1:9"
    with pytest.raises(GatewayUnavailable) as caught:
        start()
    assert "Nothing was charged" in caught.value.english


def test_a_page_that_the_gateway_forgot_is_replaced(start):
    forgotten = start()
    Checkout.objects.update(remote_id="chk_of_yesterday")
    fresh = start()
    assert fresh.pk != forgotten.pk
    assert checkout_state(forgotten.pk) == "expired"


def test_a_new_price_sets_the_old_page_aside(start, local_tenant):
    old = start()
    PlanVersion.objects.create(
        plan=old.plan_version.plan,
        number=2,
        monthly_paise=129_900,
        annual_paise=1_299_000,
        effective_from=clock.now(),
    )
    new = start()
    assert new.amount_paise == 153_282
    assert checkout_state(old.pk) == "superseded"


def test_a_price_of_the_future_is_not_asked_yet(start):
    version = start().plan_version
    PlanVersion.objects.create(
        plan=version.plan,
        number=2,
        monthly_paise=129_900,
        annual_paise=1_299_000,
        effective_from=clock.now() + timedelta(days=1),
    )
    assert start().amount_paise == 117_882


def test_who_has_paid_is_not_asked_again(start, twin, deliver, work_off, event_of):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()
    with pytest.raises(AlreadyPaid):
        start()
    with pytest.raises(AlreadyPaid):
        start("year")


def test_paid_while_no_webhook_came_is_found_at_the_next_click(start, twin, local_tenant):
    twin.act(start(), "pay")
    with pytest.raises(AlreadyPaid):
        start()
    assert live_of(local_tenant).paid_count == 1


@pytest.mark.parametrize(("action", "state"), [("decline", "declined"), ("cancel", "abandoned")])
def test_declined_and_abandoned_are_told_apart(
    start, twin, deliver, work_off, event_of, action, state, local_tenant
):
    checkout = start()
    twin.act(checkout, action)
    deliver(event_of(f"checkout.{state}", twin.state(checkout)))
    work_off()
    assert checkout_state(checkout.pk) == state
    assert Subscription.objects.get(tenant=local_tenant).state == "trialing"
    assert Payment.objects.count() == 0
    assert start().pk != checkout.pk


def test_paying_after_going_back_counts(start, twin, deliver, work_off, event_of, local_tenant):
    checkout = start()
    twin.act(checkout, "cancel")
    left = event_of("checkout.abandoned", twin.state(checkout), "evt_left")
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout), "evt_paid"))
    deliver(left)
    work_off()
    assert checkout_state(checkout.pk) == "paid"
    assert live_of(local_tenant).paid_count == 1


def test_two_tabs_that_both_pay_leave_one_subscription(
    start, twin, deliver, work_off, event_of, local_tenant
):
    month, year = start("month"), start("year")
    twin.act(month, "pay")
    twin.act(year, "pay")
    deliver(event_of("checkout.paid", twin.state(month), "evt_m"))
    deliver(event_of("checkout.paid", twin.state(year), "evt_y"))
    work_off()
    assert live_of(local_tenant).interval == "month"
    assert Payment.objects.get(checkout=month).needs_refund is False
    second = Payment.objects.get(checkout=year)
    assert (second.needs_refund, second.subscription, second.amount_paise) == (
        True,
        None,
        1_178_820,
    )
    assert "refund" in second.remark


def test_paying_sets_the_other_open_page_aside(start, twin, local_tenant):
    month, year = start("month"), start("year")
    twin.act(month, "pay")
    checkout_refresh(checkout=month, now=clock.now())
    assert checkout_state(year.pk) == "superseded"


def test_the_gateway_refuses_to_be_paid_twice(start, twin):
    checkout = start()
    assert twin.act(checkout, "pay").status_code == 303
    again = twin.act(checkout, "pay")
    assert again.status_code == 409
    assert "already made" in again.text
    assert len(twin.state(checkout)["payments"]) == 1


def test_a_redirect_alone_grants_nothing(start, twin, book):
    checkout = start()
    before = book()
    response = twin.act(checkout, "pay")
    address = response.headers["Location"]
    assert f"?checkout={checkout.pk}&result=paid&signature=" in address
    assert book() == before


def test_when_no_webhook_came_the_gateway_is_asked(start, twin, work_off, local_tenant):
    checkout = start()
    twin.act(checkout, "pay")
    work = DueWork.objects.get(key=f"billing-checkout:{checkout.pk}:0")
    assert work.due_at == checkout.created_at + timedelta(minutes=2)
    DueWork.objects.filter(pk=work.pk).update(due_at=clock.now())
    work_off()
    assert live_of(local_tenant).paid_count == 1
    assert Payment.objects.get().amount_paise == 117_882


def test_an_open_checkout_is_asked_about_again_later_then_expired(start):
    checkout = start()
    now = checkout.created_at + timedelta(minutes=2)
    checkout_follow_up(checkout_id=str(checkout.pk), turn=0, now=now)
    later = DueWork.objects.get(key=f"billing-checkout:{checkout.pk}:1")
    assert later.due_at == checkout.created_at + timedelta(minutes=15)
    checkout_follow_up(
        checkout_id=str(checkout.pk), turn=3, now=checkout.created_at + timedelta(hours=25)
    )
    assert checkout_state(checkout.pk) == "expired"


def test_the_waiting_page_asks_at_most_every_few_seconds(start, twin, monkeypatch):
    checkout = start()
    now = clock.now()
    checkout_refresh_if_due(checkout=checkout, now=now)
    twin.act(checkout, "pay")
    assert checkout_refresh_if_due(checkout=checkout, now=now).state == "open"
    later = now + timedelta(seconds=4)
    assert checkout_refresh_if_due(checkout=checkout, now=later).state == "paid"


def test_a_tier_that_is_not_deployed_is_not_sold(start, enterprise_tenant, monkeypatch):
    monkeypatch.setenv("PLATFORM_TIERS", "local")
    with pytest.raises(PlanNotOnSale):
        start(tenant=enterprise_tenant)


@pytest.mark.parametrize("junk", ["", "x", "123", "00000000-0000-0000-0000-000000000000"])
def test_a_checkout_that_does_not_exist_has_no_state(junk):
    assert checkout_state(junk) is None
