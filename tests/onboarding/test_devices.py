"""The devices a person is signed in on, over all hosts, and signing out of one from afar."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.addresses import address_short
from marketing_platform.users.devices import device_of
from marketing_platform.users.models import User, UserSession
from tests.users.conftest import Browser

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
PASSWORD = "a long enough passphrase"
ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/17.5 Safari/605.1"


def signed_in(user: User, agent: str) -> Browser:
    browser = Browser()
    browser.clients["localhost"] = Client(headers={"user-agent": agent}, REMOTE_ADDR="103.21.4.5")
    form = {"way": "email", "email": user.email, "password": PASSWORD}
    assert browser.post("/sign-in/", data=form, **HOST).status_code == 302
    return browser


@pytest.fixture
def person(asha: User) -> User:
    asha.email = "asha.devices@x.example"
    asha.set_password(PASSWORD)
    asha.save()
    return asha


def test_both_devices_stand_in_words_with_a_short_address(person: User) -> None:
    phone = signed_in(person, ANDROID)
    signed_in(person, MAC)
    page = phone.get("/my/sessions/", **HOST).content.decode()

    assert "Chrome on Android" in page
    assert "Safari on Mac" in page
    assert ("103.21.•.•" in page, "103.21.4.5" in page) == (True, False)


def test_signing_out_another_device_works_at_once(person: User) -> None:
    phone, mac = signed_in(person, ANDROID), signed_in(person, MAC)
    family = UserSession.objects.get(system="Mac").family

    assert phone.post("/my/sessions/out/", data={"device": family}, **HOST).status_code == 302
    assert mac.get("/my/", **HOST).status_code == 302
    assert phone.get("/my/", **HOST).status_code == 200


def test_a_devices_workspace_goes_with_it(person: User, local_tenant: Tenant) -> None:
    phone, mac = signed_in(person, ANDROID), signed_in(person, MAC)
    there = f"{local_tenant.slug}.localhost"
    answer = mac.get("/sign-in/", HTTP_HOST=there)
    for _ in range(2):
        host = answer["Location"].split("/")[2]
        path = answer["Location"].split(host, 1)[1]
        answer = mac.get(path, HTTP_HOST=host)
    assert mac.get("/settings/", HTTP_HOST=there).status_code == 200
    assert UserSession.objects.filter(system="", host=there).count() == 1

    phone.post("/my/sessions/others/", **HOST)

    assert mac.get("/settings/", HTTP_HOST=there).status_code == 302
    assert mac.get("/my/", **HOST).status_code == 302
    assert phone.get("/my/", **HOST).status_code == 200


def test_nobody_signs_a_stranger_out(person: User, meera: User) -> None:
    mac = signed_in(person, MAC)
    meera.email = "meera.devices@x.example"
    meera.set_password(PASSWORD)
    meera.save()
    hers = signed_in(meera, ANDROID)
    family = UserSession.objects.get(system="Mac").family

    assert hers.post("/my/sessions/out/", data={"device": family}, **HOST).status_code == 404
    assert mac.get("/my/", **HOST).status_code == 200


def test_when_it_was_seen_is_written_every_ten_minutes(person: User, monkeypatch: Any) -> None:
    phone = signed_in(person, ANDROID)
    begun = UserSession.objects.get().seen_at
    phone.get("/my/", **HOST)
    assert UserSession.objects.get().seen_at == begun

    later = begun + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    phone.get("/my/", **HOST)
    assert UserSession.objects.get().seen_at == later


def test_staff_sign_in_again_after_twelve_hours(person: User) -> None:
    person.is_staff = True
    person.save()
    browser = signed_in(person, MAC)

    assert browser.clients["localhost"].session.get_expiry_age() <= 12 * 3600


def test_browsers_and_addresses_are_named_as_people_know_them() -> None:
    assert device_of(ANDROID) == ("Chrome", "Android")
    assert device_of(f"{ANDROID} SamsungBrowser/25.0") == ("Samsung Internet", "Android")
    assert device_of("curl/8") == ("", "")
    assert address_short("2001:db8:1:2::/64") == "2001:db8:1:•"
