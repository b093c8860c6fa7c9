"""Lists of the staff admin as files: who may, what is in them, and that it is written down."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from openpyxl import load_workbook

from marketing_platform.core import clock
from marketing_platform.operations import staff_export
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import User
from marketing_platform.users.recent import MINUTES, SIGNED_IN_AT

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}
CLIENTS = "/take-out/tenants/tenant/"
WHY = "For the quarterly review with our accountant"
CSV = {"file_format": "csv", "reason": WHY}


def staff(group: str = "") -> Client:
    """Somebody of that group, signed in; a superuser for ""."""
    email = f"{group or 'all'}@x.example"
    person = User.objects.create_user(
        email=email, password="a long staff password", is_staff=True, is_superuser=not group
    )
    if group:
        person.groups.add(Group.objects.get(name=group))
    browser = Client()
    who = {"email": email, "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


def clients(count: int) -> None:
    Tenant.objects.bulk_create(
        Tenant(
            slug=f"many-{number}",
            schema_name=f"t_{number:026}",
            name=f"Many {number}",
            tier="local",
            state=State.ACTIVE,
            state_changed_at=clock.now(),
            created_at=clock.now() + timedelta(seconds=number),
        )
        for number in range(count)
    )


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_a_list_comes_out_as_it_is_filtered_with_its_own_columns() -> None:
    clients(3)
    Tenant.objects.filter(slug="many-1").update(state=State.BLOCKED, name="=Blocked & Sons")
    answer = staff().post(f"{CLIENTS}?state__exact=blocked", CSV, **ADMIN)

    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == (
        f'attachment; filename="tenant-{clock.today().isoformat()}.csv"'
    )
    (row,) = rows_of(answer.content)
    assert row["Name"] == "'=Blocked & Sons"
    assert row["Status"] == "Blocked"
    assert row["Plan"] == "–"


def test_the_same_comes_out_for_excel() -> None:
    clients(2)
    answer = staff().post(f"{CLIENTS}?q=many-", {**CSV, "file_format": "xlsx"}, **ADMIN)
    sheet = load_workbook(io.BytesIO(answer.content)).active

    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["Name", "Many 1", "Many 0"]


def test_every_page_of_a_long_list_is_in_the_file_and_asked_a_few_times(
    django_assert_max_num_queries: Any,
) -> None:
    clients(620)
    browser = staff()
    with django_assert_max_num_queries(60):
        answer = browser.post(f"{CLIENTS}?q=many-", CSV, **ADMIN)

    assert len({row["Web address"] for row in rows_of(answer.content)}) == 620


def test_why_who_and_how_many_are_kept() -> None:
    clients(2)
    browser = staff()
    browser.post(f"{CLIENTS}?q=many-", CSV, **ADMIN)
    kept = LogEntry.objects.get(change_message__startswith="export_list")

    assert kept.change_message == f"export_list csv [q=many-]: {WHY}"
    assert kept.object_repr.endswith(": 2")
    assert WHY in browser.get("/admin/logentry/", **ADMIN).content.decode()


@pytest.mark.parametrize("group", ["Support", "Finance", "Admin"])
def test_only_those_who_may_take_lists_out_do(group: str) -> None:
    browser, may = staff(group), group != "Support"
    answer = browser.post(CLIENTS, CSV, **ADMIN)
    page = browser.get("/tenants/tenant/", **ADMIN).content.decode()

    assert answer.status_code == (200 if may else 403)
    assert ("Take out as a file" in page) is may


def test_a_list_that_one_may_not_open_is_not_taken_out() -> None:
    assert staff("Finance").post("/take-out/users/user/", CSV, **ADMIN).status_code == 403


@pytest.mark.parametrize("path", ["/take-out/no/such/", "/take-out/users/smsusage/"])
def test_what_is_no_list_is_not_found(path: str) -> None:
    assert staff().get(path, **ADMIN).status_code == 404


def test_a_visitor_takes_nothing_out() -> None:
    answer = Client().post(CLIENTS, CSV, **ADMIN)

    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_a_reason_is_asked_and_nothing_is_lost() -> None:
    answer = staff().post(CLIENTS, {"file_format": "csv", "reason": "x"}, **ADMIN)

    assert answer.status_code == 400
    assert "at least 5 characters" in answer.content.decode()
    assert not LogEntry.objects.filter(change_message__startswith="export_list").exists()


def test_too_many_rows_are_asked_to_be_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_export, "MOST_ROWS", 1)
    clients(2)
    answer = staff().post(f"{CLIENTS}?q=many-", CSV, **ADMIN)

    assert "2 rows are more than the 1 of one file" in answer.content.decode()
    assert "attachment" not in answer.get("Content-Disposition", "")


def test_an_old_sign_in_proves_again_and_comes_back() -> None:
    browser = staff()
    session = browser.session
    session[SIGNED_IN_AT] = clock.now().timestamp() - MINUTES * 60 - 1
    session.save()
    back = f"{CLIENTS}?q={uuid4().hex}"
    answer = browser.post(back, {**CSV, "back": back}, **ADMIN)

    assert answer["Location"].startswith("/security/confirm/?next=%2Ftake-out%2F")


def test_every_list_of_the_admin_comes_out() -> None:
    browser = staff()
    for model in admin.site._registry:
        meta = model._meta
        address = f"/take-out/{meta.app_label}/{meta.model_name}/"
        answer = browser.post(address, CSV, **ADMIN)
        assert (address, answer.status_code) == (address, 200)
        assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("query", ["created_at__gte=abc", "state__exact=%00", "q=%00", "p=x"])
def test_an_odd_query_is_no_error(query: str) -> None:
    assert staff().post(f"{CLIENTS}?{query}", CSV, **ADMIN).status_code in {200, 302, 400}


def test_a_filter_that_nobody_knows_leads_back_to_the_list() -> None:
    answer = staff().post(f"{CLIENTS}?nothing=1", CSV, **ADMIN, follow=True)

    assert "This filter is not known" in answer.content.decode()
