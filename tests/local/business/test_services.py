import pytest
from django.db import IntegrityError, transaction

from local.business.errors import (
    BusinessAlreadyThere,
    InvalidDetail,
    NoBusiness,
    UnknownCategory,
    UnknownCity,
)
from local.business.models import LocalBusiness
from local.business.selectors import business_of, facts_of
from local.business.services import business_create, business_update
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db
DETAILS = {
    "name": "Asha Mithai Bhandar",
    "category": "sweet_shop",
    "city": "Pune",
    "languages": ["mr", "hi"],
}


@pytest.fixture
def empty_tenant(local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).delete()
    return local_tenant


def create(tenant, **given):
    return business_create(tenant=tenant, now=clock.now(), **{**DETAILS, **given})


def test_a_business_is_stored_with_its_state_and_usual_colours(empty_tenant):
    facts = facts_of(create(empty_tenant))
    assert (facts.name, facts.category, facts.city, facts.state) == (
        "Asha Mithai Bhandar",
        "sweet_shop",
        "pune",
        "MH",
    )
    assert facts.languages == ("mr", "hi")
    assert (facts.primary_colour, facts.accent_colour) == ("#9f1239", "#fde68a")
    assert facts.monthly_budget_band == "unset"


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"city": "Atlantis"}, UnknownCity, "city"),
        ({"category": "barber"}, UnknownCategory, "category"),
        ({"name": ""}, InvalidDetail, "name"),
        ({"name": "x" * 10_000}, InvalidDetail, "name"),
        ({"languages": []}, InvalidDetail, "languages"),
        ({"phone": "123"}, InvalidDetail, "phone"),
        ({"licence_number": "12"}, InvalidDetail, "licence_number"),
        ({"primary_colour": "red"}, InvalidDetail, "primary_colour"),
        ({"monthly_budget_band": "lots"}, InvalidDetail, "monthly_budget_band"),
    ],
)
def test_a_bad_detail_is_refused_and_nothing_is_stored(empty_tenant, given, error, field):
    with pytest.raises(error) as caught:
        create(empty_tenant, **given)
    assert caught.value.field == field
    assert LocalBusiness.objects.count() == 0


@pytest.mark.parametrize("name", ["आशा मिठाई", "مطعم", "Cake 🎂", "O'Neil & Sons <b>"])
def test_names_in_any_script_come_back_as_they_were(empty_tenant, name):
    create(empty_tenant, name=name)
    assert business_of(empty_tenant).name == name


def test_a_workspace_has_one_business(local_tenant):
    with pytest.raises(BusinessAlreadyThere):
        create(local_tenant)
    assert LocalBusiness.objects.filter(tenant=local_tenant).count() == 1


def test_a_workspace_without_business_says_what_to_do(empty_tenant):
    with pytest.raises(NoBusiness) as caught:
        business_of(empty_tenant)
    assert caught.value.status == 409


def test_changing_the_name_renames_the_workspace(local_tenant):
    business = business_of(local_tenant)
    business_update(business=business, now=clock.now(), **{**DETAILS, "name": "Asha Foods"})
    assert Tenant.objects.get(pk=local_tenant.pk).name == "Asha Foods"
    assert business_of(local_tenant).city == "pune"


def test_another_workspaces_business_cannot_be_changed(local_tenant, enterprise_tenant):
    business = business_of(local_tenant)
    with tenant_context(enterprise_tenant), pytest.raises(LocalBusiness.DoesNotExist):
        business_update(business=business, now=clock.now(), **{**DETAILS, "name": "Mine"})
    assert business_of(local_tenant).name == "Asha Sweets"


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"name": ""}, "a_business_has_a_name"),
        ({"category": "barber"}, "a_category_is_one_of_ours"),
        ({"state": "mh"}, "a_state_is_a_two_letter_code"),
        ({"languages": []}, "a_business_has_at_least_one_language"),
        ({"phone": "98765"}, "a_business_phone_is_indian_e164"),
        ({"accent_colour": "red"}, "brand_colours_are_hexadecimal"),
        ({"monthly_budget_band": "lots"}, "a_budget_band_is_one_of_ours"),
    ],
)
def test_the_database_refuses_what_the_services_refuse(local_tenant, wrong, constraint):
    rows = LocalBusiness.objects.filter(tenant=local_tenant)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rows.update(**wrong)
