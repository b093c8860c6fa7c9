from typing import Any

import pytest
from django.test import Client
from redis.exceptions import ConnectionError

from billing.models import PlanVersion
from marketing_platform.onboarding import site

pytestmark = pytest.mark.django_db
SORRY = "This does not work just now. Please try again in a minute."


@pytest.fixture
def visitor() -> Client:
    return Client(HTTP_HOST="localhost")


@pytest.mark.parametrize("path", ["/", "/pricing/", "/sample/"])
def test_public_pages_answer_head_and_refuse_post(visitor: Client, path: str) -> None:
    assert visitor.head(path).status_code == 200
    assert visitor.post(path).status_code == 405


def test_without_redis_the_landing_page_stands_without_its_sample(
    visitor: Client, redis_away: None
) -> None:
    answer = visitor.get("/")

    assert answer.status_code == 200
    assert "sample" not in answer.context


def test_without_redis_the_sample_says_so(visitor: Client, redis_away: None) -> None:
    page = visitor.get("/sample/")
    swapped = visitor.get("/sample/", headers={"hx-request": "true"})

    assert (page.status_code, swapped.status_code) == (503, 200)
    assert SORRY in page.content.decode()
    assert SORRY in swapped.content.decode()


def test_a_sample_that_cannot_be_kept_is_shown(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(site.cache, "set", refuse)

    assert visitor.get("/sample/").status_code == 200


def test_without_redis_signing_in_says_so(visitor: Client, redis_away: None) -> None:
    by_phone = visitor.post("/sign-in/", {"phone": "98000 00001"})
    by_email = visitor.post(
        "/sign-in/", {"way": "email", "email": "vikram@veda.example", "password": "a-long-one-1"}
    )

    assert by_phone.status_code < 500
    assert by_email.status_code < 500
    assert SORRY in by_phone.content.decode()
    assert SORRY in by_email.content.decode()


def test_pricing_says_how_much_of_everything_and_what_meta_takes(visitor: Client) -> None:
    page = visitor.get("/en/pricing/").content.decode()

    for name, count in [("People", "3"), ("Places", "1"), ("Customers and contacts", "3,000")]:
        assert f'<dt>{name}</dt><dd class="money text-end font-medium">{count}</dd>' in page
    assert "₹0.8631" in page
    assert "₹1.0185 with GST" in page
    assert "₹1,178.82" in page
    assert "A second shop is a second workspace at the same price" in page


def test_a_limit_that_a_version_changes_is_sold_as_changed(visitor: Client) -> None:
    version = PlanVersion.objects.get(plan__tier="local")
    version.pk, version.number, version.quotas = None, version.number + 1, {"contacts": 125_000}
    version.save()

    assert "1,25,000" in visitor.get("/en/pricing/").content.decode()


def test_pricing_says_what_enterprise_holds_and_what_it_does_not_do(visitor: Client) -> None:
    page = visitor.get("/en/pricing/").content.decode()
    column = page[page.index('id="plan-enterprise"') :]

    for name, count in [("People", "15"), ("Data sources", "20"), ("Budget models a month", "500")]:
        assert f'<dt>{name}</dt><dd class="money text-end font-medium">{count}</dd>' in column
    assert "campaigns leave as files that you import" in column
    assert "What Meta charges beside it" not in column
    assert "WhatsApp" not in column


def test_pricing_says_one_number_and_leads_to_cancelling(visitor: Client) -> None:
    page = visitor.get("/en/pricing/").content.decode()
    content = page[page.index("<main") : page.index("</main>")]

    assert "One WhatsApp number of your own in each workspace" in content
    assert 'href="/cancel/">Cancel my plan</a>' in content


def test_the_landing_page_promises_posting_only_as_it_works(visitor: Client) -> None:
    page = visitor.get("/en/").content.decode()

    assert "Nothing is posted unless you approve it or share it" in page
    assert "A post goes out when you approve it" in page
    assert "You share each post yourself" not in page
