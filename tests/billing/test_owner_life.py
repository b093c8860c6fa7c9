"""What owners read about money through the life of a plan: trial, late, returned, ended."""

from datetime import timedelta

import pytest
from django.utils import translation

from billing.models import Checkout, Payment, Refund, Subscription
from billing.selectors import subscription_summary
from billing.selectors.offered import own_prices
from billing.services.accounts import account_update
from billing.services.coupons import coupon_take
from billing.services.invoicing import invoice_issue
from billing.services.prices import custom_price_set
from billing.views.details import DetailsForm
from marketing_platform.core import clock
from tests.billing.offers_world import NOW, coupon, paid

__all__ = ["paid"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def owner(workspace_client, local_tenant, asha, twin):
    return workspace_client(local_tenant, asha)


def page(client, path="/billing/"):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def becomes(tenant, **changes):
    Subscription.objects.filter(tenant=tenant).update(**changes)


# --- payments


def test_tax_that_lay_inside_the_amount_is_shown_as_the_invoice_has_it(
    local_tenant, paid, supplier
):
    payment = paid()
    Payment.objects.update(tax_paise=0, amount_paise=99_900)
    payment.refresh_from_db()
    account_update(tenant=local_tenant, now=NOW, country="SG")
    before = subscription_summary(local_tenant, now=NOW).payments[0]
    assert (before.base, before.tax, before.total) == ("₹999", "", "₹999")

    # No letter of undertaking: an export carries tax, and nobody may charge more than was agreed.
    invoice_issue(
        tenant=local_tenant,
        subscription=payment.subscription,
        base_paise=99_900,
        cause="payment:sandbox:1",
        now=NOW,
        charged_paise=99_900,
        payment=payment,
    )
    shown = subscription_summary(local_tenant, now=NOW).payments[0]
    assert (shown.base, shown.tax, shown.total) == ("₹846.61", "₹152.39", "₹999")


def test_what_went_back_and_what_is_on_its_way_are_told_apart(local_tenant, paid):
    payment = paid()

    def give(paise, state):
        Refund.objects.create(
            tenant=local_tenant,
            payment=payment,
            amount_paise=paise,
            state=state,
            reason="closed",
            created_at=NOW,
        )

    give(10_000, "failed")
    shown = subscription_summary(local_tenant, now=NOW).payments[0]
    assert (shown.returned, shown.on_its_way) == ("", "")
    give(20_000, "processed")
    give(5_050, "processed")
    give(3_000, "planned")
    give(4_000, "asked")
    shown = subscription_summary(local_tenant, now=NOW).payments[0]
    assert (shown.total, shown.returned, shown.on_its_way) == ("₹1,178.82", "₹250.50", "₹70")


# --- the price before it is paid


def test_the_pay_form_shows_what_this_workspace_pays(owner, local_tenant, asha, supplier):
    assert own_prices(local_tenant, now=NOW).month.total == "₹1,178.82"
    custom_price_set(
        tenant=local_tenant,
        monthly_paise=80_000,
        annual_paise=800_000,
        actor_id=asha.pk,
        reason="first hundred shops",
        effective_from=clock.now() - DAY,
        now=clock.now(),
    )
    text = page(owner)
    assert "₹944" in text
    assert "₹9,440" in text
    assert "₹1,178.82" not in text


def test_a_coupon_says_what_it_does_before_it_is_used(owner, local_tenant, supplier):
    now = clock.now()
    row = coupon(valid_from=now - DAY, percent_basis_points=5_000)
    coupon_take(tenant=local_tenant, code="DIWALI", now=now)
    text = page(owner)
    assert 'Coupon DIWALI: <b class="money">₹499.50</b> and its GST come back' in text
    assert "₹1,178.82" in text
    # One that lasts lowers the price itself.
    row.duration = "forever"
    row.save()
    text = page(owner)
    assert 'With coupon DIWALI, instead of <span class="money">₹999</span>.' in text
    assert "₹589.41" in text
    assert "₹1,178.82" not in text


# --- states


def test_a_trial_says_what_follows_and_that_paying_is_the_thing_to_do(owner, local_tenant):
    text = page(owner)
    assert "After that day the workspace can be read and downloaded, not changed." in text
    assert 'To go on costs <b class="money">₹1,178.82</b> a month, GST included.' in text
    assert text.index("Go to payment") < text.index("Cancel the trial")
    becomes(local_tenant, state="canceled", access_until=clock.now() + 3 * DAY)
    assert "You can use the trial until" in page(owner)
    becomes(local_tenant, access_until=clock.now() - DAY)
    assert "Your trial ended on" in page(owner)


def test_what_is_used_up_is_not_said_to_run_on(owner, local_tenant):
    becomes(
        local_tenant,
        state="canceled",
        gateway="sandbox",
        gateway_subscription_id="sub_1",
        access_until=clock.now() + DAY,
    )
    text = page(owner)
    assert "Ended. What was paid runs until" in text
    assert "Who pays earlier begins the new period on the day of the payment." in text
    becomes(local_tenant, access_until=clock.now() - DAY)
    text = page(owner)
    assert "Ended. The workspace is read-only until it is paid" in text
    assert "runs until" not in text


def test_a_late_debit_says_how_much_and_until_when(owner, local_tenant):
    since = clock.now() - DAY
    becomes(
        local_tenant,
        state="past_due",
        gateway="sandbox",
        gateway_subscription_id="sub_1",
        past_due_since=since,
        current_period_end=since,
        mandate="confirmed",
        mandate_method="card",
        next_attempt_at=clock.now() + DAY,
    )
    text = page(owner)
    assert "₹1,178.82 could not be collected. The payment company tries again on" in text
    day = f"{(since + 7 * DAY).astimezone(clock.IST):%d %b %Y}"
    assert f"Everything works until {day}." in text
    assert "Pay, or change how you pay" in text
    # It was not collected by itself.
    assert "is collected by itself" not in text


def test_an_overdue_invoice_is_no_debit_that_is_tried_again(owner, local_tenant):
    becomes(
        local_tenant, state="past_due", past_due_since=clock.now() - DAY, current_period_end=None
    )
    text = page(owner)
    assert "An invoice is overdue. It is listed below" in text
    assert "payment company tries again" not in text
    # A pay page would charge the period again and leave the invoice open.
    assert "Go to payment" not in text
    assert text.index("No invoices yet.") < text.index("What your plan allows")
    becomes(local_tenant, state="suspended", state_changed_at=clock.now())
    text = page(owner)
    assert "An invoice is overdue. The workspace is read-only until it is paid" in text
    assert "Go to payment" not in text
    # Nor by the address alone.
    answer = owner.post("/billing/pay/", {"period": "monthly"}, follow=True)
    assert "so nothing was charged" in answer.content.decode()
    assert not Checkout.objects.exists()
    becomes(local_tenant, state="canceled")
    assert "Go to payment" in page(owner)


def test_states_are_named_in_the_language_of_the_page(owner):
    with translation.override("hi"):
        named = dict(DetailsForm().fields["state_code"].choices)
    assert named["27"] == "महाराष्ट्र"
    assert dict(DetailsForm().fields["state_code"].choices)["27"] == "Maharashtra"
