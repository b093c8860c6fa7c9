"""The owner's billing pages: what they say, what they do, and whose they are."""

from datetime import timedelta

import pytest

from billing.gateways.sandbox import SandboxGateway
from billing.models import (
    AccountWorkspace,
    BillingAccount,
    Checkout,
    Coupon,
    CouponUse,
    ReferralCode,
    Settlement,
    Subscription,
    TaxDocument,
)
from billing.services.prices import custom_price_set
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
SAFE = ("/billing/", "/billing/invoices/", "/billing/statement/", "/billing/cancel/")
ACTS = ("repair", "keep", "pause", "resume", "coupon", "referral", "cancel/ask", "change/start")
LINE = {
    "description": "Local plan, November 2026",
    "sac": "997331",
    "taxable_paise": 99_900,
    "rate_basis_points": 1800,
    "period_start": "2026-11-01",
    "period_end": "2026-12-01",
}


@pytest.fixture
def owner(workspace_client, local_tenant, asha, twin):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def active(local_tenant, owner):
    now = clock.now()
    row = Subscription.objects.get(tenant=local_tenant)
    row.state, row.gateway, row.gateway_subscription_id = "active", "sandbox", "sub_1"
    row.current_period_start = now - timedelta(days=10)
    row.current_period_end = now + timedelta(days=20)
    row.mandate, row.mandate_method = "confirmed", "card"
    row.save()
    return row


def document_of(tenant, **changes):
    with public_context():
        seller = {
            "name": "Nukkad Software Private Limited",
            "address": "4th floor, Deccan Corner",
            "city": "Pune",
            "pincode": "411004",
            "state_code": "27",
            "gstin": "27AAPFU0939F1ZV",
        }
        facts = rows._document(tenant) | {
            "seller": seller,
            "buyer": seller | {"name": "Asha Sweets", "gstin": ""},
            "lines": [LINE],
            "taxable_paise": 99_900,
            "cgst_paise": 8_991,
            "sgst_paise": 8_991,
            "total_paise": 117_882,
        }
        return TaxDocument.objects.create(tenant=tenant, **(facts | changes))


def page(client, path="/billing/"):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_an_active_plan_says_when_and_how_the_next_payment_comes(owner, active):
    shown = page(owner)
    day = f"{active.current_period_end.astimezone(clock.IST):%d %b %Y}"
    assert f'Next payment: <b class="money">₹1,178.82</b> on {day}.' in shown
    assert "₹1,178.82 is collected by itself." in shown
    assert "Change to yearly" in shown
    assert "Cancel the plan" in shown


def test_a_debit_above_15000_is_explained_in_plain_words(owner, active):
    active.agreed_paise = 2_500_000
    active.save()
    shown = page(owner)
    assert "₹29,500 is above ₹15,000." in shown
    assert "your bank asks you to approve each payment" in shown


@pytest.mark.parametrize(
    ("mandate", "sentence"),
    [
        ("lost", "Your bank no longer lets us collect."),
        ("paused", "Collection is paused in your UPI or bank app."),
        ("needs_afa", "Your bank waits for you to approve"),
        ("pending", "Your bank is still setting this up."),
    ],
)
def test_each_mandate_says_what_to_do(owner, active, mandate, sentence):
    Subscription.objects.filter(pk=active.pk).update(mandate=mandate)
    assert sentence in page(owner)


def test_a_late_payment_is_said_on_top_of_every_page(owner, active):
    assert "did not go through" not in page(owner, "/settings/")
    Subscription.objects.filter(pk=active.pk).update(
        state="past_due", past_due_since=clock.now() - timedelta(days=1)
    )
    for path in ("/settings/", "/billing/"):
        assert "The last payment did not go through. Please pay by" in page(owner, path)


def test_a_suspended_workspace_still_shows_its_money_and_downloads(owner, active, local_tenant):
    document = document_of(local_tenant)
    Subscription.objects.filter(pk=active.pk).update(state="suspended")
    assert "This workspace is read-only: a payment is open." in page(owner)
    assert owner.get(f"/billing/invoices/{document.pk}/pdf/").content.startswith(b"%PDF")


