"""Coupons and referrals, on rows."""

import pytest

from billing.errors import CouponRefused, ReferralRefused
from billing.models import (
    Checkout,
    CouponUse,
    Payment,
    Referral,
    Refund,
    Subscription,
)
from billing.selectors.prices import price_for
from billing.services.accounts import account_link, account_of
from billing.services.coupons import coupon_drop, coupon_paid, coupon_take
from billing.services.referrals import (
    referral_code_of,
    referral_paid,
    referral_reward,
    referral_take,
)
from marketing_platform.schedule.models import DueWork
from tests.billing.offers_world import DAY, NOW, coupon

pytestmark = pytest.mark.django_db


def test_a_coupon_for_ever_is_in_the_price(local_tenant):
    coupon(duration="forever", percent_basis_points=1_000)
    coupon_take(tenant=local_tenant, code=" diwali ", now=NOW)
    price = price_for(local_tenant, "month", now=NOW)
    assert (price.base_paise, price.discount_paise, price.amount_paise) == (89_910, 9_990, 106_094)
    assert (price.coupon.code, price.given_back_paise) == ("DIWALI", 0)


def test_a_coupon_that_ends_is_given_back_after_each_payment(local_tenant, paid):
    coupon(duration="repeating", months=2)
    use = coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    price = price_for(local_tenant, "month", now=NOW)
    assert (price.amount_paise, price.given_back_paise) == (117_882, 49_950)
    for month, left in ((0, 1), (1, 0), (2, 0)):
        coupon_paid(payment=paid(at=NOW + 30 * month * DAY), now=NOW + 30 * month * DAY)
        use.refresh_from_db()
        assert use.months_left == left
    assert use.ended_at == NOW + 30 * DAY
    refunds = Refund.objects.order_by("created_at").values_list("amount_paise", "reason")
    assert list(refunds) == [(58_941, "Coupon DIWALI")] * 2
    assert price_for(local_tenant, "month", now=NOW + 60 * DAY).coupon is None


def test_money_that_goes_back_uses_no_coupon_up(local_tenant, paid):
    coupon()
    use = coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    payment = paid()
    Payment.objects.filter(pk=payment.pk).update(needs_refund=True)
    payment.refresh_from_db()
    assert coupon_paid(payment=payment, now=NOW) is None
    assert coupon_paid(payment=paid(at=NOW - DAY / 2), now=NOW) is None
    use.refresh_from_db()
    assert (use.months_left, Refund.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("terms", "code", "sentence"),
    [
        ({}, "HOLI", "not known"),
        ({}, "", "not known"),
        ({}, "A\0", "not known"),
        ({"is_on": False}, "DIWALI", "not in use"),
        ({"valid_until": NOW}, "DIWALI", "last day"),
        ({"valid_from": NOW + DAY}, "DIWALI", "yet"),
        ({"tier": "enterprise"}, "DIWALI", "another plan"),
        ({"most_uses": 0}, "DIWALI", "as often"),
    ],
)
def test_a_coupon_is_refused_with_its_reason(local_tenant, terms, code, sentence):
    coupon(**terms)
    with pytest.raises(CouponRefused, match=sentence):
        coupon_take(tenant=local_tenant, code=code, now=NOW)
    assert not CouponUse.objects.exists()


def test_one_coupon_at_a_time_and_once_each(local_tenant, enterprise_tenant, paid):
    coupon(most_uses=1)
    coupon("HOLI")
    first = coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    assert coupon_take(tenant=local_tenant, code="DIWALI", now=NOW).pk == first.pk
    with pytest.raises(CouponRefused, match="on this workspace already"):
        coupon_take(tenant=local_tenant, code="HOLI", now=NOW)
    with pytest.raises(CouponRefused, match="as often"):
        coupon_take(tenant=enterprise_tenant, code="DIWALI", now=NOW)
    # Nobody paid with it: its one use is free again.
    assert coupon_drop(tenant=local_tenant, now=NOW)
    assert coupon_take(tenant=enterprise_tenant, code="DIWALI", now=NOW)
    coupon_take(tenant=local_tenant, code="HOLI", now=NOW)
    paid(at=NOW + DAY)
    assert coupon_drop(tenant=local_tenant, now=NOW + DAY)
    with pytest.raises(CouponRefused, match="used this coupon before"):
        coupon_take(tenant=local_tenant, code="HOLI", now=NOW + DAY)
    assert not coupon_drop(tenant=local_tenant, now=NOW + DAY)


def test_a_page_that_can_still_be_paid_keeps_its_coupon_used(
    local_tenant, enterprise_tenant, paid, asha
):
    held = coupon(duration="forever", most_uses=1)
    coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    price = price_for(local_tenant, "month", now=NOW)
    Checkout.objects.create(
        tenant=local_tenant,
        plan_version=price.plan_version,
        interval="month",
        base_paise=price.base_paise,
        tax_paise=price.tax_paise,
        amount_paise=price.amount_paise,
        discount_paise=price.discount_paise,
        coupon=held,
        user_id=asha.pk,
        created_at=NOW,
        expires_at=NOW + DAY,
        gateway="sandbox",
    )
    assert coupon_drop(tenant=local_tenant, now=NOW)
    assert price_for(local_tenant, "month", now=NOW).discount_paise == 0
    with pytest.raises(CouponRefused, match="as often"):
        coupon_take(tenant=enterprise_tenant, code="DIWALI", now=NOW)
    # Whoever holds the use may take it up again until it was paid with.
    assert coupon_take(tenant=local_tenant, code="DIWALI", now=NOW).ended_at is None
    assert CouponUse.objects.count() == 1


