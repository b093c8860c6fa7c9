"""Answers given before, or without, a workspace: health, refusals, and what they carry."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from marketing_platform.api import host_middleware
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.tenants.context import current_schema
from marketing_platform.tenants.models import State, Tenant

STRICT = "script-src 'self';"


def answer(host: str, path: str = "/", **extra: Any) -> Any:
    return Client(HTTP_HOST=host, raise_request_exception=False).get(path, **extra)


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(host: str) -> None:
        raise OperationalError

    monkeypatch.setattr(host_middleware, "tenant_by_host", refuse)


@pytest.mark.parametrize(
    "host", ["localhost", "asha-sweets.localhost", "nobody.localhost", "admin.localhost"]
)
@pytest.mark.usefixtures("database_away")
def test_life_is_shown_on_every_host_without_the_database(host: str) -> None:
    live = answer(host, "/health/live")

    assert (live.status_code, live.json()) == (200, {"status": "live"})


@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8000", "[::1]", "elsewhere.example", "a b"])
@pytest.mark.usefixtures("database_away")
def test_a_probe_by_address_is_answered(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = [settings.BASE_HOST, f".{settings.BASE_HOST}"]

    assert answer(host, "/health/live").status_code == 200
    assert answer(host, "/").status_code == 400


@pytest.mark.django_db
def test_readiness_is_answered_by_address() -> None:
    assert answer("10.1.2.3", "/health/ready").json()["status"] == "ready"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_the_staffs_host_has_no_api(method: str) -> None:
    refused = getattr(Client(HTTP_HOST="admin.localhost"), method)("/api/local/intelligence")

    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert refused["Content-Type"] == "application/problem+json"


def early_answers(tenant: Tenant) -> dict[str, Any]:
    """One of every kind that is given before a view is looked for."""
    host = f"{tenant.slug}.localhost"
    answers = {
        "unknown host": answer("nobody.localhost"),
        "not allowed host": answer("elsewhere.example"),
        "unreadable": answer("localhost", "/?q=%00"),
        "no key": answer("localhost", "/api/local/intelligence"),
    }
    for state in (State.BLOCKED, State.PREPARING):
        Tenant.objects.filter(pk=tenant.pk).update(state=state)
        answers[state] = answer(host)
    return answers


@pytest.mark.django_db
def test_refusals_have_the_policies_of_every_page(local_tenant: Tenant) -> None:
    answers = early_answers(local_tenant)

    assert {name: found.status_code for name, found in answers.items()} == {
        "unknown host": 404,
        "not allowed host": 400,
        "unreadable": 400,
        "no key": 401,
        State.BLOCKED: 403,
        State.PREPARING: 503,
    }
    for name, found in answers.items():
        assert STRICT in f"{found['Content-Security-Policy']};", name
        assert found["X-Frame-Options"] == "DENY", name


@pytest.mark.django_db
def test_refusals_are_in_the_readers_language_not_the_previous_ones(local_tenant: Tenant) -> None:
    with translation.override("hi"):
        answers = early_answers(local_tenant)

        assert {found["Content-Language"] for found in answers.values()} == {"en"}
        assert "No business has this address" in answers["unknown host"].content.decode()


@pytest.mark.django_db
def test_only_the_staffs_host_has_the_looser_policy(local_tenant: Tenant) -> None:
    staff = answer("admin.localhost", "/login/")["Content-Security-Policy"]
    others = [
        answer(host, "/sign-in/")["Content-Security-Policy"]
        for host in ("localhost", f"{local_tenant.slug}.localhost")
    ]

    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" in staff
    assert "frame-ancestors 'none'" in staff
    assert all("unsafe" not in policy for policy in others)


@pytest.mark.django_db
def test_a_browser_at_an_alias_is_led_to_the_public_name() -> None:
    browser = {"HTTP_HOST": "127.0.0.1", "HTTP_ACCEPT": "text/html,application/xhtml+xml"}
    answer = Client().get("/start/?from=here", **browser)

    assert (answer.status_code, answer["Location"]) == (302, "http://localhost/start/?from=here")
    assert Client().get("/pricing/", HTTP_HOST="127.0.0.1").status_code == 200
    assert Client().get("/pricing/", HTTP_HOST="localhost").status_code == 200


# --- which host is whose

WORKSPACE, PUBLIC_SITE, STAFF, NOBODY, REFUSED = "workspace", "public", "staff", "nobody", "refused"
HOSTS = [
    ("asha-sweets.localhost", WORKSPACE),
    ("ASHA-Sweets.LocalHost", WORKSPACE),
    ("asha-sweets.localhost:8000", WORKSPACE),
    ("asha-sweets.localhost.", WORKSPACE),
    ("asha-sweets.localhost.:8000", WORKSPACE),
    ("localhost", PUBLIC_SITE),
    ("LOCALHOST", PUBLIC_SITE),
    ("localhost:443", PUBLIC_SITE),
    ("localhost.", PUBLIC_SITE),
    ("www.localhost", PUBLIC_SITE),
    ("127.0.0.1:8000", PUBLIC_SITE),
    ("[::1]", PUBLIC_SITE),
    ("[::1]:8000", PUBLIC_SITE),
    ("admin.localhost", STAFF),
    ("ADMIN.localhost:8000", STAFF),
    ("nobody.localhost", NOBODY),
    ("api.localhost", NOBODY),
    ("www.asha-sweets.localhost", NOBODY),
    ("x.asha-sweets.localhost", NOBODY),
    ("asha-sweets..localhost", NOBODY),
    ("asha_sweets.localhost", REFUSED),
    ("asha-sweets.localhost.evil.example", REFUSED),
    ("asha-sweets.localhost@evil.example", REFUSED),
    ("evil.example", REFUSED),
    ("10.1.2.3", REFUSED),
    ("[2001:db8::1]", REFUSED),
    ("asha-sweets.localhost/evil", REFUSED),
    ("", REFUSED),
]


@pytest.fixture
def kind_of(
    monkeypatch: pytest.MonkeyPatch, settings: Any, local_tenant: Tenant
) -> Callable[..., str]:
    """kind_of(host, **headers): who answers there, as a view would find it."""
    settings.ALLOWED_HOSTS = [settings.BASE_HOST, f".{settings.BASE_HOST}", "127.0.0.1", "[::1]"]
    Tenant.objects.filter(pk=local_tenant.pk).update(slug="asha-sweets")

    def ask(host: str, **headers: str) -> str:
        found: list[str] = []

        def view(request: Any) -> HttpResponse:
            tenant = request.tenant
            assert (current_schema() == "public") is (tenant is None)
            assert tenant is None or tenant.pk == local_tenant.pk
            names = {"public": PUBLIC_SITE, "workspace": WORKSPACE, "admin": STAFF}
            found.append(names[request.host_kind])
            return HttpResponse()

        request = RequestFactory(HTTP_HOST=host).get("/", headers=headers)
        try:
            response = host_middleware.HostMiddleware(view)(request)
        except DisallowedHost:
            return REFUSED
        assert current_schema() == "public"
        return found[0] if found else {404: NOBODY}[response.status_code]

    return ask


@pytest.mark.django_db
@pytest.mark.parametrize(("host", "kind"), HOSTS)
def test_a_host_is_whose_it_is(kind_of: Callable[..., str], host: str, kind: str) -> None:
    assert kind_of(host) == kind


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded", "X-Forwarded-Server"]
)
def test_no_header_speaks_for_the_host(kind_of: Callable[..., str], header: str) -> None:
    said = {header: "asha-sweets.localhost"}

    assert kind_of("nobody.localhost", **said) == NOBODY
    assert kind_of("localhost", **said) == PUBLIC_SITE
    assert kind_of("asha-sweets.localhost", **{header: "nobody.localhost"}) == WORKSPACE


@pytest.mark.django_db
def test_the_staff_s_pages_are_not_on_other_hosts(local_tenant: Tenant) -> None:
    for host in ("localhost", f"{local_tenant.slug}.localhost"):
        for path in ("/tenants/tenant/", "/users/user/", "/login/", "/admin/"):
            assert answer(host, path).status_code == 404, (host, path)
    assert answer("admin.localhost", "/tenants/tenant/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost:1234", "www.localhost", "LOCALHOST."])
def test_links_in_mails_are_never_made_of_the_host_that_asked(host: str, vikram: Any) -> None:
    mail.outbox = []
    sent = Client(HTTP_HOST=host).post(
        "/account/password/reset/",
        {"email": vikram.email},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    texts = [message.body for message in mail.outbox]
    texts += [row.text for row in OutgoingMessage.objects.all()]

    assert sent.status_code == 302
    assert texts
    links = [word for text in texts for word in text.split() if "://" in word]
    assert links
    assert all(link.startswith(f"{settings.PUBLIC_URL}/") for link in links), links
