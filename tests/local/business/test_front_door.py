from datetime import date

import pytest

from local import demo
from local.automation.google_business.models import Review
from local.business.forms import signup_form
from local.business.front_door import LocalProfile
from local.business.models import LocalBusiness
from local.customers.models import Customer, Visit
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db
ANSWERS = {
    "name": " आशा  मिठाई ",
    "category": "sweet_shop",
    "city": "पुणे",
    "languages": ["mr", "hi"],
}


@pytest.fixture
def empty_tenant(local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).delete()
    return local_tenant


def test_the_form_of_sign_up_cleans_what_create_stores(empty_tenant):
    profile = LocalProfile()
    form = signup_form(data=ANSWERS, language="hi")
    assert form.is_valid(), form.errors
    business = profile.create(tenant=empty_tenant, cleaned=form.cleaned_data)
    assert (business.name, business.city, business.state) == ("आशा मिठाई", "pune", "MH")
    assert profile.profile_of(empty_tenant) == business


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"name": ""}, "name", "Name: write the name that customers know."),
        ({"name": "   "}, "name", "Name: write the name that customers know."),
        ({"name": "x" * 10_000}, "name", "Name: use at most 120 characters; this has 10000."),
        ({"name": "A\u202eB"}, "name", "Name: remove the hidden control characters"),
        ({"city": "Atlantis"}, "city", "City: we don't know “Atlantis”."),
        ({"city": "Indor"}, "city", "for example Indore."),
        ({"city": ""}, "city", "City: choose the city your customers live in."),
        ({"category": "barber"}, "category", "barber"),
        ({"languages": []}, "languages", "Languages: choose at least one."),
        ({"languages": ["fr"]}, "languages", "fr"),
    ],
)
def test_bad_answers_get_an_error_at_their_field(wrong, field, sentence):
    form = signup_form(data={**ANSWERS, **wrong}, language="en")
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]


def test_what_was_typed_is_kept_beside_the_error():
    form = signup_form(data={**ANSWERS, "city": "Atlantis"}, language="en")
    form.is_valid()
    assert 'value="Atlantis"' in str(form["city"])
    assert 'value=" आशा  मिठाई "' in str(form["name"])


def test_the_browser_offers_every_city(settings):
    rendered = str(signup_form(language="en")["city"])
    assert 'list="id_city_list"' in rendered
    assert rendered.count("<option") == 134


def test_a_hindi_visitor_starts_with_hindi_posts():
    assert signup_form(language="hi").initial["languages"] == ["hi", "hinglish"]


def test_staff_see_category_and_city(local_tenant):
    assert LocalProfile().summary(local_tenant) == {
        "Category": "Sweet shop",
        "City": "Pune",
        "Languages": "en",
        "Monthly budget": "Not decided yet",
    }


def test_a_workspace_without_business_has_an_empty_summary(empty_tenant):
    assert LocalProfile().summary(empty_tenant) == {}


def test_demonstration_data_is_made_once(local_tenant):
    """Beside the business that signing up made; bills, people and reviews once."""
    with tenant_context(local_tenant):
        demo.seed(local_tenant, today=date(2026, 11, 22))
        first = Customer.objects.count(), Visit.objects.count(), Review.objects.count()
        demo.seed(local_tenant, today=date(2026, 11, 23))
        assert (Customer.objects.count(), Visit.objects.count(), Review.objects.count()) == first

    assert first[0] == demo.PEOPLE
    assert first[1] > 10_000
    assert first[2] == len(demo.REVIEWS)
