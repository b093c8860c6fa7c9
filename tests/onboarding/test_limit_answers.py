"""What a person sees at a limit, and who is not kept out by other people's tries."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from marketing_platform.core.errors import LimitReached
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.onboarding.codes import code_count, code_pretend, code_send
from marketing_platform.onboarding.errors import CodesUsedUp
from marketing_platform.onboarding.pages import password_try
from marketing_platform.users.models import CodePurpose, User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
PASSWORD = "a long enough passphrase"
WRONG = "not the passphrase at all"


@pytest.fixture
def owner(vikram: User) -> User:
    vikram.set_password(PASSWORD)
    vikram.save()
    return vikram


def sign_in(browser: Client, email: str, password: str) -> Any:
    form = {"way": "email", "email": email, "password": password}
    return browser.post("/sign-in/", form, **HOST)


def used_up(email: str, address: str) -> None:
    request = RequestFactory().post("/sign-in/", REMOTE_ADDR=address)
    with pytest.raises(LimitReached):
        while True:
            password_try(request, email)


@pytest.mark.parametrize("email", ["vikram", "nobody"])
def test_too_many_passwords_are_answered_429_alike_for_anybody(owner: User, email: str) -> None:
    address = owner.email if email == "vikram" else "nobody@x.example"
    used_up(address, "10.20.0.1")

    answer = sign_in(Client(REMOTE_ADDR="10.20.0.1"), address, PASSWORD)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "password tries per hour" in answer.content.decode()
    assert "_auth_user_id" not in answer.wsgi_request.session


def test_strangers_do_not_lock_an_owner_out_of_their_own_browser(owner: User) -> None:
    own = Client(REMOTE_ADDR="10.21.0.1")
    assert sign_in(own, owner.email, PASSWORD).status_code == 302
    own.cookies.pop("sessionid")
    for number in range(10):
        used_up(owner.email, f"10.21.1.{number}")
    used_up(owner.email, "10.21.0.1")

    assert sign_in(Client(REMOTE_ADDR="10.21.2.1"), owner.email, PASSWORD).status_code == 429
    assert sign_in(own, owner.email, PASSWORD).status_code == 302


def test_a_known_browser_has_tries_of_its_own_and_no_more(owner: User) -> None:
    own = Client(REMOTE_ADDR="10.22.0.1")
    sign_in(own, owner.email, PASSWORD)
    own.cookies.pop("sessionid")
    request = RequestFactory().post("/", REMOTE_ADDR="10.22.0.1")
    request.COOKIES = {"known_browser": own.cookies["known_browser"].value}
    for _ in range(19):
        password_try(request, owner.email)

    assert sign_in(own, owner.email, WRONG).status_code == 200
    assert sign_in(own, owner.email, PASSWORD).status_code == 429


def test_another_persons_browser_is_a_strangers(owner: User, meera: User) -> None:
    meera.set_password(PASSWORD)
    meera.email = "meera.limits@x.example"
    meera.save()
    hers = Client(REMOTE_ADDR="10.23.0.1")
    sign_in(hers, meera.email, PASSWORD)
    hers.cookies.pop("sessionid")
    used_up(owner.email, "10.23.0.1")

    assert sign_in(hers, owner.email, PASSWORD).status_code == 429


def test_a_forged_cookie_is_nobodys(owner: User) -> None:
    used_up(owner.email, "10.24.0.1")
    forger = Client(REMOTE_ADDR="10.24.0.1")
    forger.cookies["known_browser"] = "eyJuYW1lIjoieCJ9:1abcde:forged"

    assert sign_in(forger, owner.email, PASSWORD).status_code == 429


def test_a_person_with_many_wrong_passwords_still_gets_in_by_code(asha: User) -> None:
    used_up(asha.email or "asha@x.example", "10.25.0.1")
    answer = Client(REMOTE_ADDR="10.25.0.1").post("/sign-in/", {"phone": asha.phone}, **HOST)

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")


def test_codes_past_the_hour_are_answered_429_with_the_time(asha: User) -> None:
    browser = Client(REMOTE_ADDR="10.26.0.1")
    for _ in range(6):
        assert browser.post("/sign-in/", {"phone": asha.phone}, **HOST).status_code == 302
    answer = browser.post("/sign-in/", {"phone": asha.phone}, **HOST)
    again = browser.post("/sign-in/code/again/", **HOST)

    assert (answer.status_code, again.status_code) == (429, 429)
    assert 0 < int(again["Retry-After"]) <= 3600
    assert OutgoingMessage.objects.filter(to_phone=asha.phone).count() == 6


def test_a_number_gets_ten_codes_a_day_and_an_email_more() -> None:
    for number in range(10):
        code_count(destination="+918888800077", address=f"10.27.0.{number}")
    with pytest.raises(CodesUsedUp) as reached:
        code_count(destination="+918888800077", address="10.27.1.1")
    assert reached.value.limit == "codes per number and day"
    code_count(destination="+918888800077", address="10.27.1.2", browser="known")
    for number in range(11):
        code_count(destination="ten@x.example", address=f"10.27.2.{number}")


def test_the_days_cap_refuses_known_and_unknown_numbers_alike(settings: Any) -> None:
    settings.CODES_PER_DAY = 1
    made = {"purpose": CodePurpose.SIGN_IN, "address": "10.28.0.1"}
    code_send(phone="+918888800078", email=None, language="en", **made)

    with pytest.raises(CodesUsedUp):
        code_send(phone="+918888800079", email=None, language="en", **made)
    with pytest.raises(CodesUsedUp):
        code_pretend(destination="+918888800080", **made)
    assert not OutgoingMessage.objects.filter(to_phone="+918888800079").exists()
    assert code_send(phone=None, email="free@x.example", language="en", **made)
