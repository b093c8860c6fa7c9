"""Staff send the owner a link; it signs in by a press, once, for half an hour."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.operations.sign_in_link import NobodyToSendTo, sign_in_link_send
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
WHY = "Codes do not reach this number today"


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("leela@x.example", "a long staff password")


def send(tenant: Tenant, staff: User) -> str:
    """The link's path, out of the message."""
    sign_in_link_send(tenant=tenant, staff=staff, reason=WHY, now=clock.now())
    message = OutgoingMessage.objects.filter(kind="sign_in_link").first()
    return re.search(r"http://localhost(/sign-in/link/\S+/)", message.text).group(1)


def test_looking_uses_nothing_up_and_one_press_signs_in(
    asha: User, local_tenant: Tenant, staff: User
) -> None:
    path, browser = send(local_tenant, staff), Client()
    assert [browser.get(path, **HOST).status_code for _ in range(2)] == [200, 200]

    assert browser.post(path, **HOST)["Location"] == "/my/"
    assert browser.get("/my/", **HOST).status_code == 200
    assert Client().post(path, **HOST).status_code == 404


def test_it_goes_to_the_owner_and_the_log_knows_why(
    asha: User, local_tenant: Tenant, staff: User
) -> None:
    send(local_tenant, staff)

    assert OutgoingMessage.objects.get(kind="sign_in_link").to_phone == asha.phone
    with tenant_context(local_tenant):
        entry = AuditEntry.objects.get(action="support.sign_in_link_sent")
    assert (entry.actor_kind, entry.detail) == ("staff", {"reason": WHY})


def test_a_newer_link_ends_an_older_one(asha: User, local_tenant: Tenant, staff: User) -> None:
    older = send(local_tenant, staff)
    send(local_tenant, staff)

    assert Client().post(older, **HOST).status_code == 404


def test_half_an_hour_is_all(
    asha: User, local_tenant: Tenant, staff: User, time_machine: Any
) -> None:
    path = send(local_tenant, staff)
    time_machine.move_to(clock.now() + timedelta(minutes=30, seconds=1))

    assert Client().get(path, **HOST).status_code == 404
    assert Client().post(path, **HOST).status_code == 404


def test_a_workspace_without_an_owner_gets_none(local_tenant: Tenant, staff: User) -> None:
    Membership.objects.filter(tenant=local_tenant).delete()

    with pytest.raises(NobodyToSendTo):
        sign_in_link_send(tenant=local_tenant, staff=staff, reason=WHY, now=clock.now())
    assert not OutgoingMessage.objects.filter(kind="sign_in_link").exists()
