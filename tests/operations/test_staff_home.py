"""The staff home: figures that lead to their rows, and who waits, the longest first."""

from datetime import timedelta

import pytest
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.operations import staff_home
from marketing_platform.people.models import WorkspaceSummary
from marketing_platform.schedule.models import DueWork
from marketing_platform.support.models import HelpRequest
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
ADMIN = {"HTTP_HOST": "admin.localhost"}


@pytest.fixture
def staff() -> Client:
    User.objects.create_superuser("staff@x.example", "a long staff password")
    browser = Client()
    who = {"email": "staff@x.example", "password": "a long staff password"}
    assert browser.post("/login/", who, **ADMIN).status_code == 302
    return browser


def wait(name: str, phone: str, hours: int) -> None:
    HelpRequest.objects.create(
        kind="callback",
        name=name,
        phone=phone,
        language="hi",
        page="/pricing/",
        asked_at=clock.now() - timedelta(hours=hours),
    )


def test_every_figure_leads_to_its_rows(staff: Client) -> None:
    home = staff.get("/", **ADMIN).context["staff_home"]
    links = {card.link for _title, cards in home["groups"] for card in cards}

    assert len(links) >= 10
    for link in links:
        answer = staff.get(link, **ADMIN)
        assert (link, answer.status_code) == (link, 200)


def test_people_who_wait_are_on_the_home_the_longest_first(staff: Client) -> None:
    wait("Kavita Joshi", "+919999900001", hours=1)
    wait("Ravi Patil", "+919999900002", hours=5)
    page = staff.get("/", **ADMIN).content.decode()

    assert "2 people wait for us" in page
    assert page.index("Ravi Patil") < page.index("Kavita Joshi")
    assert "hi · Any time · /pricing/" in page


def test_the_age_of_waiting_work_is_in_words(staff: Client) -> None:
    now = clock.now()
    assert staff_home._age(None, now) == "nothing waits"
    DueWork.objects.create(task="x", key="one", queue="default", due_at=now - timedelta(hours=2))
    groups = staff.get("/", **ADMIN).context["staff_home"]["groups"]
    words = {card.label: card.value for _title, cards in groups for card in cards}
    assert words["The oldest waits for"] == "2\xa0hours"


def test_clients_in_trouble_are_counted_and_found(staff: Client, local_tenant: Tenant) -> None:
    WorkspaceSummary.objects.update_or_create(
        tenant=local_tenant, defaults={"stuck": 2, "failing": 0, "updated_at": clock.now()}
    )
    home = staff.get("/", **ADMIN).context["staff_home"]
    cards = {card.label: card for _title, cards in home["groups"] for card in cards}
    found = staff.get("/tenants/tenant/?trouble=stuck", **ADMIN).content.decode()
    others = staff.get("/tenants/tenant/?trouble=failing", **ADMIN).content.decode()

    assert cards["Clients with stuck effects"].value == 1
    assert cards["Clients with failing connections"].value == 0
    assert local_tenant.slug in found
    assert local_tenant.slug not in others
