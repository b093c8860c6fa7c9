"""Looking into a workspace: reason, read only, minutes, told to the owner."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.notifications.models import Notification
from marketing_platform.operations.tasks import visit_runs_out
from marketing_platform.operations.visits import VisitRefused, visit_arrive, visit_begin
from marketing_platform.schedule.models import DueWork
from marketing_platform.support.models import SupportVisit
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.urls import workspace
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}
WHY = "The owner says that posts are missing"
# Open to everybody, or the visit's own.
OPEN = {"language/", "sign-out/", "support-visit/end/", "support-visit/<str:token>/"}


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("leela@x.example", "a long staff password")


@pytest.fixture
def visitor(staff: User, local_tenant: Tenant) -> Client:
    return visiting(staff, local_tenant)


def visiting(staff: User, tenant: Tenant) -> Client:
    url = visit_begin(tenant=tenant, staff=staff, reason=WHY, now=clock.now())
    browser = Client(HTTP_HOST=f"{tenant.slug}.localhost")
    assert browser.get(urlsplit(url).path)["Location"] == "/"
    return browser


def test_staff_begin_a_visit_from_the_list_with_a_reason(staff: User, local_tenant: Tenant) -> None:
    browser = Client()
    browser.post(
        "/login/", {"email": "leela@x.example", "password": "a long staff password"}, **ADMIN
    )
    chosen = {"action": "visit", "_selected_action": [str(local_tenant.pk)]}
    asked = browser.post("/tenants/tenant/", chosen, **ADMIN)
    answer = browser.post("/tenants/tenant/", {**chosen, "reason": WHY}, **ADMIN)

    assert "reason" in asked.content.decode()
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"http://{local_tenant.slug}.localhost/support-visit/")
    assert SupportVisit.objects.get().reason == WHY


def test_a_visit_sees_the_first_page_under_a_banner(visitor: Client) -> None:
    page = visitor.get("/").content.decode()

    assert "read only" in page
    assert WHY in page


def test_the_owner_is_told_and_both_ends_are_in_the_log(
    visitor: Client, local_tenant: Tenant
) -> None:
    assert visitor.post("/support-visit/end/")["Location"] == "http://admin.localhost/"

    with tenant_context(local_tenant):
        acts = list(
            AuditEntry.objects.filter(action__startswith="support.")
            .order_by("id")
            .values_list("action", "actor_kind")
        )
        notice = Notification.objects.get(kind="support")
    assert acts == [("support.visit_began", "staff"), ("support.visit_ended", "staff")]
    assert notice.params["why"] == WHY
    assert visitor.get("/").status_code == 302


def routes(patterns: Any, prefix: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield prefix + str(each.pattern)


def test_nothing_can_be_changed_during_a_visit(visitor: Client) -> None:
    """Every address of a workspace, with every way of writing."""
    accepted = []
    for route in routes(workspace.patterns_for("local")):
        path = re.sub(r"<uuid:\w+>", "0b0f3f8e-0000-4000-8000-000000000000", route)
        path = re.sub(r"<\w+:\w+>|<\w+>", "1", path)
        if route in OPEN or "(" in path or path.startswith(("health", "media", "icon", "manifest")):
            continue
        for way in (visitor.post, visitor.put, visitor.patch, visitor.delete):
            answer = way(f"/{path}")
            if answer.status_code not in {401, 403, 404, 405}:
                accepted.append((route, way.__name__, answer.status_code))
    assert accepted == []


@pytest.mark.parametrize("path", ["/customers/export/csv/", "/settings/api-keys/", "/billing/"])
def test_lists_keys_and_money_stay_closed(visitor: Client, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code in {403, 404}


def test_the_api_takes_no_visit_for_a_person(visitor: Client) -> None:
    assert visitor.get("/api/local/today/").status_code in {401, 403, 404}


def test_time_ends_a_visit(visitor: Client, time_machine: Any) -> None:
    time_machine.move_to(clock.now() + timedelta(minutes=30, seconds=1))

    answer = visitor.get("/")

    assert answer.status_code in {302, 403}
    assert "Asha" not in answer.content.decode()


def test_a_link_opens_one_visit_in_its_own_workspace(
    staff: User, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    now = clock.now()
    url = visit_begin(tenant=local_tenant, staff=staff, reason=WHY, now=now)
    token = urlsplit(url).path.split("/")[2]

    with pytest.raises(VisitRefused):
        visit_arrive(token=token, tenant=enterprise_tenant, now=now)
    visit_arrive(token=token, tenant=local_tenant, now=now)
    with pytest.raises(VisitRefused):
        visit_arrive(token=token, tenant=local_tenant, now=now)


def test_a_link_that_waited_a_minute_opens_nothing(staff: User, local_tenant: Tenant) -> None:
    now = clock.now()
    url = visit_begin(tenant=local_tenant, staff=staff, reason=WHY, now=now)

    with pytest.raises(VisitRefused):
        visit_arrive(
            token=urlsplit(url).path.split("/")[2],
            tenant=local_tenant,
            now=now + timedelta(seconds=61),
        )


def test_who_is_no_longer_staff_sees_nothing(visitor: Client, staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(is_staff=False)

    assert visitor.get("/").status_code == 403


def test_a_visit_that_nobody_ended_is_noted_as_over_when_its_time_is(
    visitor: Client, local_tenant: Tenant
) -> None:
    visit = SupportVisit.objects.get()
    visit_runs_out(None, visit_id=str(visit.pk))
    with time_machine.travel(visit.until + timedelta(seconds=1), tick=False):
        visit_runs_out(None, visit_id=str(visit.pk))
        visit_runs_out(None, visit_id=str(visit.pk))

    visit.refresh_from_db()
    assert visit.ended_at == visit.until
    with tenant_context(local_tenant):
        assert AuditEntry.objects.filter(action="support.visit_ended").count() == 1
    assert DueWork.objects.get(task="support.visit_runs_out").due_at == visit.until
