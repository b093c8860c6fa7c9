"""What one workspace signed or let in is nothing in another, equal ids and hashes included."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing as django_signing
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import CrossTenantError, SignatureRefused
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.signing import sign, unsign
from marketing_platform.users.models import User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.isolation.walk import NONCE, ids_of
from tests.isolation.world import TIERS, World, canary

pytestmark = pytest.mark.django_db
SIGNED_IN = Callable[..., Client]


def host(tenant: Tenant) -> str:
    return f"{tenant.slug}.{settings.BASE_HOST}"


@pytest.fixture
def of_both(world: World) -> User:
    """One person in all four workspaces: equal id, equal hash, equal role."""
    person = User.objects.create_user(
        email="both@canary.example", password="the-same-password-1", full_name="Both"
    )
    for side in world:
        for tenant in side.tenants.values():
            membership_add(tenant=tenant, user=person, role=Role.OWNER, now=clock.now())
    return person


# --- sessions


@pytest.mark.parametrize("tier", TIERS)
def test_a_session_is_of_one_host_even_for_a_member_of_both(
    world: World, of_both: User, session_for: SIGNED_IN, tier: str
) -> None:
    a, b = world.pair(tier)
    browser = session_for(of_both, a)

    assert browser.get("/settings/").status_code == 200
    there = browser.get("/settings/", HTTP_HOST=host(b))
    assert (there.status_code, there["Location"]) == (302, "/sign-in/?next=%2Fsettings%2F")


def test_without_the_host_in_it_the_session_would_be_taken(
    world: World, of_both: User, session_for: SIGNED_IN, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: nothing else would tell the two hosts' sessions apart."""
    a, b = world.pair("local")
    browser = session_for(of_both, a)
    monkeypatch.setattr(
        "marketing_platform.users.middleware.session_is_bound", lambda request, user: True
    )

    assert browser.get("/settings/", HTTP_HOST=host(b)).status_code == 200


def test_a_session_of_the_public_host_is_nothing_in_a_workspace(
    world: World, of_both: User, session_for: SIGNED_IN
) -> None:
    browser = session_for(of_both)

    assert browser.get("/my/").status_code == 200
    for tenant in world.pair("local"):
        assert browser.get("/settings/", HTTP_HOST=host(tenant)).status_code == 302
        browser.cookies.pop("csrftoken", None)


def test_cookies_are_of_one_host(world: World, session_for: SIGNED_IN) -> None:
    browser = session_for(world.a.owner, world.a.tenants["local"])
    answer = browser.get("/settings/api-keys/")

    assert settings.SESSION_COOKIE_DOMAIN is None
    assert settings.CSRF_COOKIE_DOMAIN is None
    assert all(not morsel["domain"] for morsel in answer.cookies.values())


def test_a_csrf_token_of_one_does_not_post_to_the_other(
    world: World, of_both: User, session_for: SIGNED_IN
) -> None:
    tokens, browsers = [], []
    for tenant in world.pair("local"):
        browser = session_for(of_both, tenant)
        browser.handler.enforce_csrf_checks = True
        page = browser.get("/offers/").content.decode()
        tokens.append(re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1])
        browsers.append(browser)
    form = {"words": "x", "valid_from": "2026-12-01", "valid_until": "2026-12-02"}

    foreign = browsers[1].post("/offers/add/", {**form, "csrfmiddlewaretoken": tokens[0]})
    own = browsers[1].post("/offers/add/", {**form, "csrfmiddlewaretoken": tokens[1]})

    assert (foreign.status_code, own.status_code) == (403, 302)


# --- links


