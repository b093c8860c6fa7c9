"""People over the API: a key acts with the rank of who made it, and never longer than they work."""

import json
from typing import Any

import pytest
from django.test import Client

from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.people.models import Invitation
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db
JSON = "application/json"


def place(tenant: Tenant, role: str, phone: str) -> Membership:
    user = User.objects.create_user(phone=phone, full_name=role.capitalize())
    return membership_add(tenant=tenant, user=user, role=Role(role), now=clock.now())


class Api:
    def __init__(self, tenant: Tenant, maker: User, *scopes: str) -> None:
        _row, self.key = key_create(
            tenant=tenant,
            name="Website",
            scopes=scopes or ("read", "write"),
            is_test=False,
            created_by_id=maker.pk,
            expires_at=None,
            now=clock.now(),
        )

    def __call__(self, method: str, path: str = "", body: Any = None) -> Any:
        return Client().generic(
            method,
            f"/api/people{path}",
            "" if body is None else json.dumps(body),
            content_type=JSON,
            HTTP_HOST="localhost",
            HTTP_AUTHORIZATION=f"Bearer {self.key}",
        )


@pytest.fixture
def api(local_tenant: Tenant, asha: User) -> Api:
    return Api(local_tenant, asha)


def test_people_are_listed_changed_and_removed(api: Api, local_tenant: Tenant, asha: User) -> None:
    row = place(local_tenant, "staff", "+919820000061")
    found = api("GET").json()["people"]
    assert [(each["contact"], each["role"]) for each in found] == [
        (asha.phone, "owner"),
        ("+919820000061", "staff"),
    ]
    assert api("PATCH", f"/{row.pk}", {"role": "viewer"}).json()["role"] == "viewer"
    assert api("DELETE", f"/{row.pk}").status_code == 204
    gone = api("DELETE", f"/{row.pk}")
    assert (gone.status_code, gone.json()["code"]) == (404, "member_missing")


def test_an_invitation_is_made_sent_listed_and_withdrawn(api: Api) -> None:
    made = api("POST", "/invitations", {"phone": "98200 00062", "role": "staff"})
    assert (made.status_code, made.json()["contact"]) == (201, "+919820000062")
    assert made.json()["is_sent"] is True
    assert made.json()["url"] in OutgoingMessage.objects.get(kind="invitation").text
    listed = api("GET", "/invitations").json()["invitations"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    assert "url" not in listed[0]
    assert api("DELETE", f"/invitations/{made.json()['id']}").status_code == 204
    assert api("GET", "/invitations").json()["invitations"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "12", "role": "staff"}, "phone"),
        ({"email": "no", "role": "staff"}, "email"),
        ({"role": "staff"}, "phone"),
        ({"phone": "98200 00062", "email": "a@x.example", "role": "staff"}, "phone"),
        ({"phone": "98200 00062", "role": "owner"}, "role"),
        ({"phone": "98200 00062", "role": "staff", "name": "x"}, "name"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_invited(
    api: Api, body: dict[str, str], field: str
) -> None:
    answer = api("POST", "/invitations", body)
    assert answer.status_code in {400, 422}
    assert field in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_key_has_the_rank_of_its_maker_and_ends_with_their_place(
    local_tenant: Tenant, asha: User
) -> None:
    manager = place(local_tenant, "manager", "+919820000063")
    other = place(local_tenant, "manager", "+919820000064")
    api = Api(local_tenant, manager.user)
    assert api("DELETE", f"/{other.pk}").json()["code"] == "role_above_yours"
    refused = api("POST", "/invitations", {"phone": "98200 00062", "role": "manager"})
    assert refused.json()["code"] == "role_not_given"
    manager.delete()
    late = api("POST", "/invitations", {"phone": "98200 00062", "role": "viewer"})
    assert late.status_code == 403
    assert not Invitation.objects.exists()


def test_a_key_that_reads_changes_nobody(local_tenant: Tenant, asha: User) -> None:
    row, api = place(local_tenant, "staff", "+919820000061"), Api(local_tenant, asha, "read")
    assert api("GET").status_code == 200
    assert api("DELETE", f"/{row.pk}").status_code == 403
    assert Membership.objects.filter(pk=row.pk).exists()
