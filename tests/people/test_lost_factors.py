"""A lost phone with its app: staff switch it off with a reason and how they checked."""

from typing import Any

import pytest
from django.test import Client

from marketing_platform.audit.models import AuditEntry
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.operations.staff_groups import staff_group_set
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.factors import has_factor, recovery_codes_left
from marketing_platform.users.models import User
from tests.onboarding.test_security import with_app

pytestmark = pytest.mark.django_db
ADMIN, HOST = {"HTTP_HOST": "admin.localhost"}, {"HTTP_HOST": "localhost"}
PASSWORD = "a long staff password"
GIVEN = {"reason": "Phone stolen", "evidence": "Named the last two invoices and the GSTIN"}


def desk_of(user: User) -> Client:
    desk = Client()
    desk.post("/login/", {"email": user.email, "password": PASSWORD}, **ADMIN)
    return desk


def act(desk: Client, person: User, **given: str) -> Any:
    wanted = {"action": "take_factor", "_selected_action": str(person.pk), **given}
    return desk.post("/users/user/", wanted, **ADMIN)


def test_it_is_switched_off_told_and_written_down(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    with_app(asha)
    staff = User.objects.create_superuser("leela@x.example", PASSWORD)
    signed_in, desk = session_for(asha), desk_of(staff)
    assert "How you checked who it is" in act(desk, asha).content.decode()
    act(desk, asha, reason="Phone stolen", evidence="short")
    assert has_factor(asha)

    act(desk, asha, **GIVEN)
    assert (has_factor(asha), recovery_codes_left(asha)) == (False, 0)
    assert OutgoingMessage.objects.get(kind="second_proof_taken_away").to_phone == asha.phone
    assert signed_in.get("/my/", **HOST).status_code == 302
    with tenant_context(local_tenant):
        entry = AuditEntry.objects.get(action="people.second_proof_taken_away")
    assert (entry.actor_id, entry.detail) == (str(staff.pk), GIVEN)


def test_support_may_not_take_it_from_our_own(asha: User) -> None:
    boss = User.objects.create_superuser("leela@x.example", PASSWORD)
    helper = User.objects.create_user(email="om@x.example", password=PASSWORD, is_staff=True)
    staff_group_set(person=helper, name="Support")
    with_app(asha)
    with_app(boss)
    desk = desk_of(helper)
    act(desk, boss, **GIVEN)
    assert has_factor(boss)
    act(desk, asha, **GIVEN)
    assert not has_factor(asha)
