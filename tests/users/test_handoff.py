from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from marketing_platform.tenants.models import Tenant
from marketing_platform.users.errors import HandOffRefused
from marketing_platform.users.handoff import COOKIE, safe_next, token_sign, token_use
from marketing_platform.users.models import Membership, User
from marketing_platform.users.sessions import sessions_end

pytestmark = pytest.mark.django_db
PUBLIC = {"HTTP_HOST": "localhost"}


def path_of(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}"


@pytest.fixture
def host(local_tenant: Tenant) -> dict[str, str]:
    return {"HTTP_HOST": f"{local_tenant.slug}.localhost"}


@pytest.fixture
def browser(asha: User, public_client: Any) -> Any:
    """Asha's browser, signed in on the public host."""
    return public_client(asha)


def start(browser: Any, host: dict[str, str], next_path: str = "/settings/") -> str:
    """The address of the public host with the nonce's hash."""
    answer = browser.get(f"/sign-in/?next={next_path}", **host)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).hostname == "localhost"
    return path_of(answer["Location"])


def complete(browser: Any, host: dict[str, str], start_path: str) -> str:
    answer = browser.get(start_path, **PUBLIC)
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).hostname == host["HTTP_HOST"]
    return path_of(answer["Location"])


def test_signing_in_on_the_public_host_opens_the_workspace(
    browser: Any, host: dict[str, str]
) -> None:
    answer = browser.get(complete(browser, host, start(browser, host)), **host)

    assert (answer.status_code, answer["Location"]) == (302, "/settings/")
    assert browser.get("/settings/", **host).status_code == 200


def test_a_token_is_used_once(browser: Any, host: dict[str, str]) -> None:
    arrival = complete(browser, host, start(browser, host))
    cookie = browser.clients[host["HTTP_HOST"]].cookies[COOKIE].value
    assert browser.get(arrival, **host).status_code == 302

    again = Client()
    again.cookies[COOKIE] = cookie
    assert again.get(arrival, **host).status_code == 403
    assert again.get("/settings/", **host).status_code == 302


def test_a_token_in_another_browser_is_refused(browser: Any, host: dict[str, str]) -> None:
    arrival = complete(browser, host, start(browser, host))
    stranger = Client()
    stranger.cookies[COOKIE] = "another nonce"

    assert stranger.get(arrival, **host).status_code == 403
    assert Client().get(arrival, **host).status_code == 403


def test_a_token_for_one_workspace_is_nothing_on_another(
    browser: Any, host: dict[str, str], enterprise_tenant: Tenant
) -> None:
    arrival = complete(browser, host, start(browser, host))
    elsewhere = {"HTTP_HOST": f"{enterprise_tenant.slug}.localhost"}

    assert browser.get(arrival, **elsewhere).status_code == 403


def test_someone_who_was_removed_in_between_is_refused(
    browser: Any, host: dict[str, str], asha: User
) -> None:
    arrival = complete(browser, host, start(browser, host))
    Membership.objects.filter(user=asha).delete()

    assert browser.get(arrival, **host).status_code == 403


def test_a_token_of_an_ended_generation_is_refused(
    browser: Any, host: dict[str, str], asha: User
) -> None:
    arrival = complete(browser, host, start(browser, host))
    sessions_end(asha)

    assert browser.get(arrival, **host).status_code == 403


def test_a_stranger_is_told_that_they_do_not_belong(
    meera: User, host: dict[str, str], public_client: Any
) -> None:
    browser = public_client(meera)
    answer = browser.get(start(browser, host), **PUBLIC)

    assert answer.status_code == 403


def test_signing_out_ends_the_session_of_every_host(browser: Any, host: dict[str, str]) -> None:
    browser.get(complete(browser, host, start(browser, host)), **host)
    assert browser.get("/settings/", **host).status_code == 200

    browser.post("/sign-out/", **PUBLIC)

    assert browser.get("/settings/", **host).status_code == 302


@pytest.mark.parametrize(
    ("workspace", "nonce"),
    [
        ("asha-sweets", "é"),
        ("asha-sweets", ""),
        ("asha-sweets", "A" * 64),
        ("asha-sweets", "a" * 65),
        ("asha'sweets", "a" * 64),
        ("", "a" * 64),
    ],
)
def test_a_hand_over_that_we_did_not_ask_for_is_not_found(
    browser: Any, workspace: str, nonce: str
) -> None:
    query = urlencode({"workspace": workspace, "nonce": nonce})

    assert browser.get(f"/hand-over/?{query}", **PUBLIC).status_code == 404


def test_a_token_over_another_alphabets_nonce_is_refused(asha: User, local_tenant: Tenant) -> None:
    token = token_sign(user=asha, tenant=local_tenant, nonce_digest="é", next_path="/")

    with pytest.raises(HandOffRefused):
        token_use(token=token, tenant=local_tenant, nonce="x")


def test_only_opening_the_address_uses_the_token_up(browser: Any, host: dict[str, str]) -> None:
    arrival = complete(browser, host, start(browser, host))

    assert browser.clients[host["HTTP_HOST"]].head(arrival, **host).status_code == 405
    assert browser.get(arrival, **host).status_code == 302


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "evil", "/\\evil.example"],
)
def test_only_a_path_of_our_own_is_gone_to(path: str) -> None:
    assert safe_next(path) == "/"


def test_the_token_names_a_relative_next(browser: Any, host: dict[str, str]) -> None:
    arrival = complete(browser, host, start(browser, host, "https://evil.example/"))
    answer = browser.get(arrival, **host)

    assert answer["Location"] == "/"
    assert "token" in parse_qs(urlsplit(arrival).query)


def test_a_workspace_speaks_the_language_of_who_arrives(
    asha: User, browser: Any, host: dict[str, str]
) -> None:
    User.objects.filter(pk=asha.pk).update(language="hi")

    answer = browser.get(complete(browser, host, start(browser, host)), **host)

    assert answer.cookies["django_language"].value == "hi"
    assert 'lang="hi"' in browser.get("/settings/", **host).content.decode()
