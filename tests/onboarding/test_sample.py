"""The sample on the public pages: made for anybody, kept, limited, and nobody's workspace."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from local.automation.social_media.front_door import SamplePost
from marketing_platform.core import clock
from marketing_platform.onboarding import site
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}
LIMIT = "samples per hour"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cities for which a sample was really made, in order."""
    cities: list[str] = []
    make = SamplePost.make

    def counted(self: SamplePost, **asked: Any) -> dict[str, Any]:
        cities.append(asked["city"])
        return make(self, **asked)

    monkeypatch.setattr(SamplePost, "make", counted)
    monkeypatch.setattr(site, "SAMPLES_PER_HOUR", 1)
    return cities


def visitor(address: str) -> Client:
    return Client(HTTP_HOST="localhost", REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE="en")


def ask(browser: Client, city: str, category: str = "salon", **options: Any) -> Any:
    return browser.get("/sample/", {"category": category, "city": city}, **options)


def test_the_second_visitor_gets_the_kept_one_and_it_counts_for_nobody(made: list[str]) -> None:
    ask(visitor("10.30.0.1"), "nashik")
    second = visitor("10.30.0.2")
    answers = [ask(second, "nashik").status_code for _ in range(3)]
    own = ask(second, "indore")

    assert (answers, own.status_code) == ([200, 200, 200], 200)
    assert made == ["nashik", "indore"]


def test_each_language_has_a_sample_of_its_own(
    made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "SAMPLES_PER_HOUR", 2)
    browser = visitor("10.31.0.1")
    english = ask(browser, "nashik")
    hindi = ask(browser, "nashik", headers={"accept-language": "hi"})

    assert made == ["nashik", "nashik"]
    assert english.context["sample"]["lang"] == "en"
    assert hindi.context["sample"]["lang"] == "hi"


def test_past_the_limit_it_is_429_with_the_time_and_the_name_of_the_limit(made: list[str]) -> None:
    browser = visitor("10.32.0.1")
    ask(browser, "nashik")
    page = ask(browser, "indore")
    swapped = ask(browser, "indore", headers=HTMX)

    assert (page.status_code, swapped.status_code) == (429, 200)
    assert 0 < int(page["Retry-After"]) <= 3600
    assert LIMIT in page.content.decode()
    assert LIMIT in swapped.content.decode()
    assert made == ["nashik"]


def test_at_the_limit_what_is_kept_is_shown_and_another_address_is_free(made: list[str]) -> None:
    browser = visitor("10.33.0.1")
    ask(browser, "nashik")
    assert ask(browser, "indore").status_code == 429

    assert ask(browser, "nashik").status_code == 200
    assert ask(visitor("10.33.0.2"), "indore").status_code == 200


def test_at_the_limit_the_landing_page_stands(made: list[str]) -> None:
    browser = visitor("10.34.0.1")
    ask(browser, "nashik")
    answer = browser.get("/en/")

    assert answer.status_code == 200
    assert "sample" not in answer.context


def test_it_says_why_this_post_and_why_today(made: list[str]) -> None:
    post = SamplePost().make(category="salon", city="nashik", language="en", today=clock.today())
    reason = post["reason"]
    swapped = ask(visitor("10.35.0.1"), "nashik", headers=HTMX)

    assert reason
    assert swapped.context["sample"]["reason"] == reason


def schemas() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace")
        return int(cursor.fetchone()[0])


def test_it_makes_no_workspace_no_person_and_no_session(made: list[str]) -> None:
    before = (Tenant.objects.count(), User.objects.count(), schemas())
    browser = visitor("10.36.0.1")

    assert ask(browser, "nashik").status_code == 200
    assert (Tenant.objects.count(), User.objects.count(), schemas()) == before
    assert "sessionid" not in browser.cookies


@pytest.mark.parametrize("asked", [("zeppelins", "nashik"), ("salon", "atlantis")])
def test_what_we_do_not_know_is_named_and_not_kept(
    made: list[str], monkeypatch: pytest.MonkeyPatch, asked: tuple[str, str]
) -> None:
    monkeypatch.setattr(site, "SAMPLES_PER_HOUR", 9)
    category, city = asked
    unknown = {"zeppelins", "atlantis"}.intersection(asked).pop()
    browser = visitor("10.37.0.1")
    answers = [ask(browser, city, category) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert unknown in answers[0].content.decode()
    assert made == [city, city]
