"""Asking for a call, from a workspace and from the public site."""

import pytest
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.support.models import HelpRequest
from marketing_platform.support.services import request_done, request_take
from marketing_platform.users.models import User

HOST = {"HTTP_HOST": "localhost"}
ADMIN = {"HTTP_HOST": "admin.localhost"}
GIVEN = {"name": "Asha", "phone": "98000 00001", "words": "The poster"}


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


def test_an_owner_asks_and_sees_that_it_is_on_its_way(owner, local_tenant, asha):
    page = owner.get("/help/").content.decode()
    assert 'value="+919800000001"' in page
    assert owner.post("/help/", {**GIVEN, "page": "/posts/"}).headers["Location"] == "/help/"
    row = HelpRequest.objects.get()
    assert (row.kind, row.phone, row.page) == ("callback", "+919800000001", "/posts/")
    assert (row.workspace_id, row.user_id) == (local_tenant.pk, asha.pk)
    assert "We will call you" in owner.get("/help/").content.decode()

    owner.post("/help/", {**GIVEN, "words": "It is the chat"})
    assert HelpRequest.objects.get().words == "It is the chat"


@pytest.mark.django_db
def test_a_company_asks_for_a_conversation():
    browser = Client()
    answer = browser.post("/talk/", GIVEN, **HOST)
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    browser.post("/talk/", {**GIVEN, "company": "Tapi Valves"}, **HOST)
    row = HelpRequest.objects.get()
    assert (row.kind, row.company, row.workspace_id) == ("talk", "Tapi Valves", None)
    assert "We will call you" in browser.get("/talk/", **HOST).content.decode()
    assert "We will call you" not in Client().get("/talk/", **HOST).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["12", "+1 202 555 0100", "", "\x00"])
def test_a_number_that_cannot_be_called_is_refused_at_its_field(phone):
    answer = Client().post("/help/", {**GIVEN, "phone": phone}, **HOST)
    assert answer.status_code == 422
    assert not HelpRequest.objects.exists()


@pytest.mark.django_db
def test_one_number_asks_so_often_and_no_more():
    browser = Client()
    for _time in range(5):
        assert browser.post("/help/", GIVEN, **HOST).status_code == 302
    answer = browser.post("/help/", GIVEN, **HOST)
    assert "call-backs per hour" in answer.content.decode()


@pytest.mark.django_db
def test_help_is_a_link_on_the_public_pages_and_in_the_workspace(owner):
    for path in ("/", "/pricing/", "/sign-in/", "/start/local/"):
        assert 'href="/help/"' in Client().get(path, **HOST).content.decode()
    assert 'href="/help/?page=/"' in owner.get("/").content.decode()
    assert 'href="/talk/"' in Client().get("/pricing/", **HOST).content.decode()


def test_of_two_who_take_it_one_gets_it(owner, asha, vikram):
    owner.post("/help/", GIVEN)
    row, now = HelpRequest.objects.get(), clock.now()
    assert request_take(request_id=row.pk, by_id=asha.pk, now=now)
    assert not request_take(request_id=row.pk, by_id=vikram.pk, now=now)
    assert "Somebody is about to call you" in owner.get("/help/").content.decode()
    assert request_done(request_id=row.pk, by_id=asha.pk, note="called", now=now)
    assert not request_done(request_id=row.pk, by_id=asha.pk, note="again", now=now)
    owner.post("/help/", GIVEN)
    assert HelpRequest.objects.count() == 2


@pytest.fixture
def staff(db):
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    browser = Client()
    who = {"email": "staff@x.example", "password": "a long staff password"}
    browser.post("/login/", who, **ADMIN)
    return browser


def test_staff_see_who_waits_take_and_finish(staff, owner):
    owner.post("/help/", GIVEN)
    row = HelpRequest.objects.get()
    page = staff.get("/support/helprequest/", **ADMIN).content.decode()
    assert 'href="tel:+919800000001"' in page
    assert "Asha Sweets" in page
    for action in ("take", "done"):
        chosen = {"action": action, "_selected_action": [row.pk]}
        staff.post("/support/helprequest/", chosen, **ADMIN)
    row.refresh_from_db()
    assert row.taken_at is not None
    assert row.done_at is not None
    assert "tel:" not in staff.get("/support/helprequest/", **ADMIN).content.decode()
