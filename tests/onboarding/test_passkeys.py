"""Passkeys: made after a fresh proof, good for one host, one challenge and one person."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.users.factors import (
    factor_begin,
    factor_confirm,
    has_factor,
    recovery_codes_new,
)
from marketing_platform.users.models import Passkey, User
from marketing_platform.users.totp import code_of, step_at
from tests.users.soft_key import PRESENT, SoftKey

pytestmark = pytest.mark.django_db
HOST, ADMIN = {"HTTP_HOST": "localhost"}, {"HTTP_HOST": "admin.localhost"}
PASSWORD = "a long staff password"


def post(browser: Client, path: str, body: Any = None, host: Any = HOST) -> Any:
    return browser.post(path, body or {}, content_type="application/json", **host)


def with_passkey(browser: Client, key: SoftKey) -> Any:
    options = post(browser, "/my/security/passkeys/begin/").json()
    return post(browser, "/my/security/passkeys/", key.make(options))


def sign_in(browser: Client, key: SoftKey, path: str = "/sign-in/passkey/", **how: Any) -> Any:
    options = post(browser, "/sign-in/passkey/begin/").json()
    return post(browser, path, key.prove(options, **how))


@pytest.fixture
def key(asha: User, session_for: Any) -> SoftKey:
    made = SoftKey()
    assert with_passkey(session_for(asha), made).json() == {"url": "/my/security/"}
    asha.refresh_from_db()
    return made


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("leela@x.example", PASSWORD)


def is_signed_in(browser: Client) -> bool:
    return browser.get("/my/", **HOST).status_code == 200


def test_a_passkey_signs_in_without_code_or_password(key: SoftKey, asha: User) -> None:
    browser = Client()
    answer = sign_in(browser, key, "/sign-in/passkey/?next=/my/security/")
    assert answer.json() == {"url": "/my/security/"}
    assert is_signed_in(browser)
    page = browser.get("/my/security/", **HOST).content.decode()
    assert "Last used" in page
    assert Passkey.objects.get(user=asha).used_at is not None


def test_nothing_is_made_with_an_old_proof(asha: User, session_for: Any, time_machine: Any) -> None:
    browser = session_for(asha)
    time_machine.move_to(clock.now() + timedelta(minutes=20))
    answer = post(browser, "/my/security/passkeys/begin/")
    assert answer.json()["url"].startswith("/my/confirm/?next=")
    assert not Passkey.objects.exists()


def test_an_answer_counts_once_and_for_its_own_question(key: SoftKey) -> None:
    browser = Client()
    options = post(browser, "/sign-in/passkey/begin/").json()
    answer = key.prove(options)
    assert post(Client(), "/sign-in/passkey/", answer).status_code == 400
    assert post(browser, "/sign-in/passkey/", answer).status_code == 200
    again = Client()
    post(again, "/sign-in/passkey/begin/")
    assert post(again, "/sign-in/passkey/", answer).status_code == 400
    assert not is_signed_in(again)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"rp_id": "evil.example"},
        {"handle": b"\x00" * 16},
        {"id": b"nobody's" * 4},
    ],
)
def test_another_origin_party_person_or_key_opens_nothing(key: SoftKey, wrong: Any) -> None:
    vars(key).update(wrong)
    browser = Client()
    answer = sign_in(browser, key)
    assert (answer.status_code, "problem" in answer.json()) == (400, True)
    assert not is_signed_in(browser)


def test_another_keys_signature_opens_nothing(key: SoftKey) -> None:
    key.key = SoftKey().key
    assert sign_in(Client(), key).status_code == 400


def test_a_device_that_did_not_check_its_holder_opens_nothing(
    key: SoftKey, asha: User, session_for: Any
) -> None:
    assert sign_in(Client(), key, flags=PRESENT).status_code == 400
    browser, other = session_for(asha), SoftKey()
    options = post(browser, "/my/security/passkeys/begin/").json()
    made = post(browser, "/my/security/passkeys/", other.make(options, flags=PRESENT))
    assert made.status_code == 400
    assert Passkey.objects.count() == 1


def test_a_copy_of_a_counting_key_is_noticed(key: SoftKey) -> None:
    key.counter = 7
    assert sign_in(Client(), key).status_code == 200
    assert sign_in(Client(), key).status_code == 400
    key.counter = 8
    assert sign_in(Client(), key).status_code == 200


@pytest.mark.parametrize("junk", ["[]", "{", '"x"', "{}", '{"id": 1, "response": []}', "\x00"])
def test_junk_is_refused_and_never_an_error_of_ours(
    asha: User, session_for: Any, junk: str
) -> None:
    browser = session_for(asha)
    for begin, path in (
        ("/my/security/passkeys/begin/", "/my/security/passkeys/"),
        ("/sign-in/passkey/begin/", "/sign-in/passkey/"),
    ):
        post(browser, begin)
        answer = browser.post(path, junk, content_type="application/json", **HOST)
        assert answer.status_code == 400


def test_too_late_is_too_late(key: SoftKey, time_machine: Any) -> None:
    browser = Client()
    options = post(browser, "/sign-in/passkey/begin/").json()
    time_machine.move_to(clock.now() + timedelta(minutes=6))
    assert post(browser, "/sign-in/passkey/", key.prove(options)).status_code == 400


def test_the_app_is_answered_by_a_passkey_of_the_same_person(
    key: SoftKey, asha: User, meera: User, session_for: Any
) -> None:
    before = clock.now() - timedelta(minutes=2)
    secret = factor_begin(user=asha, now=before)
    factor_confirm(user=asha, code=code_of(secret, step_at(before)), now=before)
    asha.set_password(PASSWORD)
    asha.email = "asha@sweets.example"
    asha.save()
    hers = SoftKey()
    with_passkey(session_for(meera), hers)
    browser = Client()
    who = {"way": "email", "email": asha.email, "password": PASSWORD}
    assert browser.post("/sign-in/", who, **HOST)["Location"] == "/sign-in/factor/"
    assert "Use a passkey" in browser.get("/sign-in/factor/", **HOST).content.decode()
    assert sign_in(browser, hers).status_code == 400
    assert sign_in(browser, key).json() == {"url": "/my/"}
    assert is_signed_in(browser)


def test_an_owner_with_a_passkey_alone_still_signs_in_with_a_code(key: SoftKey, asha: User) -> None:
    assert not has_factor(asha)


def test_it_proves_again_where_a_fresh_proof_is_asked(
    key: SoftKey, asha: User, session_for: Any, time_machine: Any
) -> None:
    browser = session_for(asha)
    time_machine.move_to(clock.now() + timedelta(minutes=20))
    answer = sign_in(browser, key, "/sign-in/passkey/?next=/my/contact/")
    assert answer.json() == {"url": "/my/contact/"}
    given = {"which": "phone", "phone": "98200 00087"}
    assert browser.post("/my/contact/", given, **HOST)["Location"] == "/my/contact/code/"


def test_removed_it_opens_nothing_and_nobody_removes_anothers(
    key: SoftKey, asha: User, meera: User, session_for: Any
) -> None:
    row = Passkey.objects.get(user=asha)
    path = f"/my/security/passkeys/{row.pk}/remove/"
    session_for(meera).post(path, **HOST)
    assert Passkey.objects.filter(pk=row.pk).exists()
    session_for(asha).post(path, **HOST)
    assert sign_in(Client(), key).status_code == 400


def test_staff_with_a_passkey_pass_the_second_proof_on_their_own_host(
    staff: User, settings: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    desk = Client()
    who = {"email": staff.email, "password": PASSWORD}
    desk.post("/login/", who, **ADMIN)
    assert desk.get("/", **ADMIN)["Location"] == "/security/app/"
    key = SoftKey("http://admin.localhost", "admin.localhost")
    options = post(desk, "/security/passkeys/begin/", host=ADMIN).json()
    assert post(desk, "/security/passkeys/", key.make(options), ADMIN).status_code == 200
    assert desk.get("/", **ADMIN).status_code == 200

    other = Client()
    assert other.post("/login/", who, **ADMIN)["Location"] == "/login/factor/"
    assert other.get("/", **ADMIN).status_code == 302
    options = post(other, "/login/passkey/begin/", host=ADMIN).json()
    assert post(other, "/login/passkey/", key.prove(options), ADMIN).json() == {"url": "/"}
    assert other.get("/", **ADMIN).status_code == 200

    codes = recovery_codes_new(user=staff)
    third = Client()
    third.post("/login/", who, **ADMIN)
    third.post("/login/factor/", {"code": codes[0]}, **ADMIN)
    assert third.get("/", **ADMIN).status_code == 200


def test_an_owners_passkey_is_none_of_the_staffs(asha: User, staff: User) -> None:
    """Even one that was made for the staff's host opens nothing for who is not staff."""
    key = SoftKey("http://admin.localhost", "admin.localhost")
    desk = Client()
    desk.post("/login/", {"email": staff.email, "password": PASSWORD}, **ADMIN)
    options = post(desk, "/security/passkeys/begin/", host=ADMIN).json()
    post(desk, "/security/passkeys/", key.make(options), ADMIN)
    Passkey.objects.update(user=asha)
    key.handle = asha.pk.bytes
    other = Client()
    options = post(other, "/login/passkey/begin/", host=ADMIN).json()
    assert post(other, "/login/passkey/", key.prove(options), ADMIN).status_code == 400
