"""A nephew is invited, proves that the link reached him, and works in the shop."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.people.errors import InvitationGone
from marketing_platform.people.models import Invitation
from marketing_platform.people.services import invitation_accept
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.models import Membership, User

HOST = {"HTTP_HOST": "localhost"}
NEPHEW = "+919820000077"


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


def invite(owner, contact="98200 00077", role="staff"):
    """The link's path, as the page shows it once."""
    page = owner.post("/settings/team/", {"contact": contact, "role": role})
    found = re.search(r"http://localhost(?::\d+)?(/join/[\w-]+/)", page.content.decode())
    return found[1] if found else page.content.decode()


def joined(link, name="Rohan", **more):
    browser = Client()
    answer = browser.post(link, {"full_name": name, **more}, **HOST)
    assert answer["Location"] == "/join/code/"
    code = re.search(r"\d{6}", OutgoingMessage.objects.filter(kind="code").first().text)[0]
    return browser.post("/join/code/", {"code": code}, **HOST), browser


def role_of(tenant, **person):
    found = Membership.objects.filter(tenant=tenant, **person).values_list("role", flat=True)
    return list(found)


def test_a_nephew_joins_with_his_number(owner, local_tenant):
    link = invite(owner)
    said = OutgoingMessage.objects.get(kind="invitation")
    assert (said.to_phone, "Asha Kulkarni invites you" in said.text) == (NEPHEW, True)
    page = Client().get(link, **HOST).content.decode()
    assert "Join Asha Sweets" in page
    assert NEPHEW not in page
    answer, _browser = joined(link)
    assert answer["Location"] == "http://asha-sweets.localhost/"
    assert role_of(local_tenant, user__phone=NEPHEW) == ["staff"]
    with tenant_context(local_tenant):
        noted = list(AuditEntry.objects.order_by("id").values_list("action", "subject"))
    assert [each for each in noted if each[0].startswith("people")] == [
        ("people.invited", "+91 •••••• 0077"),
        ("people.joined", "+91 •••••• 0077"),
    ]


def test_with_an_email_a_password_is_chosen(owner, local_tenant):
    link = invite(owner, "books@rao.example", "viewer")
    answer = Client().post(link, {"full_name": "Meena"}, **HOST)
    assert "This field is required." in answer.content.decode()
    joined(link, "Meena", password="tall trees by the river")
    assert role_of(local_tenant, user__email="books@rao.example") == ["viewer"]
    assert User.objects.get(email="books@rao.example").check_password("tall trees by the river")


def test_who_has_an_account_sees_the_same_and_keeps_name_and_password(owner, vikram):
    link = invite(owner, vikram.email, "viewer")
    before = vikram.password
    joined(link, "Somebody", password="tall trees by the river")
    vikram.refresh_from_db()
    assert (vikram.full_name, vikram.password) == ("Vikram Rao", before)


def test_a_link_works_for_one_person_and_once(owner, local_tenant, meera, session_for):
    link = invite(owner)
    page = session_for(meera).get(link, **HOST).content.decode()
    assert "signed in as somebody else" in page
    assert session_for(meera).post(link, **HOST).status_code == 403
    joined(link)
    assert "This invitation is over" in session_for(meera).post(link, **HOST).content.decode()
    assert len(role_of(local_tenant)) == 2


def test_a_link_that_was_withdrawn_renewed_or_is_old_opens_nothing(owner, local_tenant):
    first = invite(owner)
    second = invite(owner)
    assert Client().get(first, **HOST).status_code == 404
    assert Client().get(second, **HOST).status_code == 200
    row = Invitation.objects.get(withdrawn_at=None)
    owner.post(f"/settings/team/invitations/{row.pk}/withdraw/")
    assert Client().get(second, **HOST).status_code == 404
    third = invite(owner)
    Invitation.objects.filter(withdrawn_at=None).update(expires_at=clock.now() - timedelta(hours=1))
    assert Client().get(third, **HOST).status_code == 404
    assert Client().get("/join/junk/", **HOST).status_code == 404
    assert len(role_of(local_tenant)) == 1


def test_no_more_than_the_plan_allows_are_asked_in(owner):
    invite(owner, "98200 00071")
    invite(owner, "98200 00072")
    assert "Your plan is for 3 people, and 3 work here." in invite(owner, "98200 00073")


def test_what_is_wrong_is_said_at_its_field(owner, asha):
    assert "10-digit Indian mobile number" in invite(owner, "12")
    assert "name@example.com" in invite(owner, "books@")
    assert "already works in this workspace" in invite(owner, asha.phone)
    assert "Select a valid choice" in invite(owner, "98200 00077", "owner")
    assert not Invitation.objects.exists()


def test_accepting_twice_makes_one_place(owner, local_tenant):
    token = invite(owner).split("/")[2]
    user = User.objects.create_user(phone=NEPHEW, full_name="Rohan")
    places = {invitation_accept(token=token, user=user, now=clock.now()).pk for _time in range(2)}
    assert len(places) == 1
    other = User.objects.create_user(phone="+919820000078")
    with pytest.raises(InvitationGone):
        invitation_accept(token=token, user=other, now=clock.now())
