"""What the owner sees where Razorpay's pages lead nowhere by themselves."""

import pytest
from django.test import Client

from billing.models import Checkout, PlanChange, Subscription
from billing.services.asking import cancel_ask
from marketing_platform.core import clock
from tests.billing.lives import DAY
from tests.billing.lives_at_twins import razorpay_life  # noqa: F401
from tests.onboarding.test_sign_up import post, signed_up, with_business

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(razorpay_life):  # noqa: F811
    return razorpay_life


@pytest.fixture
def owner(life, workspace_client):
    return workspace_client(life.tenant, life.user)


def beside(owner, response):
    """The page of ours that a form leads to, and its checkout."""
    assert response.status_code == 303
    assert response["Location"].startswith("/billing/return/?checkout=")
    checkout = Checkout.objects.latest("created_at")
    page = owner.get(response["Location"]).content.decode()
    return page, checkout


def test_paying_opens_the_page_beside_ours_which_waits(owner, life):
    wanted = {"period": "monthly", "gateway": "razorpay"}
    page, checkout = beside(owner, owner.post("/billing/pay/", wanted))
    assert f'href="{checkout.url}" target="_blank"' in page
    assert "Waiting for the confirmation" in page
    status = f"/billing/return/status/?checkout={checkout.pk}"
    assert owner.get(status).status_code == 200
    life.press(checkout)
    life.settle()
    answer = owner.get(status)
    assert answer.status_code == 286
    assert "Paid. Your plan is active." in answer.content.decode()
    assert 'id="open-page" hx-swap-oob="true"' in answer.content.decode()


@pytest.mark.slow
def test_what_cannot_be_kept_is_not_offered(owner, life):
    row = life.subscribe()
    cancel_ask(subscription=row, at_period_end=True, now=clock.now())
    page = owner.get("/billing/").content.decode()
    assert "You can start it anew then." in page
    assert "Keep the plan" not in page
    answer = owner.post("/billing/keep/")
    assert answer.status_code == 409
    assert "cannot take a cancellation back" in answer.content.decode()
    assert life.live().cancel_at_period_end


@pytest.mark.slow
def test_another_way_to_pay_is_agreed_to_and_begins_with_the_next_period(owner, life):
    old = life.subscribe()
    life.advance(5 * DAY)
    _page, checkout = beside(owner, owner.post("/billing/repair/"))
    again = beside(owner, owner.post("/billing/repair/"))[1]
    assert (again.pk, checkout.starts_at) == (checkout.pk, old.current_period_end)
    assert "Go on with it" in owner.get("/billing/").content.decode()
    life.press(checkout, "card")
    life.settle()
    told = owner.get(f"/billing/return/?checkout={checkout.pk}").content.decode()
    assert "Agreed. Nothing was charged." in told
    life.advance_to(old.current_period_end)
    life.advance(DAY)
    new = life.live()
    assert (new.previous_subscription_id, new.mandate_method, new.paid_count) == (old.pk, "card", 1)
    assert new.current_period_start == old.current_period_end
    assert PlanChange.objects.get().state == "done"
    life.never_ended_before(new, old)
    life.books_check()


def test_a_debit_that_failed_is_paid_on_the_page_of_the_subscription(owner, life):
    row = life.subscribe()
    number = row.gateway_subscription_id
    life.debits(number, "fail")
    life.advance_to(row.current_period_end)
    page = owner.post("/billing/repair/").content.decode()
    assert f'href="{life.running.thing(number)["short_url"]}" target="_blank"' in page
    life.running.pay(number, "card")
    life.settle()
    assert (life.live().state, life.live().paid_count) == ("active", 2)
    life.books_check()


@pytest.mark.slow
def test_once_halted_it_is_paid_anew(owner, life):
    row = life.subscribe()
    life.debits(row.gateway_subscription_id, "fail")
    life.advance_to(row.current_period_end, 4 * DAY)
    _page, checkout = beside(owner, owner.post("/billing/repair/"))
    assert (checkout.purpose, checkout.starts_at) == ("subscribe", None)
    life.press(checkout)
    life.settle()
    assert (life.live().previous_subscription_id, life.access) == (row.pk, "full")
    life.books_check()


def test_a_sign_up_that_pays_waits_beside_the_page(razorpay_twin, supplier):
    browser = signed_up(Client())
    tenant = with_business(browser)
    answer = post(browser, "/start/plan/", {"period": "monthly", "action": "pay"})
    waiting = f"/start/waiting/{tenant.pk}/"
    assert answer["Location"] == waiting
    checkout = Checkout.objects.get(tenant=tenant)
    page = browser.get(waiting, HTTP_HOST="localhost").content.decode()
    assert f'href="{checkout.url}" target="_blank"' in page
    razorpay_twin.press(checkout.url)
    Checkout.objects.update(asked_at=None)
    page = browser.get(waiting, HTTP_HOST="localhost").content.decode()
    assert "The payment is confirmed" in page
    assert checkout.url not in page
    assert Subscription.objects.get(tenant=tenant).state == "active"
