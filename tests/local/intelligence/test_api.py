import json
from datetime import timedelta

import pytest

from local.business.models import LocalBusiness
from local.business.selectors import business_of, facts_of
from local.occasions.services import occasion_mute
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db
ROUTE = "/api/local/intelligence"


@pytest.fixture
def call(local_tenant, client):
    _row, key = key_create(
        tenant=local_tenant,
        name="Website",
        scopes=("read",),
        is_test=True,
        created_by_id=None,
        expires_at=None,
        now=clock.now(),
    )

    def post(body=None, **extra):
        wanted = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}", **extra}
        if body is None:
            return client.generic("POST", ROUTE, b"", content_type="", **wanted)
        data = body if isinstance(body, str) else json.dumps(body)
        content_type = wanted.pop("content_type", "application/json")
        return client.post(ROUTE, data=data, content_type=content_type, **wanted)

    return post


def test_the_next_thirty_days_from_a_day(call):
    answer = call({"date": "2026-10-15"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["date"], body["days"]) == ("2026-10-15", 30)
    diwali = next(each for each in body["insights"] if each["occasion"] == "diwali")
    assert diwali["names"]["mr"] == "दिवाळी (लक्ष्मीपूजन)"
    del diwali["names"]
    assert diwali == {
        "occasion": "diwali",
        "name": "Diwali",
        "kind": "festive",
        "scope": "national",
        "date": "2026-11-08",
        "ends_on": "2026-11-08",
        "certain": False,
        "date_note": "expected",
        "days_left": 24,
        "days_to_prepare": 14,
        "prepare_by": "2026-10-25",
        "weight": 3,
        "grade": "A",
        "offers_allowed": True,
        "reason": "Diwali is one of the main days of the year for a sweet shop in Pune.",
        "action": "Fix your list of specials, take one good photo, and plan the post.",
    }
    assert [each["subject"] for each in body["not_enough"]] == ["festival_effect"]


@pytest.mark.parametrize("body", [None, {}, "{}"])
def test_the_body_may_be_left_out(call, body):
    answer = call(body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["date"] == clock.today().isoformat()
    assert answer.json()["days"] == 30


def test_sentences_come_in_the_language_asked_for(call):
    body = call({"date": "2026-10-15", "language": "mr"}).json()
    assert "दिवाळी (लक्ष्मीपूजन)" in {each["name"] for each in body["insights"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"days": -1}, "days"),
        ({"days": 10**40}, "days"),
        ({"days": "many"}, "days"),
        ({"days": None}, "days"),
        ({"days": [3]}, "days"),
        ({"date": "tomorrow"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": 20261122}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "2025-12-31"}, "date"),
        ({"language": "fr"}, "language"),
        ({"surprise": 1}, "surprise"),
        ("[]", "body"),
        ('"text"', "body"),
    ],
)
def test_bad_input_names_its_field(call, body, field):
    answer = call(body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    assert field in {each["field"] for each in answer.json()["errors"]}


@pytest.mark.parametrize("body", ["{", "{'days': 3}", "\x00", "nonsense"])
def test_broken_json_is_a_problem(call, body):
    answer = call(body)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_wrong_content_type_is_refused(call):
    assert call("days=3", content_type="application/x-www-form-urlencoded").status_code == 415


def test_without_a_key_nothing_is_told(call):
    answer = call({}, HTTP_AUTHORIZATION="")
    assert answer.status_code == 401
    assert "insights" not in answer.json()


def test_the_owners_changes_are_followed(call, local_tenant):
    with tenant_context(local_tenant):
        facts = facts_of(business_of(local_tenant))
        occasion_mute(facts=facts, slug="diwali", year=2026, now=clock.now())
    body = call({"date": "2026-10-15"}).json()
    assert "diwali" not in {each["occasion"] for each in body["insights"]}


def test_a_workspace_without_business_is_told_what_to_do(call, local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).delete()
    answer = call({})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_business")


def test_the_window_is_the_days_asked_for(call):
    body = call({"date": "2026-11-01", "days": 8}).json()
    assert "diwali" in {each["occasion"] for each in body["insights"]}
    body = call({"date": "2026-11-01", "days": 7}).json()
    assert "diwali" not in {each["occasion"] for each in body["insights"]}


def test_the_page_shows_the_same_days(local_tenant, asha, workspace_client):
    page = workspace_client(local_tenant, asha).get("/insights/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "What is coming" in text and "Grade" in text
    until = clock.today() + timedelta(days=29)
    assert f"{until.day} {until:%B}" in text


def test_a_stranger_sees_no_insights(local_tenant, meera, workspace_client):
    assert workspace_client(local_tenant, meera).get("/insights/").status_code in (302, 403)
