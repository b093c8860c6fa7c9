"""What each group of staff may open and do, asked by real requests; who puts whom into one."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from marketing_platform.operations.staff_groups import GROUPS, groups_after_migrate
from marketing_platform.support.models import SupportVisit
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import User
from marketing_platform.users.sign_in_links import SignInLink

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}
CLIENTS = "/tenants/tenant/"
PEOPLE = "/users/user/"
WHY = "The owner asked us to look"
SEES_ALL = {"Support", "Finance", "Admin"}
# Who may open what.
OPEN = {
    "/": SEES_ALL,
    CLIENTS: SEES_ALL,
    "/local_business/localbusiness/": SEES_ALL,
    "/enterprise_clients/enterpriseclient/": SEES_ALL,
    PEOPLE: {"Support", "Admin"},
    "/support/helprequest/": {"Support", "Admin"},
    "/support/errorreport/": {"Support", "Admin"},
    "/support/supportvisit/": {"Support", "Admin"},
    "/billing/subscription/": {"Finance", "Admin"},
    "/billing/subscription/figures/": {"Finance", "Admin"},
    "/billing/payout/settlements/": {"Finance", "Admin"},
    "/billing/taxdocument/": {"Finance", "Admin"},
    "/billing/payment/": {"Finance", "Admin"},
    "/billing/staffterms/add/": {"Finance", "Admin"},
    "/billing/coupon/add/": {"Finance", "Admin"},
    "/inbox/inboundevent/": {"Admin"},
    "/platform_schedule/duework/": {"Admin"},
    "/platform_effects_control/globalstop/add/": {"Admin"},
    "/auth/group/": {"Admin"},
}


def staff_of(group: str) -> Client:
    """Somebody of that group, signed in; of no group for ""."""
    email = f"{group.lower() or 'nobody'}@x.example"
    user = User.objects.create_user(email=email, password="a long staff password", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return signed_in(email)


def signed_in(email: str) -> Client:
    browser = Client()
    who = {"email": email, "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


@pytest.fixture
def boss() -> Client:
    User.objects.create_superuser("boss@x.example", "a long staff password")
    return signed_in("boss@x.example")


def act(browser: Client, action: str, row: Any, url: str = CLIENTS, **extra: str) -> Any:
    chosen = {"action": action, "_selected_action": [str(row.pk)], **extra}
    return browser.post(url, chosen, **ADMIN)


def test_migrating_again_changes_nothing() -> None:
    before = {group.name: set(group.permissions.all()) for group in Group.objects.all()}
    groups_after_migrate(apps.get_app_config("auth"))

    assert set(before) == set(GROUPS)
    assert {group.name: set(group.permissions.all()) for group in Group.objects.all()} == before
    assert before["Admin"] == set(Permission.objects.all())


def test_no_group_but_admin_may_delete_or_stop_everything() -> None:
    for name in ("Support", "Finance"):
        held = Group.objects.get(name=name).permissions
        assert not held.filter(codename__startswith="delete_").exists()
        assert not held.filter(content_type__app_label="platform_effects_control").exists()


@pytest.mark.parametrize("group", [*GROUPS, ""])
def test_each_page_opens_for_its_groups_alone(group: str, local_tenant: Tenant) -> None:
    browser = staff_of(group)
    answers = {url: browser.get(url, **ADMIN).status_code for url in OPEN}

    wanted = {url: 200 if group in groups or url == "/" else 403 for url, groups in OPEN.items()}
    assert answers == wanted
    client = browser.get(f"{CLIENTS}{local_tenant.pk}/change/", **ADMIN)
    assert client.status_code == (200 if group else 403)


@pytest.mark.parametrize("group", [*GROUPS, ""])
def test_every_link_of_home_and_menu_opens(group: str) -> None:
    browser = staff_of(group)
    page = browser.get("/", **ADMIN)
    home = page.context["staff_home"]
    links = {card.link for _title, cards in home["groups"] for card in cards}
    menu = {item["link"] for each in page.context["sidebar_navigation"] for item in each["items"]}

    assert {url: browser.get(url, **ADMIN).status_code for url in links | menu} == dict.fromkeys(
        links | menu, 200
    )
    assert home["sees_waiting"] is (group in {"Support", "Admin"})


@pytest.mark.parametrize("group", GROUPS)
def test_acts_on_a_client(group: str, local_tenant: Tenant) -> None:
    browser = staff_of(group)
    page = browser.get(f"{CLIENTS}{local_tenant.pk}/change/", **ADMIN).content.decode()
    act(browser, "visit", local_tenant, reason=WHY)
    act(browser, "sign_in_link", local_tenant, reason=WHY)
    act(browser, "block", local_tenant, reason=WHY)
    local_tenant.refresh_from_db()

    helps, acts = group in {"Support", "Admin"}, group == "Admin"
    assert SupportVisit.objects.exists() is helps
    assert SignInLink.objects.exists() is helps
    assert local_tenant.state == (State.BLOCKED if acts else State.ACTIVE)
    assert ("Look into it, read only" in page) is helps
    assert ("Block, with a reason" in page) is acts
    assert ("/billing/subscription/" in page) is (group != "Support")


def test_a_superuser_puts_staff_into_a_group_with_a_reason(boss: Client) -> None:
    browser = staff_of("")
    person = User.objects.get(email="nobody@x.example")
    assert "Set the group" in act(boss, "set_group", person, PEOPLE).content.decode()
    act(boss, "set_group", person, PEOPLE, group="Support")
    assert not person.groups.exists()

    act(boss, "set_group", person, PEOPLE, group="Support", reason="Joined the desk")
    assert browser.get(CLIENTS, **ADMIN).status_code == 200
    act(boss, "set_group", person, PEOPLE, group="Finance", reason="Changed the desk")
    assert list(person.groups.values_list("name", flat=True)) == ["Finance"]
    assert browser.get(PEOPLE, **ADMIN).status_code == 403
    act(boss, "set_group", person, PEOPLE, group="none", reason="Left the desk")
    act(boss, "set_group", person, PEOPLE, group="none", reason="Left the desk")
    assert browser.get(CLIENTS, **ADMIN).status_code == 403

    logged = LogEntry.objects.filter(object_id=str(person.pk)).order_by("pk")
    assert list(logged.values_list("change_message", flat=True)) == [
        "set_group Support: Joined the desk",
        "set_group Finance: Changed the desk",
        "set_group none: Left the desk",
    ]


def test_customers_and_superusers_get_no_group(boss: Client, asha: User) -> None:
    other = User.objects.create_superuser("other@x.example", "a long staff password")
    for person in (asha, other):
        act(boss, "set_group", person, PEOPLE, group="Admin", reason="A slip of the hand")
        assert not person.groups.exists()
    assert not LogEntry.objects.exists()


def test_admins_give_no_groups() -> None:
    browser = staff_of("Admin")
    person = User.objects.get(email="admin@x.example")
    act(browser, "set_group", person, PEOPLE, group="none", reason="Not mine to do")

    assert list(person.groups.values_list("name", flat=True)) == ["Admin"]
    assert "Set the group" not in browser.get(PEOPLE, **ADMIN).content.decode()
    group = Group.objects.get(name="Support")
    url = f"/auth/group/{group.pk}/change/"
    assert "Can look into a workspace" in browser.get(url, **ADMIN).content.decode()
    assert browser.post(url, {"name": "x"}, **ADMIN).status_code == 403
    assert browser.post(f"/auth/group/{group.pk}/delete/", {}, **ADMIN).status_code == 403
