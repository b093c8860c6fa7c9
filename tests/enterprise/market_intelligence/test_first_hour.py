"""A company's first hour: four steps, each done or left, ending in a finding."""

import pytest

from enterprise.clients.selectors import client_of
from enterprise.market_intelligence.models import FirstHour
from marketing_platform.tenants.context import tenant_context


@pytest.fixture
def head(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


def row(tenant):
    with tenant_context(tenant):
        return FirstHour.objects.get()


def test_the_steps_lead_to_the_first_finding(head, enterprise_tenant):
    assert "0 of 4" in head.get("/").content.decode()
    assert head.get("/first/").headers["Location"] == "/first/company/"
    before = client_of(enterprise_tenant)
    given = {
        "industry": "retail",
        "employee_count": "up_to_250",
        "annual_revenue": "",
        "website": "",
    }
    assert head.post("/first/company/", given).headers["Location"] == "/first/data/"
    client = client_of(enterprise_tenant)
    assert (client.industry, client.employee_count) == ("retail", "up_to_250")
    assert (client.company_name, client.city) == (before.company_name, before.city)

    assert "Go on with the sample" in head.get("/first/data/").content.decode()
    assert head.post("/first/data/").headers["Location"] == "/first/question/"
    asked = head.post("/first/question/", {"question": "budget"})
    assert asked.headers["Location"] == "/first/finding/"
    page = head.get("/first/finding/").content.decode()
    assert "From the sample company" in page
    assert "How we know, and what this cannot tell" in page
    assert 'href="/budget/"' in page
    assert head.post("/first/finding/").headers["Location"] == "/"
    assert "of 4" not in head.get("/").content.decode()
    assert row(enterprise_tenant).question == "budget"


def test_what_is_left_is_taken_up_again(head, enterprise_tenant):
    assert head.post("/first/company/", {"later": "1"}).headers["Location"] == "/first/data/"
    assert row(enterprise_tenant).settled == {"company": "left"}
    for step in ("data", "question", "finding"):
        head.post(f"/first/{step}/", {"later": "1"})
    assert head.get("/first/").headers["Location"] == "/first/company/"
    assert row(enterprise_tenant).settled == {}


def test_bad_answers_are_refused_at_their_field(head, enterprise_tenant):
    given = {"industry": "alchemy", "website": "no address"}
    assert head.post("/first/company/", given).status_code == 422
    assert head.post("/first/question/", {"question": "everything"}).status_code == 422
    assert head.get("/first/elsewhere/").status_code == 404
    with tenant_context(enterprise_tenant):
        assert not FirstHour.objects.exists()


def test_it_can_be_put_away(head):
    assert head.post("/first/put-away/").headers["Location"] == "/"
    assert "of 4" not in head.get("/").content.decode()
    assert 'href="/first/"' in head.get("/settings/").content.decode()
