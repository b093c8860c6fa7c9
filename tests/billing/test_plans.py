"""Prices as they are shown, and the versions behind them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from billing.models import Plan, PlanVersion
from billing.selectors import plans_on_sale
from billing.services import plans_seed
from marketing_platform.core import clock

pytestmark = pytest.mark.django_db


def test_the_migration_seeds_every_tier():
    rows = PlanVersion.objects.order_by("plan__tier").values_list(
        "plan__tier", "number", "monthly_paise", "annual_paise"
    )
    assert list(rows) == [
        ("enterprise", 1, 2_500_000, 25_000_000),
        ("local", 1, 99_900, 999_000),
    ]


def test_seeding_again_changes_nothing():
    before = list(PlanVersion.objects.values_list())
    plans_seed(now=clock.now())
    assert list(PlanVersion.objects.values_list()) == before


def test_plans_are_shown_with_and_without_gst():
    local, enterprise = plans_on_sale()
    assert (local.tier, local.label, local.version) == ("local", "Local", 1)
    assert (local.monthly, local.monthly_with_gst) == ("₹999", "₹1,178.82")
    assert (local.annual, local.annual_with_gst) == ("₹9,990", "₹11,788.20")
    assert (enterprise.monthly, enterprise.monthly_with_gst) == ("₹25,000", "₹29,500")
    assert (enterprise.annual, enterprise.annual_with_gst) == ("₹2,50,000", "₹2,95,000")
    assert (local.monthly_with_gst_paise, enterprise.annual_with_gst_paise) == (117_882, 29_500_000)
    assert (local.trial_days, enterprise.trial_days) == (14, None)


def test_every_plan_says_what_is_in_and_what_is_not():
    for plan in plans_on_sale():
        assert len(plan.features) >= 5
        assert len(plan.not_included) >= 2


def test_the_other_tiers_plan_is_absent_when_it_is_not_deployed(monkeypatch):
    monkeypatch.setenv("PLATFORM_TIERS", "enterprise")
    assert [plan.tier for plan in plans_on_sale()] == ["enterprise"]


def test_the_newest_price_in_force_is_shown():
    plan = Plan.objects.get(tier="local")
    now = clock.now()
    for number, monthly, days in [(2, 109_900, -1), (3, 119_900, 1)]:
        PlanVersion.objects.create(
            plan=plan,
            number=number,
            monthly_paise=monthly,
            annual_paise=monthly * 10,
            effective_from=now + timedelta(days=days),
        )
    assert plans_on_sale(now=now)[0].monthly == "₹1,099"
    assert plans_on_sale(now=now + timedelta(days=2))[0].monthly == "₹1,199"


def test_a_version_exists_once():
    version = PlanVersion.objects.first()
    version.pk = None
    with pytest.raises(IntegrityError, match="one_price_per_plan_version"), transaction.atomic():
        version.save(force_insert=True)


def test_plans_cost_one_query_in_any_language(django_assert_num_queries):
    plans_on_sale()
    with translation.override("hi"), django_assert_num_queries(1):
        plans_on_sale()
