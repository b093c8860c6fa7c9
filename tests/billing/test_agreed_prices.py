"""Versions of a price, agreed prices and limits, coupons and referrals, on rows."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.errors import CouponRefused, ReferralRefused
from billing.models import (
    Coupon,
    CouponUse,
    CustomPrice,
    Payment,
    PlanVersion,
    Referral,
    Refund,
    Subscription,
)
from billing.selectors import entitlements_of
from billing.selectors.prices import headroom_of, price_for, quotas_of, without_headroom
from billing.services.coupons import coupon_drop, coupon_paid, coupon_take
from billing.services.plans import plan_version_add
from billing.services.prices import custom_price_set
from billing.services.referrals import (
    referral_code_of,
    referral_paid,
    referral_reward,
    referral_take,
)
from marketing_platform.core.errors import InvalidInput
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tiers.registry import REGISTRY

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 4, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
LIMITS = REGISTRY["local"].limits


@pytest.fixture
def paid(local_tenant):
    """paid(tenant): a payment of a month, on a subscription that is active."""

    def make(tenant=local_tenant, interval="month", base=99_900, at=NOW):
        row = Subscription.objects.filter(tenant=tenant).latest("pk")
        row.gateway, row.gateway_subscription_id = "sandbox", f"sub_{tenant.slug}"
        row.state, row.interval = "active", interval
        row.current_period_start, row.current_period_end = at, at + 30 * DAY
        row.save()
        tax = base * 18 // 100
        return Payment.objects.create(
            tenant=tenant,
            subscription=row,
            gateway="sandbox",
            remote_id=f"pay_{tenant.slug}_{at:%m%d%H%M}",
            base_paise=base,
            tax_paise=tax,
            amount_paise=base + tax,
            currency="INR",
            paid_at=at,
            created_at=at,
        )

    return make


def coupon(code="DIWALI", **changes):
    terms = {"percent_basis_points": 5_000, "valid_from": NOW - DAY}
    return Coupon.objects.create(code=code, **(terms | changes))


def agree(tenant, actor, **changes):
    terms = {
        "monthly_paise": 80_000,
        "annual_paise": 800_000,
        "effective_from": NOW,
        "reason": "Ten shops",
        "actor_id": actor.pk,
        "now": NOW,
    }
    return custom_price_set(tenant=tenant, **(terms | changes))


def version(**changes):
    terms = {"monthly_paise": 129_900, "annual_paise": 1_299_000, "effective_from": NOW}
    return plan_version_add(tier="local", now=NOW, **(terms | changes))


# --- prices


def test_the_price_in_force_with_its_tax(local_tenant):
    price = price_for(local_tenant, "month", now=NOW)
    assert (price.base_paise, price.tax_paise, price.amount_paise) == (99_900, 17_982, 117_882)
    assert (price.discount_paise, price.coupon, price.plan_version.number) == (0, None, 1)
    version(effective_from=NOW + DAY)
    assert price_for(local_tenant, "month", now=NOW).base_paise == 99_900
    assert price_for(local_tenant, "year", now=NOW + DAY).amount_paise == 1_532_820


def test_an_agreed_price_holds_in_its_time_only(local_tenant, enterprise_tenant, meera):
    agree(local_tenant, meera, effective_until=NOW + DAY)
    assert price_for(local_tenant, "month", now=NOW).base_paise == 80_000
    assert price_for(local_tenant, "month", now=NOW - DAY / 24).base_paise == 99_900
    assert price_for(local_tenant, "month", now=NOW + DAY).base_paise == 99_900
    assert price_for(enterprise_tenant, "month", now=NOW).base_paise == 2_500_000
    agree(local_tenant, meera, monthly_paise=70_000)
    assert price_for(local_tenant, "month", now=NOW).base_paise == 70_000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"monthly_paise": 99}, "monthly_paise"),
        ({"annual_paise": 10**12 + 1}, "annual_paise"),
        ({"effective_until": NOW}, "effective_until"),
        ({"quotas": {"cows": 3}}, "quotas"),
        ({"quotas": {"people": -1}}, "quotas"),
        ({"quotas": {"people": True}}, "quotas"),
        ({"quotas": {"people": "3"}}, "quotas"),
    ],
)
def test_an_agreed_price_is_checked(local_tenant, meera, changes, field):
    with pytest.raises(InvalidInput) as refused:
        agree(local_tenant, meera, **changes)
    assert refused.value.field == field
    assert not CustomPrice.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"effective_from": NOW - DAY}, "effective_from"),
        ({"sac": "9973"}, "sac"),
        ({"sac": "99733१"}, "sac"),
        ({"monthly_paise": 0}, "monthly_paise"),
        ({"quotas": {"data_sources": 3}}, "quotas"),
    ],
)
def test_a_version_is_checked(changes, field):
    with pytest.raises(InvalidInput) as refused:
        version(**changes)
    assert refused.value.field == field
    assert PlanVersion.objects.filter(plan__tier="local").count() == 1


def test_versions_are_numbered_one_after_the_other():
    assert [version().number, version(effective_from=NOW + DAY).number] == [2, 3]


# --- limits


def test_limits_come_from_the_agreement_then_the_plan_then_the_tier(local_tenant, meera, paid):
    assert quotas_of(local_tenant, now=NOW) == LIMITS
    row = paid().subscription
    row.plan_version = version(quotas={"people": 5, "contacts": 9_000})
    row.save()
    assert quotas_of(local_tenant, now=NOW) == {**LIMITS, "people": 5, "contacts": 9_000}
    agree(local_tenant, meera, quotas={"people": 25}, effective_until=NOW + DAY)
    assert quotas_of(local_tenant, now=NOW)["people"] == 25
    assert quotas_of(local_tenant, now=NOW)["contacts"] == 9_000
    assert quotas_of(local_tenant, now=NOW + DAY)["people"] == 5
    # Of two that hold, the one agreed for the later day; of one day, the one written last.
    agree(local_tenant, meera, quotas={"people": 30}, effective_from=NOW - DAY)
    assert quotas_of(local_tenant, now=NOW)["people"] == 25
    agree(local_tenant, meera, quotas={"people": 40}, effective_until=NOW + DAY)
    assert quotas_of(local_tenant, now=NOW)["people"] == 40
    # What gives no access gives no limits of its own.
    Subscription.objects.filter(pk=row.pk).update(state="canceled", access_until=NOW)
    assert quotas_of(local_tenant, now=NOW + DAY)["contacts"] == LIMITS["contacts"]


def test_access_and_limits_are_one_query(local_tenant, meera, django_assert_num_queries):
    agree(local_tenant, meera, quotas={"people": 25})
    with django_assert_num_queries(1):
        assert entitlements_of(local_tenant, now=NOW).quotas["people"] == 25


def test_another_workspaces_limits_are_not_told(in_local_workspace, enterprise_tenant):
    with pytest.raises(CrossTenantError):
        quotas_of(enterprise_tenant, now=NOW)


# --- mandates


@pytest.mark.parametrize(
    ("method", "limit", "amount", "debit", "fits", "is_enough"),
    [
        ("upi", 240_000, 117_882, "silent", True, True),
        ("upi", 117_881, 117_882, "silent", False, False),
        ("card", None, 2_950_000, "needs_approval", True, True),
        ("rupay", None, 2_950_000, "refused", True, False),
    ],
)
def test_room_in_a_mandate(paid, method, limit, amount, debit, fits, is_enough):
    row = paid().subscription
    row.mandate_method, row.mandate_limit_paise = method, limit
    found = headroom_of(row, amount, now=NOW)
    assert (found.debit, found.fits, found.is_enough) == (debit, fits, is_enough)


def test_who_needs_a_new_mandate_before_a_price_is_raised(paid, enterprise_tenant):
    row = paid().subscription
    Subscription.objects.filter(pk=row.pk).update(mandate_method="upi", mandate_limit_paise=153_281)
    paid(enterprise_tenant, base=2_500_000)
    # ₹1,299 and GST are ₹1,532.82.
    assert [one.pk for one in without_headroom(version(), now=NOW)] == [row.pk]
    Subscription.objects.filter(pk=row.pk).update(mandate_limit_paise=153_282)
    assert without_headroom(PlanVersion.objects.latest("pk"), now=NOW) == []


# --- coupons


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
