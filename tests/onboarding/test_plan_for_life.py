"""A workspace keeps its tier, and the pages that speak of plans say so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db

ENGLISH = "A workspace keeps its plan for good."
HINDI = "वर्कस्पेस का प्लान बाद में नहीं बदलता।"
LINK = 'href="http://localhost/start/"'


@pytest.mark.parametrize(("language", "sentence"), [("en", ENGLISH), ("hi", HINDI)])
def test_the_pricing_page_says_so_and_shows_the_way(language: str, sentence: str) -> None:
    page = Client(HTTP_HOST="localhost", headers={"accept-language": language}).get("/pricing/")

    assert sentence in page.content.decode()
    assert LINK in page.content.decode()


def test_the_billing_page_of_a_workspace_says_so(
    local_tenant: Tenant, asha: User, session_for: Callable[..., Client]
) -> None:
    page = session_for(asha, local_tenant).get("/billing/").content.decode()

    assert ENGLISH in page
    assert LINK in page


def test_where_one_tier_is_sold_there_is_no_other_to_speak_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "TIERS", ("local",))

    page = Client(HTTP_HOST="localhost").get("/pricing/").content.decode()

    assert ENGLISH not in page


@pytest.fixture
def staff() -> Client:
    User.objects.create_superuser("staff@x.example", "a long staff password", full_name="Staff")
    browser = Client(HTTP_HOST="admin.localhost")
    who = {"email": "staff@x.example", "password": "a long staff password"}
    assert browser.post("/login/", who).status_code == 302
    return browser


def test_staff_cannot_change_it_either(staff: Client, local_tenant: Tenant) -> None:
    answer: Any = staff.post(f"/tenants/tenant/{local_tenant.pk}/change/", {"tier": "enterprise"})

    assert answer.status_code == 403
    assert Tenant.objects.get(pk=local_tenant.pk).tier == "local"