def test_usage_stands_beside_what_the_plan_allows(owner, active):
    shown = page(owner)
    assert "People in this workspace" in shown
    for words in ("1 of 3<", "0 of 3,000<", "0 of 10,000<", "0 of 20<", "1 of 1<"):
        assert words in shown
    assert ">full<" not in shown
    assert "up to" not in shown


def test_a_limit_that_is_reached_is_marked(owner, active, local_tenant, meera):
    custom_price_set(
        tenant=local_tenant,
        monthly_paise=99_900,
        annual_paise=999_000,
        quotas={"people": 1},
        effective_from=clock.now(),
        reason="Alone",
        actor_id=meera.pk,
        now=clock.now(),
    )
    shown = page(owner)
    assert "1 of 1 <" in shown
    assert ">full<" in shown


# --- documents


def test_an_invoice_is_listed_with_what_is_open_and_downloaded(owner, active, local_tenant):
    document = document_of(local_tenant)
    Settlement.objects.create(
        tenant=local_tenant,
        document=document,
        amount_paise=100_000,
        by="transfer",
        cause="transfer:1",
        settled_on=rows.TODAY,
        created_at=rows.NOON,
    )
    for path in ("/billing/", "/billing/invoices/"):
        shown = page(owner, path)
        assert document.number in shown
        assert "₹178.82 open" in shown
    pdf = owner.get(f"/billing/invoices/{document.pk}/pdf/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == f'attachment; filename="{document.number}.pdf"'
    assert pdf.content.startswith(b"%PDF")


def test_another_workspaces_invoice_is_a_404(owner, enterprise_tenant):
    foreign = document_of(enterprise_tenant)
    assert owner.get(f"/billing/invoices/{foreign.pk}/pdf/").status_code == 404
    assert owner.post(f"/billing/invoices/{foreign.pk}/pay/").status_code == 404
    assert owner.post(f"/api/billing/invoices/{foreign.pk}/pay").status_code in {403, 404}
    assert not Checkout.objects.exists()


def test_paying_an_invoice_goes_to_the_gateway_with_what_is_left(owner, active, local_tenant):
    document = document_of(local_tenant)
    first = owner.post(f"/billing/invoices/{document.pk}/pay/")
    second = owner.post(f"/billing/invoices/{document.pk}/pay/", {"gateway": "sandbox"})
    checkout = Checkout.objects.get()
    assert first["Location"] == second["Location"] == checkout.url
    assert (checkout.purpose, checkout.document_number) == ("pay_link", document.number)
    assert (checkout.base_paise, checkout.tax_paise) == (99_900, 17_982)


def test_a_settled_invoice_cannot_be_paid(owner, active, local_tenant):
    document = document_of(local_tenant)
    Settlement.objects.create(
        tenant=local_tenant,
        document=document,
        amount_paise=117_882,
        by="transfer",
        cause="transfer:1",
        settled_on=rows.TODAY,
        created_at=rows.NOON,
    )
    response = owner.post(f"/billing/invoices/{document.pk}/pay/")
    assert response.status_code == 409
    assert "There is nothing to pay." in response.content.decode()
    assert not Checkout.objects.exists()


def test_a_statement_shows_only_workspaces_whose_billing_one_may_see(
    owner, asha, local_tenant, enterprise_tenant
):
    with public_context():
        account = BillingAccount.objects.create(legal_name="Asha and Veda")
        for tenant in (local_tenant, enterprise_tenant):
            AccountWorkspace.objects.create(tenant=tenant, account=account)
    own, other = document_of(local_tenant), document_of(enterprise_tenant)
    shown = page(owner, "/billing/statement/")
    assert own.number in shown
    assert other.number not in shown
    assert "1 more workspace is paid together with this one." in shown
    with public_context():
        membership_add(user=asha, tenant=enterprise_tenant, role=Role.BILLING, now=clock.now())
    shown = page(owner, "/billing/statement/")
    assert other.number in shown
    assert "₹2,357.64" in shown


# --- changes


def test_the_change_page_shows_figures_and_changes_nothing(owner, active, book, monkeypatch):
    # The twin knows no such subscription; its answer is compared with our own figures.
    monkeypatch.setattr(SandboxGateway, "preview_change", lambda *_where, **_at: 1_178_820)
    before = book()
    shown = page(owner, "/billing/change/")
    assert "From monthly to yearly" in shown
    assert "₹11,788.20" in shown
    assert book() == before


@pytest.mark.parametrize(
    "form",
    [
        {"period": "annual", "at": "x", "seen": "1"},
        {"period": "annual", "at": "2026-11-22T06:30:00", "seen": "-1"},
        {"period": "annual", "at": "9999-99-99T00:00:00+00:00", "seen": "9" * 40},
        {"period": "", "at": "", "seen": ""},
        {"period": "annual\0", "at": "\0", "seen": "१२"},
    ],
)
def test_made_up_figures_change_nothing(owner, active, form):
    response = owner.post("/billing/change/start/", form)
    assert response.status_code in {400, 409}
    active.refresh_from_db()
    assert active.interval == "month"
    assert not active.changes.exists()


def test_a_trial_is_cancelled_at_once_and_says_so(owner, local_tenant):
    assert "You need not cancel" in page(owner, "/billing/cancel/")
    response = owner.post("/billing/cancel/ask/", {"when": "now"}, follow=True)
    assert "Your trial is cancelled." in response.content.decode()
    assert Subscription.objects.get(tenant=local_tenant).state in {"canceled", "ended", "expired"}


@pytest.mark.parametrize("path", ["keep", "resume", "pause"])
def test_what_cannot_be_done_now_is_said_and_not_done(owner, local_tenant, path, book):
    before = book()
    response = owner.post(f"/billing/{path}/")
    assert response.status_code == 409
    assert book() == before


# --- coupon and referral


def test_a_coupon_is_put_on_and_taken_off(owner, local_tenant):
    Coupon.objects.create(
        code="DIWALI", percent_basis_points=1_000, valid_from=clock.now() - timedelta(days=1)
    )
    assert owner.post("/billing/coupon/", {"coupon": "nonsense"}).status_code == 400
    owner.post("/billing/coupon/", {"coupon": " diwali "})
    assert CouponUse.objects.get(tenant=local_tenant).coupon.code == "DIWALI"
    assert "DIWALI" in page(owner)
    owner.post("/billing/coupon/", {"drop": "1"})
    assert "DIWALI" not in page(owner)


def test_a_code_to_pass_on_is_made_once(owner, local_tenant):
    owner.post("/billing/referral/")
    owner.post("/billing/referral/")
    code = ReferralCode.objects.get(tenant=local_tenant).code
    assert code in page(owner)
    assert owner.post("/billing/referral/", {"referral": code}).status_code == 400


# --- who may


@pytest.mark.parametrize("path", [*SAFE, "/billing/change/"])
def test_staff_of_the_workspace_do_not_see_money(workspace_client, local_tenant, meera, path):
    assert workspace_client(local_tenant, meera).get(path).status_code in {403, 404}


@pytest.mark.parametrize("act", ACTS)
def test_staff_of_the_workspace_change_no_money(workspace_client, local_tenant, meera, act, book):
    before = book()
    client = workspace_client(local_tenant, meera)
    assert client.post(f"/billing/{act}/", {"coupon": "X"}).status_code in {403, 404}
    assert book() == before


@pytest.mark.parametrize("path", SAFE)
def test_every_page_is_there_in_hindi(owner, active, path):
    response = owner.get(path, headers={"Accept-Language": "hi"})
    assert response.status_code == 200


def test_the_api_says_what_the_page_says(owner, active, local_tenant):
    document = document_of(local_tenant)
    summary = owner.get("/api/billing/summary").json()
    assert (summary["access"], summary["charged_paise"], summary["is_late"]) == (
        "full",
        117_882,
        False,
    )
    (row,) = owner.get("/api/billing/invoices").json()
    assert (row["number"], row["open_paise"]) == (document.number, 117_882)
    assert row["pdf"] == f"/billing/invoices/{document.pk}/pdf/"
