from typing import Any

import pytest
from django.test import Client

from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db
HOSTS = ["localhost", "asha-sweets.localhost", "admin.localhost", "nobody.localhost"]


def browser(host: str = "localhost") -> Client:
    return Client(HTTP_HOST=host)


def is_the_page(answer: Any) -> bool:
    page = answer.content.decode()
    return answer.status_code == 400 and "We could not read that request" in page


@pytest.mark.parametrize("host", HOSTS)
def test_nul_in_the_path_the_query_or_a_cookie_is_refused(host: str, local_tenant: Tenant) -> None:
    with_cookie = browser(host)
    with_cookie.cookies["sessionid"] = "aaaaaaaaaaaa\0"

    assert is_the_page(browser(host).get("/sign-in/%00"))
    assert is_the_page(browser(host).get("/sign-in/?next=/%00"))
    assert is_the_page(with_cookie.get("/sign-in/"))


def test_nul_in_a_cookie_as_servers_write_it_is_refused() -> None:
    answer = browser().get("/sign-in/", headers={"cookie": r'sessionid="aaaaaaaaaaaa\000"'})

    assert is_the_page(answer)


def test_an_escaped_percent_sign_is_no_nul() -> None:
    assert browser().get("/sign-in/?next=/%2500").status_code == 200


@pytest.mark.parametrize("charset", ["rot13", "idna", "undefined", "hex", "nothing", "utf-16"])
def test_a_charset_that_is_not_for_text_is_refused(charset: str) -> None:
    page = browser().get("/sign-in/", headers={"content-type": f"text/html; charset={charset}"})
    # generic() sends the bytes as they are; post() would encode them with that charset.
    api = browser().generic(
        "POST",
        "/api/local/intelligence",
        b"{}",
        content_type=f"application/json; charset={charset}",
    )

    assert is_the_page(page)
    assert (api.status_code, api.json()["code"]) == (400, "unreadable_request")
    assert api["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii", "latin1"])
def test_a_usual_charset_is_read(charset: str) -> None:
    answer = browser().get("/sign-in/", headers={"content-type": f"text/html; charset={charset}"})

    assert answer.status_code == 200


def test_an_unreadable_api_path_is_a_problem_with_an_id() -> None:
    answer = browser().post("/api/local/%00", "{}", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_request")
    assert answer.json()["request_id"] == answer["X-Request-ID"]
