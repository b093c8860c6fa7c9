import json
from datetime import timedelta

import pytest
from django.test import Client

from local.automation.social_media.services import day_idea_choose
from local.business.models import LocalBusiness
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db
ROUTE = "/api/local/automation/social-media"


def key_for(tenant) -> str:
    _row, key = key_create(
        tenant=tenant,
        name="Website",
        scopes=("read",),
        is_test=True,
        created_by_id=None,
        expires_at=None,
        now=clock.now(),
    )
    return key


@pytest.fixture
def call(local_tenant):
    key = key_for(local_tenant)

    def post(body=None, content_type="application/json", **extra):
        wanted = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}", **extra}
        data = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return Client().post(ROUTE, data=data, content_type=content_type, **wanted)

    return post


def test_the_answer_has_exactly_the_promised_shape(call):
    answer = call({"date": (clock.today() + timedelta(1)).isoformat(), "languages": ["hi", "en"]})
    body = answer.json()
    assert answer.status_code == 200, body
    assert list(body) == ["date", "variant", "pick", "networks", "posters", "blocked"]
    assert list(body["pick"]) == ["occasion", "reason"]
    assert list(body["networks"]) == [
        *("facebook", "instagram", "google_business", "whatsapp_status")
    ]
    for captions in body["networks"].values():
        assert list(captions) == ["hi", "en"]
        assert all(
            list(each) == ["caption", "hashtags", "call_to_action"] for each in captions.values()
        )
    assert list(body["posters"]) == ["hi", "en"]
    assert list(body["posters"]["hi"]) == ["url", "expires_at"]
    assert body["blocked"] == []
    assert body["variant"] == 0


def test_a_poster_opens_without_a_key(call):
    poster = call({"languages": ["en"]}).json()["posters"]["en"]
    path = poster["url"].removeprefix("http://localhost")
    answer = Client().get(path, HTTP_HOST="localhost")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert b"".join(answer).startswith(b"\x89PNG")


@pytest.mark.parametrize("content_type", ["application/json", ""])
def test_without_a_body_it_is_today_in_all_languages(call, content_type):
    body = call(b"", content_type=content_type).json()
    assert body["date"] == clock.today().isoformat()
    assert set(body["networks"]["facebook"]) == {"en", "hi", "hinglish", "mr"}
    assert set(body["posters"]) == {"en"}


def test_the_same_call_gives_the_same_answer(call):
    assert call({"languages": ["hi"]}).json() == call({"languages": ["hi"]}).json()


def test_hinglish_is_understood_by_its_standard_tag(call):
    body = call({"languages": ["hi-Latn", "hinglish"], "networks": ["facebook"]}).json()
    assert list(body["networks"]["facebook"]) == ["hinglish"]


def test_the_idea_chosen_on_the_dashboard_is_used(call, local_tenant):
    with tenant_context(local_tenant):
        day_idea_choose(on=clock.today(), variant=2, now=clock.now())
    assert call({"languages": ["en"]}).json()["variant"] == 2
    assert call({"languages": ["en"], "variant": 0}).json()["variant"] == 0


def test_sentences_follow_the_readers_language(call):
    body = call({"languages": ["en"]}, HTTP_ACCEPT_LANGUAGE="hi").json()
    assert any("\u0900" <= letter <= "\u097f" for letter in body["pick"]["reason"])


def test_a_clinic_is_told_what_was_blocked(call, local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(
        category="clinic", name="Ladka ya Ladki Sonography"
    )
    body = call({"languages": ["en"]}).json()
    assert [each["rule"] for each in body["blocked"]] == ["clinic_no_sex_determination"]
    assert "boy or a girl" in body["blocked"][0]["sentence"]
    assert body["networks"]["facebook"] == {}
    assert body["posters"] == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"date": "yesterday"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": 5}, "date"),
        ({"date": None}, "date"),
        ({"date": "1999-01-01"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"languages": []}, "languages"),
        ({"languages": "hi"}, "languages"),
        ({"languages": ["ta"]}, "languages"),
        ({"languages": [["hi"]]}, "languages"),
        ({"languages": [None]}, "languages"),
        ({"languages": ["hi"] * 9}, "languages"),
        ({"languages": {"hi": 1}}, "languages"),
        ({"networks": ["orkut"]}, "networks"),
        ({"networks": []}, "networks"),
        ({"networks": [{}]}, "networks"),
        ({"variant": -1}, "variant"),
        ({"variant": 21}, "variant"),
        ({"variant": "x"}, "variant"),
        ({"variant": 10**30}, "variant"),
        ({"langauges": ["hi"]}, "langauges"),
    ],
)
def test_a_bad_field_is_named(call, body, field):
    answer = call(body)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ('"hi"', "application/json", 400),
        ("\xff\xfe", "application/json", 400),
        ("date=2026-11-22", "application/x-www-form-urlencoded", 415),
        ("<date/>", "text/xml", 415),
    ],
)
def test_what_is_no_json_object_is_refused(call, body, content_type, status):
    answer = call(body, content_type=content_type)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")


def test_without_or_with_another_tiers_key_it_is_refused(call, enterprise_tenant):
    assert call({}, HTTP_AUTHORIZATION="").status_code == 401
    assert call({}, HTTP_AUTHORIZATION=f"Bearer {key_for(enterprise_tenant)}").status_code == 404


def test_a_get_is_not_allowed(local_tenant):
    answer = Client().get(
        ROUTE, HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {key_for(local_tenant)}"
    )
    assert answer.status_code == 405
