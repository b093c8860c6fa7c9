"""Limits on codes and passwords hold for callers and leave room for owners."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from billing.errors import TrialUsed
from billing.services import trial_start
from marketing_platform.core import clock
from marketing_platform.core.errors import LimitReached
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.onboarding.codes import code_send
from marketing_platform.onboarding.pages import client_address, password_try
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.users.models import CodePurpose, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}


def send(phone: str, address: str) -> str:
    return code_send(
        phone=phone, email=None, purpose=CodePurpose.SIGN_IN, language="en", address=address
    )


def test_six_codes_an_hour_for_one_number_and_caller() -> None:
    for _ in range(6):
        send("+918888800041", "10.0.0.1")

    with pytest.raises(LimitReached):
        send("+918888800041", "10.0.0.1")


def test_a_stranger_does_not_keep_an_owner_from_signing_in() -> None:
    for _ in range(6):
        send("+918888800042", "10.0.0.1")

    assert send("+918888800042", "10.0.0.2")


def test_password_tries_are_limited_for_a_caller_over_many_accounts() -> None:
    request = RequestFactory().post("/sign-in/", REMOTE_ADDR="10.0.0.9")
    for number in range(100):
        password_try(request, f"person{number}@x.example")

    with pytest.raises(LimitReached):
        password_try(request, "person100@x.example")


def test_password_tries_are_limited_for_an_account_over_many_callers() -> None:
    for number in range(200):
        request = RequestFactory().post("/sign-in/", REMOTE_ADDR=f"10.0.{number}.1")
        password_try(request, "one@x.example")

    with pytest.raises(LimitReached):
        password_try(RequestFactory().post("/", REMOTE_ADDR="10.1.0.1"), "one@x.example")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "127.0.0.1"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 10.0.0.5", "1.1.1.1"),
        (2, "1.1.1.1", "127.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "not an address", "not an address"),
    ],
)
def test_the_caller_behind_our_proxies(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == address


def test_a_person_tries_a_tier_once(asha: User, local_tenant: Tenant) -> None:
    now = clock.now()
    second = tenant_reserve(
        tier="local", name="Second Shop", language="en", actor_id=asha.pk, now=now
    )
    membership_add(tenant=second, user=asha, role=Role.OWNER, now=now)

    with pytest.raises(TrialUsed, match="another workspace"):
        trial_start(tenant=second, now=now)
    second.refresh_from_db()
    assert second.state == "pending"


def test_a_reset_link_is_on_our_address_whatever_host_was_named(vikram: User) -> None:
    Client().post(
        "/account/password/reset/", {"email": vikram.email}, HTTP_HOST="www.localhost:666"
    )
    message = OutgoingMessage.objects.filter(kind="account").first()

    assert "http://localhost/account/password/reset/key/" in message.text


def test_the_waiting_page_survives_a_gateway_that_is_away(
    settings: Any, meera: User, session_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.errors import GatewayUnavailable
    from billing.models import Checkout
    from marketing_platform.onboarding import plan

    tenant = tenant_reserve(
        tier="local", name="Waiting Shop", language="en", actor_id=meera.pk, now=clock.now()
    )
    membership_add(tenant=tenant, user=meera, role=Role.OWNER, now=clock.now())

    def away(**_unused: Any) -> None:
        raise GatewayUnavailable

    monkeypatch.setattr(plan, "checkout_refresh_if_due", away)
    monkeypatch.setattr(plan, "checkout_by_id", lambda checkout_id: Checkout(gateway="sandbox"))
    browser = session_for(meera)
    session = browser.session
    session["sign_up"] = {"tier": "local", "tenant_id": str(tenant.pk), "checkout_id": "x"}
    session.save()
    monkeypatch.setattr(plan, "checkout_state", lambda checkout_id: "open")

    assert browser.get(f"/start/waiting/{tenant.pk}/", **HOST).status_code == 200
