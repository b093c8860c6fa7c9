"""Roles, removal, handing over and leaving."""

from datetime import timedelta

import pytest
import segno

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.people.models import OwnershipOffer
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


def place(tenant, role, phone):
    user = User.objects.create_user(phone=phone, full_name=role.capitalize())
    return membership_add(tenant=tenant, user=user, role=Role(role), now=clock.now())


def roles(tenant):
    return dict(Membership.objects.filter(tenant=tenant).values_list("user__phone", "role"))


def test_a_role_is_changed_and_somebody_is_removed_at_once(owner, local_tenant, workspace_client):
    row = place(local_tenant, "staff", "+919820000061")
    theirs = workspace_client(local_tenant, row.user)
    assert theirs.get("/").status_code == 200
    owner.post(f"/settings/team/{row.pk}/role/", {"role": "viewer"})
    assert roles(local_tenant)["+919820000061"] == "viewer"
    owner.post(f"/settings/team/{row.pk}/remove/")
    assert "+919820000061" not in roles(local_tenant)
    assert theirs.get("/").status_code in {302, 403}
    with tenant_context(local_tenant):
        actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
        assert list(actions)[-2:] == ["people.role_changed", "people.removed"]


@pytest.mark.parametrize("wish", ["owner", "manager", "nothing", ""])
def test_a_manager_gives_no_role_at_or_above_the_own(local_tenant, workspace_client, wish):
    manager = place(local_tenant, "manager", "+919820000062")
    staff = place(local_tenant, "staff", "+919820000063")
    client = workspace_client(local_tenant, manager.user)
    client.post(f"/settings/team/{staff.pk}/role/", {"role": wish})
    assert roles(local_tenant)["+919820000063"] == "staff"


def test_nobody_touches_their_own_rank_or_above(local_tenant, workspace_client, asha):
    manager = place(local_tenant, "manager", "+919820000062")
    client = workspace_client(local_tenant, manager.user)
    of_owner = Membership.objects.get(tenant=local_tenant, user=asha)
    for pk in (of_owner.pk, manager.pk):
        client.post(f"/settings/team/{pk}/remove/")
        client.post(f"/settings/team/{pk}/role/", {"role": "viewer"})
    hand_over = f"/settings/team/{of_owner.pk}/hand-over/"
    assert client.post(hand_over, {"name": local_tenant.name}).status_code == 403
    assert roles(local_tenant) == {asha.phone: "owner", "+919820000062": "manager"}


@pytest.mark.parametrize("role", ["staff", "billing", "viewer"])
def test_others_see_the_team_and_change_nothing(local_tenant, workspace_client, asha, role):
    row = place(local_tenant, role, "+919820000064")
    client = workspace_client(local_tenant, row.user)
    page = client.get("/settings/team/").content.decode()
    assert "Invite somebody" not in page
    assert client.post("/settings/team/", {"contact": "98200 00001"}).status_code == 403
    assert client.post(f"/settings/team/{row.pk}/remove/").status_code == 403


def test_a_member_of_another_workspace_is_not_there(owner, enterprise_tenant, vikram):
    row = Membership.objects.get(tenant=enterprise_tenant, user=vikram)
    owner.post(f"/settings/team/{row.pk}/remove/")
    assert Membership.objects.filter(pk=row.pk).exists()


def offer(owner, tenant, row):
    owner.post(f"/settings/team/{row.pk}/hand-over/", {"name": tenant.name})
    return OwnershipOffer.objects.filter(tenant=tenant).first()


def answer(browser, row, what):
    return browser.post(f"/my/offers/{row.pk}/{what}/", HTTP_HOST="localhost")


def test_the_business_is_handed_over_when_the_other_accepts(owner, local_tenant, asha, session_for):
    row = place(local_tenant, "manager", "+919820000065")
    owner.post(f"/settings/team/{row.pk}/hand-over/", {"name": "Asha"})
    assert not OwnershipOffer.objects.exists()
    made = offer(owner, local_tenant, row)
    assert roles(local_tenant)[asha.phone] == "owner"
    assert "You stay the owner until they accept" in owner.get("/settings/team/").content.decode()

    theirs = session_for(row.user)
    page = theirs.get("/my/", HTTP_HOST="localhost").content.decode()
    assert f"Become the owner of {local_tenant.name}?" in page
    assert answer(session_for(asha), made, "accept")["Location"] == "/my/"
    assert roles(local_tenant)[asha.phone] == "owner"
    answer(theirs, made, "accept")
    assert roles(local_tenant) == {asha.phone: "manager", "+919820000065": "owner"}
    asha.refresh_from_db()
    assert asha.session_generation == 2
    with tenant_context(local_tenant):
        actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
        assert list(actions)[-2:] == ["people.ownership_offered", "people.ownership_given"]


def test_an_offer_is_declined_taken_back_or_over_after_a_week(
    owner, local_tenant, asha, session_for, time_machine
):
    row = place(local_tenant, "staff", "+919820000065")
    theirs = session_for(row.user)
    answer(theirs, offer(owner, local_tenant, row), "decline")
    taken_back = offer(owner, local_tenant, row)
    owner.post("/settings/team/take-back/")
    answer(theirs, taken_back, "accept")
    old = offer(owner, local_tenant, row)
    time_machine.move_to(clock.now() + timedelta(days=7, seconds=1))
    answer(theirs, old, "accept")
    assert roles(local_tenant)[asha.phone] == "owner"


def test_of_two_offers_the_newer_counts_and_a_removed_person_accepts_nothing(
    owner, local_tenant, asha, session_for
):
    first = place(local_tenant, "staff", "+919820000065")
    second = place(local_tenant, "staff", "+919820000066")
    earlier, later = offer(owner, local_tenant, first), offer(owner, local_tenant, second)
    answer(session_for(first.user), earlier, "accept")
    browser = session_for(second.user)
    second.delete()
    answer(browser, later, "accept")
    assert roles(local_tenant)[asha.phone] == "owner"


def test_who_wants_leaves_and_the_last_owner_stays(owner, local_tenant, workspace_client, asha):
    row = place(local_tenant, "viewer", "+919820000066")
    answer = workspace_client(local_tenant, row.user).post("/settings/team/leave/")
    assert answer["Location"].endswith("/my/")
    owner.post("/settings/team/leave/")
    assert roles(local_tenant) == {asha.phone: "owner"}
    assert "Leave this workspace" not in owner.get("/settings/team/").content.decode()


def test_a_new_link_is_also_a_picture_and_is_not_shown_again(owner):
    answer = owner.post("/settings/team/", {"contact": "98200 00065", "role": "staff"})
    made = answer.context["made"]
    assert made["picture"] == segno.make(made["url"], error="m").svg_data_uri(scale=5, border=2)
    assert 'alt="QR code with the link above"' in answer.content.decode()
    assert "QR code with the link above" not in owner.get("/settings/team/").content.decode()
