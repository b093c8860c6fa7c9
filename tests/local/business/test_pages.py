import pytest

from local.business.selectors import business_of
from marketing_platform.core import clock
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db
ANSWERS = {
    "name": "Asha Foods",
    "category": "restaurant",
    "city": "Nashik",
    "languages": ["en", "mr"],
    "phone": "98765 43210",
    "address": "12 Laxmi Road",
    "licence_number": "11526000000123",
    "monthly_budget_band": "up_to_2000",
}


def test_the_owner_changes_every_detail(local_tenant, asha, workspace_client):
    client = workspace_client(local_tenant, asha)
    answer = client.post("/settings/business/save/", ANSWERS)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/business/")
    business = business_of(local_tenant)
    assert (business.name, business.category, business.city) == (
        "Asha Foods",
        "restaurant",
        "nashik",
    )
    assert (business.phone, business.licence_number) == ("+919876543210", "11526000000123")
    assert (business.primary_colour, business.monthly_budget_band) == ("#9f1239", "up_to_2000")
    page = client.get("/settings/business/").content.decode()
    assert 'value="Asha Foods"' in page and 'value="Nashik"' in page


def test_errors_keep_what_was_typed_and_change_nothing(local_tenant, asha, workspace_client):
    client = workspace_client(local_tenant, asha)
    answer = client.post(
        "/settings/business/save/", {**ANSWERS, "city": "Atlantis", "licence_number": "12"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "City: we don&#x27;t know “Atlantis”." in page
    assert "Licence number: a food licence (FSSAI) has 14 digits." in page
    assert 'value="Asha Foods"' in page and 'value="Atlantis"' in page
    assert business_of(local_tenant).name == "Asha Sweets"


def test_a_name_with_markup_is_shown_as_text(local_tenant, asha, workspace_client):
    client = workspace_client(local_tenant, asha)
    client.post("/settings/business/save/", {**ANSWERS, "name": "<script>alert(1)</script>"})
    page = client.get("/settings/business/").content.decode()
    assert "<script>alert" not in page


def test_a_viewer_may_look_but_not_change(local_tenant, meera, workspace_client):
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    client = workspace_client(local_tenant, meera)
    page = client.get("/settings/business/")
    assert page.status_code == 200
    assert "Ask the owner to change them." in page.content.decode()
    assert client.post("/settings/business/save/", ANSWERS).status_code == 403
    assert business_of(local_tenant).name == "Asha Sweets"


def test_a_stranger_is_refused_and_nothing_changes(local_tenant, meera, workspace_client):
    client = workspace_client(local_tenant, meera)
    assert client.get("/settings/business/").status_code in (302, 403)
    assert client.post("/settings/business/save/", ANSWERS).status_code in (302, 403)
    assert business_of(local_tenant).name == "Asha Sweets"


def test_the_page_is_in_hindi_when_asked(local_tenant, asha, workspace_client, settings):
    client = workspace_client(local_tenant, asha)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "hi"
    page = client.get("/settings/business/").content.decode()
    assert "मिठाई की दुकान" in page and 'value="पुणे"' in page
