from datetime import UTC, datetime

import pytest

from enterprise.clients.errors import ClientAlreadyThere, InvalidDetail
from enterprise.clients.forms import signup_form
from enterprise.clients.front_door import EnterpriseProfile
from enterprise.clients.models import EnterpriseClient
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create, gstin_cleaned

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GIVEN = {"name": "Veda", "industry": "retail", "city": "Pune", "state": "MH"}


def test_sign_up_asks_for_name_industry_and_place():
    form = signup_form({})
    assert set(form.errors) == {"name", "industry", "city", "state"}
    assert signup_form(GIVEN).is_valid()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 10_000), ("name", "   "), ("name", "\u202e"), ("industry", "magic"),
     ("city", ""), ("state", "27"), ("annual_revenue", "lots")],
)  # fmt: skip
def test_bad_details_are_named(field, value):
    form = signup_form({**GIVEN, field: value})
    assert list(form.errors) == [field]


@pytest.mark.parametrize("name", ["वेदा अप्लायंसेज", "Veda 🌼", "شركة فيدا"])
def test_names_of_every_script_are_kept(name):
    form = signup_form({**GIVEN, "name": name})
    assert form.is_valid()
    assert form.cleaned_data["name"] == name


def test_a_gstin_is_checked_by_its_form_only():
    assert gstin_cleaned(" 27abcde1234f1z5 ") == "27ABCDE1234F1Z5"
    assert gstin_cleaned("") == ""
    with pytest.raises(InvalidDetail) as caught:
        gstin_cleaned("27ABCDE1234F1Y5")
    assert caught.value.field == "gstin"


def test_a_workspace_has_one_company(enterprise_tenant):
    before = client_of(enterprise_tenant)
    with pytest.raises(ClientAlreadyThere):
        client_create(
            tenant=enterprise_tenant, now=NOW, company_name="Second", industry="retail", city="Pune"
        )
    assert client_of(enterprise_tenant) == before
    assert EnterpriseClient.objects.count() == 1


def test_the_summary_names_city_and_industry(enterprise_tenant):
    summary = EnterpriseProfile().summary(enterprise_tenant)
    assert (summary["City"], summary["Industry"]) == (
        "Bengaluru", "Consumer durables and appliances",
    )  # fmt: skip


def test_the_profile_is_changed_on_its_page(workspace_client, enterprise_tenant, vikram):
    client = workspace_client(enterprise_tenant, vikram)
    given = {
        "name": "Veda Two", "industry": "retail", "city": "Pune", "state": "MH",
        "employee_count": "up_to_50",
        "annual_revenue": "unset", "website": "veda.example", "gstin": "27ABCDE1234F1Z5",
    }  # fmt: skip
    assert client.get("/settings/company/").status_code == 200
    assert client.post("/settings/company/save/", {**given, "gstin": "bad"}).status_code == 422
    assert client.post("/settings/company/save/", given).status_code == 302
    changed = client_of(enterprise_tenant)
    assert (changed.company_name, changed.gstin) == ("Veda Two", "27ABCDE1234F1Z5")
    assert changed.website == "https://veda.example"
    assert EnterpriseProfile().place(enterprise_tenant) == ("Pune", "MH")