def test_a_coupon_for_ever_on_a_running_mandate_comes_back_each_month(local_tenant, paid):
    first = paid(at=NOW - DAY)
    coupon(duration="forever", percent_basis_points=1_000)
    coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    coupon_paid(payment=paid(at=NOW + DAY), now=NOW + DAY)
    assert [row.amount_paise for row in Refund.objects.all()] == [11_788]
    # Once the price itself is lower nothing comes back.
    Subscription.objects.filter(pk=first.subscription_id).update(agreed_paise=89_910)
    coupon_paid(payment=paid(base=89_910, at=NOW + 2 * DAY), now=NOW + 2 * DAY)
    assert Refund.objects.count() == 1


def test_of_a_payment_all_but_a_rupee_comes_back(local_tenant, paid):
    coupon(percent_basis_points=10_000)
    use = coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    for _again in range(2):
        coupon_paid(payment=paid(at=NOW + Payment.objects.count() * DAY), now=NOW)
    use.refresh_from_db()
    assert (use.months_left, use.ended_at) == (0, NOW)
    # ₹999 less ₹1, with GST: once.
    assert [row.amount_paise for row in Refund.objects.all()] == [117_764]


@pytest.mark.parametrize("code", ["\ud800", "A\nB", "X" * 31, " "])
def test_what_is_no_code_is_not_known(local_tenant, code):
    with pytest.raises(CouponRefused, match="not known"):
        coupon_take(tenant=local_tenant, code=code, now=NOW)
    with pytest.raises(ReferralRefused, match="not known"):
        referral_take(tenant=local_tenant, code=code, now=NOW)


# --- referrals


def test_the_first_payment_of_a_newcomer_earns_half_a_month_back(
    local_tenant, enterprise_tenant, paid
):
    code = referral_code_of(tenant=enterprise_tenant, now=NOW)
    assert referral_code_of(tenant=enterprise_tenant, now=NOW).pk == code.pk
    referral = referral_take(tenant=local_tenant, code=code.code.lower(), now=NOW)
    assert referral_take(tenant=local_tenant, code=code.code, now=NOW).pk == referral.pk
    referral_paid(payment=paid(), now=NOW)
    assert DueWork.objects.filter(task="billing.reward_referral").count() == 1
    # The other has paid nothing yet: it waits for their payment.
    assert referral_reward(referral_id=referral.pk, now=NOW).rewarded_at is None
    theirs = paid(enterprise_tenant, base=2_500_000)
    referral_paid(payment=theirs, now=NOW)
    assert DueWork.objects.filter(task="billing.reward_referral").count() == 2
    for _again in range(2):
        rewarded = referral_reward(referral_id=referral.pk, now=NOW)
    assert (rewarded.rewarded_at, rewarded.reward_paise) == (NOW, 58_941)
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount_paise) == (theirs.pk, 58_941)


def test_a_yearly_newcomer_counts_as_a_month(local_tenant, enterprise_tenant, paid):
    code = referral_code_of(tenant=enterprise_tenant, now=NOW)
    referral = referral_take(tenant=local_tenant, code=code.code, now=NOW)
    paid(interval="year", base=999_000)
    paid(enterprise_tenant, base=2_500_000)
    # Half of a twelfth of ₹9,990 is ₹416.25, and GST on it.
    assert referral_reward(referral_id=referral.pk, now=NOW).reward_paise == 49_118


def test_a_referral_is_by_somebody_else_and_before_the_first_payment(
    local_tenant, enterprise_tenant, paid
):
    own = referral_code_of(tenant=local_tenant, now=NOW)
    with pytest.raises(ReferralRefused, match="own code"):
        referral_take(tenant=local_tenant, code=own.code, now=NOW)
    with pytest.raises(ReferralRefused, match="not known"):
        referral_take(tenant=local_tenant, code="NOBODY", now=NOW)
    paid()
    code = referral_code_of(tenant=enterprise_tenant, now=NOW)
    with pytest.raises(ReferralRefused, match="before the first payment"):
        referral_take(tenant=local_tenant, code=code.code, now=NOW)
    assert not Referral.objects.exists()


def test_two_do_not_bring_each_other_and_nobody_their_own_payer(
    local_tenant, enterprise_tenant, meera
):
    ours = referral_code_of(tenant=local_tenant, now=NOW)
    theirs = referral_code_of(tenant=enterprise_tenant, now=NOW)
    referral_take(tenant=local_tenant, code=theirs.code, now=NOW)
    with pytest.raises(ReferralRefused, match="came by your code"):
        referral_take(tenant=enterprise_tenant, code=ours.code, now=NOW)
    Referral.objects.all().delete()
    account = account_of(local_tenant, now=NOW)
    account_link(
        tenant=enterprise_tenant, account=account, actor_id=meera.pk, reason="One group", now=NOW
    )
    with pytest.raises(ReferralRefused, match="own code"):
        referral_take(tenant=enterprise_tenant, code=ours.code, now=NOW)
    assert not Referral.objects.exists()


def test_a_reward_is_of_what_was_kept(local_tenant, enterprise_tenant, paid):
    code = referral_code_of(tenant=enterprise_tenant, now=NOW)
    referral = referral_take(tenant=local_tenant, code=code.code, now=NOW)
    coupon()
    coupon_take(tenant=local_tenant, code="DIWALI", now=NOW)
    coupon_paid(payment=paid(), now=NOW)
    paid(enterprise_tenant, base=2_500_000)
    # Half of ₹499.50, and GST on it.
    assert referral_reward(referral_id=referral.pk, now=NOW).reward_paise == 29_471
