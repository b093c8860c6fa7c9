"""The staff admin: its own host, its own session, one list of clients, actions with a reason."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import GstRegistration
from billing.services.accounts import account_of
from enterprise.clients.models import EnterpriseClient
from local.business.models import LocalBusiness
from marketing_platform.core import clock
from marketing_platform.operations.clients import client_lines, clients_found
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.tenants.selectors import tenant_host
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.users.models import User, UserSession

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}
LIST = "/tenants/tenant/"


@pytest.fixture
def staff() -> Client:
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    browser = Client()
    who = {"email": "staff@x.example", "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


def test_clients_of_both_tiers_are_in_one_list(
    staff: Client, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    page = staff.get(LIST, **ADMIN).content.decode()

    for words in ("Asha Sweets", "Pune", "Sweet shop", "Veda Appliances", "Bengaluru"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("city=pune", "Asha Sweets", "Veda Appliances"),
        ("industry=consumer_durables", "Veda Appliances", "Asha Sweets"),
        ("tier=local", "Asha Sweets", "Veda Appliances"),
        ("subscription=none", "Waiting Shop", "Asha Sweets"),
        ("q=veda", "Veda Appliances", "Asha Sweets"),
    ],
)
def test_the_list_is_filtered(
    staff: Client, local_tenant: Tenant, query: str, inside: str, outside: str
) -> None:
    tenant_reserve(tier="local", name="Waiting Shop", language="en", actor_id=None, now=clock.now())
    table = staff.get(f"{LIST}?{query}", **ADMIN).content.decode()
    table = table[table.index('id="result_list"') :]

    assert inside in table
    assert outside not in table


@pytest.mark.parametrize(
    "words",
    [
        *("99999 00001", "+91 99999 00001", "099999-00001", "९९९९९ ००००१"),
        *("asha@sweets.example", "ASHA-SWEETS", "sha swee", "98888 00002", "27aapfu0939f1zv"),
    ],
)
def test_a_client_is_found_by_what_a_caller_says(
    staff: Client,
    local_tenant: Tenant,
    enterprise_tenant: Tenant,
    asha: User,
    session_for: Any,
    words: str,
) -> None:
    User.objects.filter(pk=asha.pk).update(phone="+919999900001", email="asha@sweets.example")
    LocalBusiness.objects.filter(tenant=local_tenant).update(phone="+919888800002")
    session_for(asha, local_tenant)
    account = account_of(local_tenant, now=clock.now())
    GstRegistration.objects.create(
        account=account, gstin="27AAPFU0939F1ZV", legal_name="Asha Sweets", address="1 MG Road",
        pincode="411001",
    )  # fmt: skip
    page = staff.get(LIST, {"q": words}, **ADMIN).content.decode()
    table = page[page.index('id="result_list"') :]

    assert "Asha Sweets" in table
    assert "Veda Appliances" not in table


def test_a_company_is_found_by_the_gstin_of_its_profile(
    staff: Client, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    client = EnterpriseClient.objects.filter(tenant=enterprise_tenant)
    client.update(gstin="29AAACV0001A1Z5")
    found = clients_found(Tenant.objects.all(), "29aaacv0001a1z5")

    assert list(found) == [enterprise_tenant]


@pytest.mark.parametrize("words", ["%", "'; --", "0000000000", "9" * 300, "नहीं"])
def test_a_search_for_anything_answers(staff: Client, words: str) -> None:
    assert staff.get(LIST, {"q": words}, **ADMIN).status_code == 200


def test_a_line_tells_who_was_there_and_when_money_comes(
    local_tenant: Tenant, asha: User, session_for: Any
) -> None:
    session_for(asha, local_tenant)
    now = clock.now()
    UserSession.objects.create(
        user=asha, session_key="one", family="one", host=tenant_host(local_tenant),
        created_at=now, seen_at=now,
    )  # fmt: skip
    line = client_lines([local_tenant])[local_tenant.pk]

    assert (line.people, line.seen_at, line.city) == (1, now, "Pune")


def test_the_list_takes_the_same_queries_for_more_clients(staff: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert staff.get(LIST, **ADMIN).status_code == 200
        return len([q for q in queries if "SET search_path" not in q["sql"]])

    def make(numbers: range) -> None:
        for number in numbers:
            tenant_reserve(
                tier="local", name=f"Shop {number}", language="en", actor_id=None, now=clock.now()
            )

    make(range(60))
    staff.get(LIST, **ADMIN)
    few = count()
    make(range(60, 200))

    assert count() == few


def act(browser: Client, action: str, tenant: Tenant, **extra: str) -> Any:
    chosen = {"action": action, "_selected_action": [str(tenant.pk)], **extra}
    return browser.post(LIST, chosen, **ADMIN)


def test_blocking_asks_for_a_reason_then_closes_the_workspace(
    staff: Client, local_tenant: Tenant, asha: User, session_for: Any
) -> None:
    assert "Give a reason" in act(staff, "block", local_tenant).content.decode()
    local_tenant.refresh_from_db()
    assert local_tenant.state == State.ACTIVE

    act(staff, "block", local_tenant, reason="Chargeback on file")
    local_tenant.refresh_from_db()
    assert local_tenant.state == State.BLOCKED
    assert TenantEvent.objects.filter(tenant=local_tenant, reason="Chargeback on file").exists()
    owner = session_for(asha, local_tenant)
    assert owner.get("/").status_code == 403
    assert (
        owner.post("/api/local/intelligence", {}, content_type="application/json").json()["code"]
        == "workspace_blocked"
    )

    act(staff, "reactivate", local_tenant, reason="Paid by transfer")
    assert owner.get("/settings/").status_code == 200


def test_a_workspace_that_failed_is_prepared_again_with_a_reason(staff: Client) -> None:
    tenant = tenant_reserve(
        tier="local", name="Unlucky Shop", language="en", actor_id=None, now=clock.now()
    )
    act(staff, "prepare_again", tenant, reason="Nothing was decided")
    act(staff, "reactivate", tenant, reason="Nothing was decided")
    tenant.refresh_from_db()
    assert tenant.state == State.PENDING

    Tenant.objects.filter(pk=tenant.pk).update(state=State.FAILED)
    assert "Give a reason" in act(staff, "prepare_again", tenant).content.decode()
    act(staff, "prepare_again", tenant, reason="The disk was grown")
    tenant.refresh_from_db()
    assert tenant.state == State.PREPARING
    assert DueWork.objects.filter(key=f"provision:{tenant.pk}:1").exists()
    logged = LogEntry.objects.get(object_id=str(tenant.pk))
    assert logged.change_message == "prepare_again: The disk was grown"


@pytest.mark.parametrize(
    ("permissions", "state"),
    [(["view_tenant"], State.ACTIVE), (["view_tenant", "change_tenant"], State.BLOCKED)],
)
def test_only_staff_who_may_change_clients_act_on_them(
    staff: Client, local_tenant: Tenant, permissions: list[str], state: State
) -> None:
    user = User.objects.get(email="staff@x.example")
    User.objects.filter(pk=user.pk).update(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))

    page = staff.get(LIST, **ADMIN).content.decode()
    assert ("Block, with a reason" in page) is (state == State.BLOCKED)
    act(staff, "block", local_tenant, reason="Chargeback on file")
    local_tenant.refresh_from_db()
    assert local_tenant.state == state


def test_only_staff_get_in(vikram: User, session_for: Any, local_tenant: Tenant) -> None:
    vikram.set_password("the right password")
    vikram.save()
    browser = Client()
    who = {"email": vikram.email, "password": "the right password"}

    assert browser.post("/login/", who, **ADMIN).status_code == 200
    assert browser.get(LIST, **ADMIN)["Location"].startswith("/login/")
    public = session_for(User.objects.create_superuser("s2@x.example", "x" * 12))
    assert public.get(LIST, **ADMIN)["Location"].startswith("/login/")


@pytest.mark.parametrize("host", ["localhost", "asha-sweets.localhost"])
def test_the_admin_is_on_no_other_host(staff: Client, local_tenant: Tenant, host: str) -> None:
    assert staff.get(LIST, HTTP_HOST=host).status_code in {403, 404}


def test_every_admin_page_opens(staff: Client, local_tenant: Tenant) -> None:
    from django.contrib import admin

    failed = []
    for model in admin.site._registry:
        label = f"/{model._meta.app_label}/{model._meta.model_name}/"
        if staff.get(label, **ADMIN).status_code != 200:
            failed.append(label)
    assert failed == []
    assert staff.get("/", **ADMIN).status_code == 200
    assert staff.get(f"{LIST}{local_tenant.pk}/change/", **ADMIN).status_code == 200
