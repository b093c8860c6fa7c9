"""A client's page in the staff admin: both schemas' facts, the acts, and what was done by whom."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from local.customers.models import ConsentEvent, Customer
from marketing_platform.audit.services import audit_record
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.operations.client_facts import client_facts, client_history
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.services import tenant_block
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}


@pytest.fixture
def staff() -> Client:
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    browser = Client()
    who = {"email": "staff@x.example", "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


def page_of(staff: Client, tenant: Tenant) -> str:
    answer = staff.get(f"/tenants/tenant/{tenant.pk}/change/", **ADMIN)
    assert answer.status_code == 200
    return answer.content.decode()


def agree(name: str, action: str) -> None:
    now = clock.now()
    customer = Customer.objects.create(name=name, created_at=now)
    ConsentEvent.objects.create(
        customer=customer, purpose="whatsapp_marketing", action=action, source="counter",
        wording="Yes", wording_version="1",
        wording_language="en",
        happened_at=now, recorded_at=now,
    )  # fmt: skip


def test_the_page_tells_what_lies_in_the_workspace(staff: Client, local_tenant: Tenant) -> None:
    now = clock.now()
    with tenant_context(local_tenant):
        Connection.objects.create(
            provider="meta", account_id="1", account_name="Asha on Facebook",
            sealed=b"x", sealed_with="first",
            state="needs_sign_in", connected_at=now,
        )  # fmt: skip
        agree("Kavita Joshi", "granted")
        agree("Ravi Patil", "withdrawn")

    facts = client_facts(local_tenant, now=now)
    assert facts is not None
    assert facts.counts["Agreed to offers on WhatsApp"] == 1
    assert facts.counts["Said no to offers on WhatsApp"] == 1
    assert facts.counts["Customers and contacts"] == 2
    page = page_of(staff, local_tenant)
    assert "Asha on Facebook" in page
    assert "Kavita Joshi" not in page


def test_a_workspace_that_cannot_be_read_still_has_its_page(
    staff: Client, local_tenant: Tenant
) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(schema_version="older")

    assert "cannot be read now" in page_of(staff, local_tenant)


def test_the_history_tells_who_did_what_and_why(
    staff: Client, local_tenant: Tenant, asha: User, session_for: Any
) -> None:
    session_for(asha, local_tenant)
    someone = User.objects.get(email="staff@x.example")
    now = clock.now()
    with tenant_context(local_tenant):
        audit_record(action="stop.on", actor_kind="human", actor_id=str(asha.pk), now=now)
    tenant_block(tenant=local_tenant, reason="Chargeback", actor_id=someone.pk, now=clock.now())

    told = [(row.what, row.who, row.why) for row in client_history(local_tenant)]
    assert ("stop.on", str(asha), "") in told
    assert any(who == "Staff" and why == "Chargeback" for _what, who, why in told)
    assert "Chargeback" in page_of(staff, local_tenant)


def test_acts_of_the_page_ask_for_a_reason(staff: Client, local_tenant: Tenant) -> None:
    page = page_of(staff, local_tenant)
    for value in ("visit", "sign_in_link", "block", "reactivate"):
        assert f'name="action" value="{value}"' in page
    asked = {"action": "block", "_selected_action": str(local_tenant.pk)}

    answer = staff.post("/tenants/tenant/", asked, **ADMIN)
    assert "Give a reason" in answer.content.decode()


def test_people_who_may_only_look_are_offered_no_act(staff: Client, local_tenant: Tenant) -> None:
    user = User.objects.get(email="staff@x.example")
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename="view_tenant"))

    assert 'name="action" value="' not in page_of(staff, local_tenant)
