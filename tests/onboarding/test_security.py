"""The second question at every way of signing in, and proving again before what matters."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketing_platform.api.models import ApiKey
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.operations.sign_in_link import sign_in_link_send
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.factors import factor_begin, factor_confirm, has_factor
from marketing_platform.users.models import User
from marketing_platform.users.totp import code_of, step_at

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
ADMIN = {"HTTP_HOST": "admin.localhost"}
PASSWORD = "a long and good password"


def with_app(user: User) -> tuple[bytes, list[str]]:
    earlier = clock.now() - timedelta(minutes=2)
    secret = factor_begin(user=user, now=earlier)
    return secret, factor_confirm(user=user, code=code_of(secret, step_at(earlier)), now=earlier)


def code_now(secret: bytes) -> str:
    return code_of(secret, step_at(clock.now()))


def last_code() -> str:
    return re.search(r"\d{6}", OutgoingMessage.objects.filter(kind="code").first().text).group()


def by_number(user: User) -> tuple[Client, Any]:
    browser = Client()
    browser.post("/sign-in/", {"way": "phone", "phone": user.phone}, **HOST)
    return browser, browser.post("/sign-in/code/", {"code": last_code()}, **HOST)


def by_password(user: User) -> tuple[Client, Any]:
    user.set_password(PASSWORD)
    user.save()
    browser = Client()
    who = {"way": "email", "email": user.email, "password": PASSWORD}
    return browser, browser.post("/sign-in/", who, **HOST)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/my/", **HOST).status_code == 200


def test_a_code_to_the_number_is_not_enough_with_an_app(asha: User) -> None:
    secret, _codes = with_app(asha)
    browser, answer = by_number(asha)
    assert answer["Location"] == "/sign-in/factor/"
    assert not is_signed_in(browser)

    wrong = browser.post("/sign-in/factor/", {"code": "000000"}, **HOST)
    assert "code" in wrong.context["form"].errors
    answer = browser.post("/sign-in/factor/", {"code": code_now(secret)}, **HOST)

    assert answer["Location"] == "/my/"
    assert is_signed_in(browser)


def test_a_password_is_not_enough_and_a_recovery_code_helps(vikram: User) -> None:
    _secret, codes = with_app(vikram)
    browser, answer = by_password(vikram)
    assert answer["Location"] == "/sign-in/factor/"
    assert not is_signed_in(browser)

    browser.post("/sign-in/factor/", {"code": codes[3]}, **HOST)

    assert is_signed_in(browser)


def test_signing_up_again_is_no_way_round(asha: User) -> None:
    with_app(asha)
    browser = Client()
    browser.post("/start/local/", {"full_name": "A", "phone": asha.phone}, **HOST)
    answer = browser.post("/start/code/", {"code": last_code()}, **HOST)

    assert answer["Location"] == "/sign-in/factor/"
    assert not is_signed_in(browser)


def test_a_link_of_support_is_no_way_round(asha: User, local_tenant: Tenant) -> None:
    with_app(asha)
    staff = User.objects.create_superuser("leela@x.example", PASSWORD)
    sign_in_link_send(tenant=local_tenant, staff=staff, reason="Lost phone", now=clock.now())
    text = OutgoingMessage.objects.get(kind="sign_in_link").text
    browser = Client()
    answer = browser.post(re.search(r"(/sign-in/link/\S+/)", text).group(1), **HOST)

    assert answer["Location"] == "/sign-in/factor/"
    assert not is_signed_in(browser)


def test_a_new_password_is_no_way_round(vikram: User) -> None:
    with_app(vikram)
    asked = Client()
    asked.post("/account/password/reset/", {"email": vikram.email}, **HOST)
    text = OutgoingMessage.objects.filter(kind="account").first().text
    path = re.search(r"http://localhost(/account/\S+)", text).group(1)
    form = asked.get(path, follow=True, **HOST)
    asked.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, **HOST)
    vikram.refresh_from_db()

    assert vikram.check_password(PASSWORD)
    assert not is_signed_in(asked)
    assert has_factor(vikram)


def test_the_first_proof_is_good_for_ten_minutes(asha: User, time_machine: Any) -> None:
    secret, _codes = with_app(asha)
    browser, _answer = by_number(asha)
    time_machine.move_to(clock.now() + timedelta(seconds=601))

    answer = browser.post("/sign-in/factor/", {"code": code_now(secret)}, **HOST)

    assert answer["Location"] == "/sign-in/"
    assert not is_signed_in(browser)


def test_ten_wrong_codes_an_hour_are_all(asha: User) -> None:
    secret, _codes = with_app(asha)
    browser, _answer = by_number(asha)
    answers = [browser.post("/sign-in/factor/", {"code": "000000"}, **HOST) for _ in range(11)]

    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert browser.post("/sign-in/factor/", {"code": code_now(secret)}, **HOST).status_code == 429


def test_an_owner_sets_the_app_up_and_other_devices_are_signed_out(
    asha: User, session_for: Any
) -> None:
    browser, other = session_for(asha), session_for(asha)
    page = browser.get("/my/security/app/")
    key = page.context["key"].replace(" ", "")
    assert page.context["picture"].startswith("data:image/svg+xml")
    secret = factor_begin(user=asha, now=clock.now())

    answer = browser.post("/my/security/app/", {"code": code_now(secret)})

    assert len(answer.context["codes"]) == 10
    assert key not in answer.content.decode()
    assert is_signed_in(browser)
    assert not is_signed_in(other)


def test_switching_it_off_asks_again_after_a_while(
    asha: User, session_for: Any, time_machine: Any
) -> None:
    secret, _codes = with_app(asha)
    browser = session_for(asha)
    time_machine.move_to(clock.now() + timedelta(minutes=16))

    asked = browser.post("/my/security/off/", {"back": "/my/security/"})
    assert asked["Location"] == "http://localhost/my/confirm/?next=%2Fmy%2Fsecurity%2F"
    assert has_factor(asha)
    proved = browser.post("/my/confirm/?next=/my/security/", {"code": code_now(secret)})
    browser.post("/my/security/off/")

    assert proved["Location"] == "/my/security/"
    assert not has_factor(asha)


def test_a_code_to_the_number_proves_it_where_there_is_nothing_else(
    asha: User, session_for: Any, time_machine: Any
) -> None:
    browser = session_for(asha)
    assert 'name="code"' not in browser.get("/my/confirm/").content.decode()
    browser.post("/my/confirm/", {"send": "1"})

    wrong = browser.post("/my/confirm/", {"code": "12"})
    right = browser.post("/my/confirm/?next=/my/", {"code": last_code()})

    assert wrong.status_code == 200
    assert right["Location"] == "/my/"


def test_an_api_key_asks_who_is_there_and_leads_back(
    asha: User, local_tenant: Tenant, workspace_client: Any, time_machine: Any
) -> None:
    browser = workspace_client(local_tenant, asha)
    time_machine.move_to(clock.now() + timedelta(minutes=16))
    form = {"name": "Till", "scopes": ["read"], "back": "/settings/api-keys/"}

    answer = browser.post("/settings/api-keys/", form)

    assert answer["Location"] == (
        f"http://localhost/my/confirm/?next=%2Fsettings%2Fapi-keys%2F&workspace={local_tenant.slug}"
    )
    assert not ApiKey.objects.filter(name="Till").exists()


def test_after_the_proof_the_workspace_begins_a_session_that_knows_it(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    browser = session_for(asha)
    browser.post("/my/confirm/", {"send": "1"})
    address = f"/my/confirm/?next=/settings/api-keys/&workspace={local_tenant.slug}"

    answer = browser.post(address, {"code": last_code()})

    assert answer["Location"] == (
        f"http://{local_tenant.slug}.localhost/sign-in/?again=1&next=%2Fsettings%2Fapi-keys%2F"
    )


def test_a_proof_never_leads_to_a_workspace_of_others(
    asha: User, enterprise_tenant: Tenant, session_for: Any
) -> None:
    browser = session_for(asha)
    browser.post("/my/confirm/", {"send": "1"})
    address = f"/my/confirm/?next=//evil.example/&workspace={enterprise_tenant.slug}"

    assert browser.post(address, {"code": last_code()})["Location"] == "/"


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("leela@x.example", PASSWORD)


def staff_browser() -> tuple[Client, Any]:
    browser = Client()
    who = {"email": "leela@x.example", "password": PASSWORD}
    return browser, browser.post("/login/", who, **ADMIN)


def test_staff_set_the_app_up_before_they_see_anything(staff: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    browser, _answer = staff_browser()
    assert browser.get("/tenants/tenant/", **ADMIN)["Location"] == "/security/app/"
    secret = factor_begin(user=staff, now=clock.now())

    browser.post("/security/app/", {"code": code_now(secret)}, **ADMIN)

    assert browser.get("/tenants/tenant/", **ADMIN).status_code == 200


def test_staff_type_the_apps_code_at_every_sign_in(staff: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    secret, _codes = with_app(staff)
    browser, answer = staff_browser()
    assert answer["Location"] == "/login/factor/"
    assert browser.get("/tenants/tenant/", **ADMIN).status_code == 302

    browser.post("/login/factor/", {"code": code_now(secret)}, **ADMIN)

    assert browser.get("/tenants/tenant/", **ADMIN).status_code == 200


def test_where_it_is_not_asked_for_staff_enter_with_a_password(staff: User) -> None:
    browser, _answer = staff_browser()

    assert browser.get("/tenants/tenant/", **ADMIN).status_code == 200
