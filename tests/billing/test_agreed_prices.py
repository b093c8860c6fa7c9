"""Versions of a price, agreed prices and limits, on rows."""

import pytest

from billing.models import (
    CustomPrice,
    PlanVersion,
    Subscription,
)
from billing.selectors import entitlements_of
from billing.selectors.prices import headroom_of, price_for, quotas_of, without_headroom
from billing.services.plans import plan_version_add
from billing.services.prices import custom_price_set
from marketing_platform.core.errors import InvalidInput
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tiers.registry import REGISTRY
from tests.billing.offers_world import DAY, NOW

pytestmark = pytest.mark.django_db
LIMITS = REGISTRY["local"].limits


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


def test_access_is_one_query_and_all_limits_another(local_tenant, meera, django_assert_num_queries):
    agree(local_tenant, meera, quotas={"people": 25})
    with django_assert_num_queries(1):
        found = entitlements_of(local_tenant, now=NOW)
    with django_assert_num_queries(1):
        assert found.quotas == {**LIMITS, "people": 25}
        assert found.quotas.get("cows") is None


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
