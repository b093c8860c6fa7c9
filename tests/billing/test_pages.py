"""The billing pages: what they say, who may open them, and what they never do."""

import pytest
from django.utils import translation

from billing.models import Checkout, Payment, Subscription
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db
PAGES = ("/billing/", "/billing/return/", "/billing/return/status/")


@pytest.fixture
def owner(workspace_client, local_tenant, asha, twin):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def paid(start, twin, deliver, work_off, event_of):
    checkout = start()
    twin.act(checkout, "pay")
    deliver(event_of("checkout.paid", twin.state(checkout)))
    work_off()
    return checkout


def test_during_the_trial_the_page_says_until_when_and_what_it_costs(owner, local_tenant):
    page = owner.get("/billing/").content.decode()
    day = Subscription.objects.get(tenant=local_tenant).trial_ends_at
    assert f"Your trial runs until {day.astimezone(clock.IST):%d %b %Y}." in page
    assert "₹1,178.82" in page
    assert "₹11,788.20" in page
    assert "Go to payment" in page
    assert "No payments yet." in page


def test_once_paid_the_page_shows_tax_lines_and_the_payment(owner, paid):
    page = owner.get("/billing/").content.decode()
    for text in ("Local plan, paid monthly", "₹999", "₹179.82", "₹1,178.82", "Active. Paid until"):
        assert text in page
    assert "Go to payment" not in page
    assert Payment.objects.get().remote_id in page


def test_the_page_is_in_hindi_for_who_reads_hindi(owner):
    with translation.override("hi"):
        assert owner.get("/billing/", headers={"Accept-Language": "hi"}).status_code == 200


@pytest.mark.parametrize(("period", "amount"), [("monthly", 117_882), ("annual", 1_178_820)])
def test_paying_goes_to_the_gateway_with_our_amount(owner, period, amount):
    response = owner.post("/billing/pay/", {"period": period, "amount_paise": 1})
    checkout = Checkout.objects.get()
    assert (response.status_code, response["Location"]) == (303, checkout.url)
    assert checkout.amount_paise == amount
    assert checkout.return_url.endswith("/billing/return/")


def test_a_double_click_opens_one_checkout(owner):
    first = owner.post("/billing/pay/", {"period": "monthly"})
    second = owner.post("/billing/pay/", {"period": "monthly"})
    assert first["Location"] == second["Location"]
    assert Checkout.objects.count() == 1


@pytest.mark.parametrize("period", ["", "month", "weekly", "монт"])
def test_a_made_up_period_is_refused(owner, period):
    assert owner.post("/billing/pay/", {"period": period}).status_code == 400
    assert not Checkout.objects.exists()


def test_paying_again_says_that_it_is_paid(owner, paid):
    response = owner.post("/billing/pay/", {"period": "monthly"})
    assert response.status_code == 409
    assert "already has a paid plan" in response.content.decode()


def test_a_gateway_that_is_away_is_said_on_the_page(owner, settings):
    settings.SANDBOX_GATEWAY_URL = "http://127.0.0.1:9"
    response = owner.post("/billing/pay/", {"period": "monthly"})
    assert response.status_code == 502
    assert "Nothing was charged" in response.content.decode()


def test_the_return_page_waits_whatever_the_address_says(owner, start, local_tenant):
    checkout = start()
    page = owner.get(f"/billing/return/?checkout={checkout.pk}&result=paid").content.decode()
    assert "Waiting for the confirmation" in page
    assert f'hx-get="/billing/return/status/?checkout={checkout.pk}"' in page
    assert Subscription.objects.get(tenant=local_tenant).state == "trialing"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("pay", "Paid. Your plan is active."),
        ("decline", "The payment was declined"),
        ("cancel", "You left the payment page"),
    ],
)
def test_the_return_page_ends_with_what_the_gateway_confirms(owner, start, twin, action, sentence):
    checkout = start()
    twin.act(checkout, action)
    status = owner.get(f"/billing/return/status/?checkout={checkout.pk}")
    assert status.status_code == 286
    assert sentence in status.content.decode()