@pytest.mark.parametrize("tier", TIERS)
def test_a_hand_over_is_of_one_workspace(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    token = {"token": ids_of(world.b, tier)["hand_over"]}
    answers = {}
    for name, tenant in (("other", a), ("own", b)):
        browser = Client(HTTP_HOST=host(tenant))
        browser.cookies["handoff_nonce"] = NONCE
        answers[name] = browser.get("/sign-in/complete/", token).status_code

    assert answers == {"other": 403, "own": 302}


@pytest.mark.parametrize("tier", TIERS)
def test_a_signed_address_is_of_one_workspace(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    path = f"/media/signed/{ids_of(world.b, tier)['file']}"

    refused = Client(HTTP_HOST=host(a)).get(path)
    served = Client(HTTP_HOST=host(b)).get(path)

    assert (refused.status_code, served.status_code) == (404, 200)
    assert canary("B").encode() in served.content


def test_a_signed_address_with_the_other_s_name_on_it_is_refused(world: World) -> None:
    """The name before the dot only says whose key to try."""
    a, b = world.pair("local")
    token = ids_of(world.b, "local")["file"].replace(b.pk.hex, a.pk.hex)

    for name in (host(a), settings.BASE_HOST):
        assert Client(HTTP_HOST=name).get(f"/media/signed/{token}").status_code == 404


@pytest.mark.parametrize("tier", TIERS)
def test_a_reset_link_is_of_one_person_whatever_their_hashes(world: World, tier: str) -> None:
    """A's key with B's id, where passwords and hashes are equal; and no reset on workspaces."""
    from allauth.account.forms import default_token_generator as reset_keys
    from allauth.account.utils import user_pk_to_url_str

    a, b = world.a.owner, world.b.owner
    assert a.password == b.password
    key = reset_keys.make_token(a)
    paths = {
        who: f"/account/password/reset/key/{user_pk_to_url_str(person)}-{key}/"
        for who, person in (("own", a), ("other", b))
    }
    public = Client(HTTP_HOST=settings.BASE_HOST)

    assert public.get(paths["own"]).status_code == 302
    assert public.get(paths["other"]).status_code == 200
    assert "password1" not in public.get(paths["other"]).content.decode()
    for tenant in world.pair(tier):
        assert Client(HTTP_HOST=host(tenant)).get(paths["own"]).status_code == 404
    assert not default_token_generator.check_token(b, default_token_generator.make_token(a))


def test_another_spelling_of_the_name_is_refused(world: World) -> None:
    b = world.b.tenants["local"]
    name, _dot, rest = ids_of(world.b, "local")["file"].partition(".")

    for spelling in (str(b.pk), name.upper(), f"{{{name}}}"):
        path = f"/media/signed/{spelling}.{rest}"
        assert Client(HTTP_HOST=host(b)).get(path).status_code == 404


# --- signing


def test_a_signed_value_is_read_where_it_was_signed(world: World) -> None:
    a, b = world.pair("local")
    with tenant_context(a):
        token = sign({"row": 1001}, salt="test")
        assert unsign(token, salt="test") == {"row": 1001}
    with tenant_context(b), pytest.raises(SignatureRefused):
        unsign(token, salt="test")
    assert unsign(token, salt="test", tenant_id=a.pk) == {"row": 1001}


def test_another_use_another_signer_and_junk_are_refused(world: World) -> None:
    with tenant_context(world.a.tenants["local"]):
        token = sign([1], salt="test")
        plain = django_signing.Signer(salt="test").sign_object([1])
        for wrong in (plain, token[:-1], "", "junk", "a:b:c"):
            with pytest.raises(SignatureRefused):
                unsign(wrong, salt="test")
        with pytest.raises(SignatureRefused):
            unsign(token, salt="other")


def test_nothing_is_signed_for_nobody_or_for_the_other(world: World) -> None:
    a, b = world.pair("local")
    with pytest.raises(CrossTenantError):
        sign([1], salt="test")
    with tenant_context(a), pytest.raises(CrossTenantError):
        sign([1], salt="test", tenant_id=b.pk)


def test_django_s_own_signing_would_not_tell_them_apart(world: World) -> None:
    """The control, and why tenants.signing exists."""
    a, b = world.pair("local")
    with tenant_context(a):
        token: Any = django_signing.dumps({"row": 1001}, salt="test")
    with tenant_context(b):
        assert django_signing.loads(token, salt="test") == {"row": 1001}
