"""The list of a person's workspaces and the public summaries it is fed by."""

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Subscription
from local.execution.models import Action
from marketing_platform.connections.models import ConnectionState
from marketing_platform.connections.services import (
    connection_needs_sign_in,
    connection_save,
)
from marketing_platform.people.models import WorkspaceSummary
from marketing_platform.people.summaries import summary_write
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import Membership

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
WORDS = ("1 thing waits", "Facebook needs you to sign in again.", "₹1,178.82 on 03 Dec 2026")


def _facebook(now: datetime) -> Any:
    return connection_save(
        provider="meta",
        account_id="page-1",
        account_name="Asha Sweets",
        credentials={"access_token": "secret-token"},
        details={},
        actor_id=None,
        now=now,
    )


def _summary(tenant: Tenant, **facts: Any) -> WorkspaceSummary:
    WorkspaceSummary.objects.filter(tenant=tenant).delete()
    return WorkspaceSummary.objects.create(tenant=tenant, updated_at=NOW, **facts)


def _workspaces(user: Any, like: Tenant, count: int) -> list[Tenant]:
    made = []
    for number in range(count):
        made.append(
            Tenant.objects.create(
                schema_name=f"t_{number:026d}",
                tier=like.tier,
                slug=f"shop-{number:02d}",
                name=f"Shop {number:02d}",
                state=State.PENDING,
                state_changed_at=NOW,
                created_at=NOW,
            )
        )
        Membership.objects.create(tenant=made[-1], user=user, role="owner")
    return made


def test_a_summary_tells_what_waits_what_broke_and_what_is_charged(
    local_tenant: Tenant,
) -> None:
    Subscription.objects.filter(tenant=local_tenant).update(
        state="active",
        gateway="sandbox",
        gateway_subscription_id="sub-1",
        cancel_at_period_end=False,
        current_period_end=datetime(2026, 12, 3, 6, 30, tzinfo=UTC),
    )
    with tenant_context(local_tenant):
        Action.objects.filter(on=date(2026, 11, 23)).delete()
        row = _facebook(NOW)
        connection_needs_sign_in(connection_id=row.pk, now=NOW)
        row.refresh_from_db()
        assert row.state == ConnectionState.NEEDS_SIGN_IN
        summary_write(tenant=local_tenant, now=NOW)
        summary_write(tenant=local_tenant, now=NOW)
    found = WorkspaceSummary.objects.get(tenant=local_tenant)
    assert (found.waiting, found.sign_in_again) == (0, ["Facebook"])
    assert (found.charge_on, found.charge_paise) == (date(2026, 12, 3), 117_882)


def test_changes_of_one_minute_are_counted_once(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        row = _facebook(NOW)
        connection_needs_sign_in(connection_id=row.pk, now=NOW)
    due = DueWork.objects.get(task="people.summarise", tenant=local_tenant)
    assert due.due_at == datetime(2026, 11, 23, 6, 31, tzinfo=UTC)


def test_the_list_says_it_in_words(local_tenant: Tenant, asha: Any, session_for: Any) -> None:
    facts = {"charge_on": date(2026, 12, 3), "charge_paise": 117_882}
    _summary(local_tenant, waiting=1, sign_in_again=["Facebook"], **facts)
    page = session_for(asha).get("/my/").content.decode()
    assert [words for words in WORDS if words in page] == list(WORDS)


def test_who_does_not_pay_does_not_see_the_charge(
    local_tenant: Tenant, asha: Any, session_for: Any
) -> None:
    Membership.objects.filter(tenant=local_tenant, user=asha).update(role="staff")
    _summary(local_tenant, waiting=1, charge_on=date(2026, 12, 3), charge_paise=117_882)
    page = session_for(asha).get("/my/").content.decode()
    assert "1 thing waits" in page
    assert "1,178.82" not in page


def test_what_is_broken_stands_before_what_waits(
    local_tenant: Tenant, asha: Any, session_for: Any
) -> None:
    calm, busy, broken = _workspaces(asha, local_tenant, 3)
    _summary(calm)
    _summary(busy, waiting=4)
    _summary(broken, sign_in_again=["Google"])
    page = session_for(asha).get("/my/").content.decode()
    order = [page.index(each.name) for each in (broken, busy, calm)]
    assert order == sorted(order)


def test_fifty_businesses_cost_no_more_queries_and_are_searched(
    local_tenant: Tenant, asha: Any, session_for: Any
) -> None:
    browser = session_for(asha)
    browser.get("/my/")
    with CaptureQueriesContext(connection) as of_one:
        assert 'name="q"' not in browser.get("/my/").content.decode()
    for each in _workspaces(asha, local_tenant, 49):
        _summary(each, waiting=2)
    with CaptureQueriesContext(connection) as of_fifty:
        assert 'name="q"' in browser.get("/my/").content.decode()
    assert len(of_fifty) == len(of_one)
    page = browser.get("/my/?q=SHOP 07").content.decode()
    assert "Shop 07" in page
    assert "Shop 08" not in page
    assert "No business of yours has this name." in browser.get("/my/?q=zz").content.decode()


def test_another_persons_summary_is_not_shown(
    local_tenant: Tenant, meera: Any, session_for: Any
) -> None:
    _summary(local_tenant, waiting=4, sign_in_again=["Facebook"])
    page = session_for(meera).get("/my/").content.decode()
    assert "4 things wait" not in page
    assert local_tenant.name not in page
    assert settings.PRODUCT_NAME in page