def test_a_second_payment_is_said_to_be_given_back(owner, start, twin, paid):
    Subscription.objects.filter(state="active").update(state="suspended")
    second = start("year")
    Subscription.objects.filter(state="suspended").update(state="active")
    twin.act(second, "pay")
    page = owner.get(f"/billing/return/?checkout={second.pk}").content.decode()
    assert "We give this second payment back." in page
    assert "Paid twice" in owner.get("/billing/").content.decode()


@pytest.mark.parametrize("checkout", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_made_up_checkout_is_a_404(owner, checkout):
    assert owner.get(f"/billing/return/?checkout={checkout}").status_code == 404


def test_another_workspaces_checkout_is_a_404(start, workspace_client, enterprise_tenant, vikram):
    foreign = start()
    client = workspace_client(enterprise_tenant, vikram)
    assert client.get(f"/billing/return/?checkout={foreign.pk}").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_meera_is_refused(workspace_client, local_tenant, meera, start, path):
    checkout = start()
    client = workspace_client(local_tenant, meera)
    assert client.get(f"{path}?checkout={checkout.pk}").status_code == 403


def test_meera_cannot_start_a_payment_and_nothing_changed(
    workspace_client, local_tenant, meera, book, twin
):
    before = book()
    client = workspace_client(local_tenant, meera)
    assert client.post("/billing/pay/", {"period": "monthly"}).status_code == 403
    assert book() == before


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_sent_to_sign_in(workspace_client, local_tenant, path):
    response = workspace_client(local_tenant).get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("billing", 200), ("manager", 403), ("staff", 403), ("viewer", 403)],
)
def test_only_owner_and_billing_may_look(workspace_client, local_tenant, meera, role, status):
    membership_add(tenant=local_tenant, user=meera, role=Role(role), now=clock.now())
    assert workspace_client(local_tenant, meera).get("/billing/").status_code == status


def test_a_read_only_workspace_can_still_pay(owner, local_tenant):
    Subscription.objects.filter(tenant=local_tenant).update(state="expired")
    page = owner.get("/billing/").content.decode()
    assert "Your trial ended on" in page
    assert owner.post("/billing/pay/", {"period": "monthly"}).status_code == 303


def test_a_form_without_its_token_is_refused(workspace_client, local_tenant, asha, twin):
    client = workspace_client(local_tenant, asha)
    client.handler.enforce_csrf_checks = True
    assert client.post("/billing/pay/", {"period": "monthly"}).status_code == 403
    assert not Checkout.objects.exists()


def test_the_page_costs_the_same_however_much_was_paid(owner, paid, django_assert_max_num_queries):
    row = Payment.objects.get()
    for number in range(12):
        row.pk, row.remote_id = None, f"pay_{number}"
        row.save(force_insert=True)
    owner.get("/billing/")
    with django_assert_max_num_queries(16):
        owner.get("/billing/")


def test_enterprise_sees_its_own_price(workspace_client, enterprise_tenant, vikram, twin):
    page = workspace_client(enterprise_tenant, vikram).get("/billing/").content.decode()
    assert "₹29,500" in page
    assert "₹1,178.82" not in page


def test_the_banner_is_gone_on_the_very_page_that_learns_of_the_payment(owner, start, twin):
    Subscription.objects.update(state="expired")
    checkout = start()
    assert "read-only" in owner.get("/billing/").content.decode()
    twin.act(checkout, "pay")
    page = owner.get(f"/billing/return/?checkout={checkout.pk}").content.decode()
    status = owner.get(f"/billing/return/status/?checkout={checkout.pk}")

    assert "Paid. Your plan is active." in page
    assert "This workspace is read-only" not in page
    assert (status.status_code, status["HX-Refresh"]) == (286, "true")
    assert DueWork.objects.filter(task="people.summarise").exists()
