"""The short code on an error finds the request behind it."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from marketing_platform.support import services
from marketing_platform.support.models import ErrorReport
from marketing_platform.support.services import reports_forget
from marketing_platform.support.tasks import forget_nightly
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.models import User

HOST, ADMIN = {"HTTP_HOST": "localhost"}, {"HTTP_HOST": "admin.localhost"}
CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def broken(monkeypatch):
    def fail(*_arguments, **_named):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("local.execution.views.today.business_of", fail)


def failed_page(owner):
    owner.raise_request_exception = False
    return owner.get("/?token=secret")


def test_a_fault_of_ours_is_found_by_the_code_on_the_page(owner, broken, local_tenant, asha):
    page = failed_page(owner)
    assert page.status_code == 500
    code = CODE.search(page.content.decode())[0]
    row = ErrorReport.objects.get(code=code)
    assert (row.status, row.method, row.path) == (500, "GET", "/")
    assert (row.workspace_id, row.user_id) == (local_tenant.pk, asha.pk)
    assert row.failure == "RuntimeError"
    assert re.fullmatch(r"[\w/]+\.py:\d+", row.place)
    kept = " ".join(str(value) for value in vars(row).values())
    assert "hunter2" not in kept
    assert "secret" not in kept


def test_staff_find_it_however_the_code_is_typed(owner, broken):
    code = CODE.search(failed_page(owner).content.decode())[0]
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    staff = Client()
    who = {"email": "staff@x.example", "password": "a long staff password"}
    staff.post("/login/", who, **ADMIN)
    for typed in (code, code.lower().replace("-", ""), code.replace("-", " ")):
        page = staff.get("/support/errorreport/", {"q": typed}, **ADMIN).content.decode()
        assert code in page[page.index("result_list") :]
    nothing = staff.get("/support/errorreport/", {"q": "2222-2222"}, **ADMIN).content.decode()
    assert "result_list" not in nothing


def test_the_api_says_the_code_too(owner):
    body = owner.get("/api/local/nothing").json()
    assert CODE.fullmatch(body["support_code"])
    assert ErrorReport.objects.get().code == body["support_code"]


@pytest.mark.django_db
def test_what_strangers_mistype_is_not_kept():
    page = Client().get("/nothing-here/", **HOST)
    assert page.status_code == 404
    assert CODE.search(page.content.decode())
    assert not ErrorReport.objects.exists()


def test_without_a_database_the_page_comes_all_the_same(owner, broken, monkeypatch):
    def away(*_arguments, **_named):
        raise OperationalError("away")

    monkeypatch.setattr(services, "_store", away)
    page = failed_page(owner)
    assert page.status_code == 500
    assert CODE.search(page.content.decode())


def test_no_more_than_so_many_a_minute_are_kept(owner, monkeypatch):
    monkeypatch.setattr(services, "REPORTS_PER_MINUTE", 2)
    for _time in range(4):
        owner.get("/nothing-here/")
    assert ErrorReport.objects.count() == 2


def test_after_ninety_days_they_are_forgotten(owner):
    owner.get("/nothing-here/")
    now = clock.now()
    assert reports_forget(now=now + timedelta(days=89)) == 0
    assert reports_forget(now=now + timedelta(days=91)) == 1
    assert not ErrorReport.objects.exists()


def test_the_first_workspace_of_a_night_orders_it_once(local_tenant, enterprise_tenant):
    for tenant in (local_tenant, enterprise_tenant):
        with tenant_context(tenant):
            forget_nightly(tenant)
    assert DueWork.objects.filter(task="support.forget").count() == 1
    assert work_run(DueWork.objects.get(task="support.forget").pk)
