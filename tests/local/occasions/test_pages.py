from datetime import timedelta

import pytest

from local.business.selectors import business_of, facts_of
from local.occasions.models import OccasionOverride
from local.occasions.selectors import occasions_for
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(local_tenant, asha, workspace_client):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def festival(local_tenant):
    """The next occasion with a day of its own."""
    today = clock.today()
    with tenant_context(local_tenant):
        found = occasions_for(
            facts_of(business_of(local_tenant)), today, today + timedelta(days=90)
        )
    return next(each for each in found if each.kind == "festive" and each.date > today)


def overrides(tenant):
    with tenant_context(tenant):
        return list(OccasionOverride.objects.values_list("slug", "action"))


def test_the_page_lists_the_coming_days(client, festival):
    answer = client.get("/occasions/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert festival.names["en"] in page
    assert "Add a day of your own" in page


def test_a_day_is_left_out_and_brought_back(client, local_tenant, festival):
    key = {"slug": festival.slug, "year": festival.date.year}
    assert client.post("/occasions/mute/", key).status_code == 302
    assert overrides(local_tenant) == [(festival.slug, "muted")]
    assert "What you changed" in client.get("/occasions/").content.decode()
    client.post("/occasions/restore/", key)
    assert overrides(local_tenant) == []


def test_a_day_is_moved(client, local_tenant, festival):
    on = festival.date + timedelta(days=1)
    client.post(
        "/occasions/move/",
        {"slug": festival.slug, "year": festival.date.year, "on": on.isoformat()},
    )
    assert overrides(local_tenant) == [(festival.slug, "moved")]
    assert "You moved it from" in client.get("/occasions/").content.decode()


def test_a_day_is_added(client, local_tenant):
    on = clock.today() + timedelta(days=5)
    client.post("/occasions/add/", {"title": "Shop birthday", "on": on.isoformat()})
    assert [action for _slug, action in overrides(local_tenant)] == ["added"]
    page = client.get("/occasions/").content.decode()
    assert "Shop birthday" in page and "No offers" in page


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("move", {"slug": "diwali", "year": "2026", "on": "not a day"}),
        ("move", {"slug": "diwali", "year": "2026", "on": "2027-06-01"}),
        ("move", {"slug": "wedding_season", "year": "2026", "on": "2026-11-22"}),
        ("mute", {"slug": "nonsense", "year": "2026"}),
        ("mute", {"slug": "diwali", "year": "99999999999999"}),
        ("mute", {}),
        ("restore", {"slug": "x" * 5000, "year": "2026"}),
    ],
)
def test_bad_changes_are_explained_and_change_nothing(client, local_tenant, path, given):
    assert client.post(f"/occasions/{path}/", given).status_code == 302
    assert overrides(local_tenant) == []
    assert 'role="alert"' in client.get("/occasions/").content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"title": "", "on": "2026-12-01"}, "Name: write what the day is called."),
        ({"title": "Fair", "on": ""}, "Date: choose a day."),
    ],
)
def test_a_bad_day_of_ones_own_keeps_what_was_typed(client, local_tenant, given, sentence):
    answer = client.post("/occasions/add/", given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert overrides(local_tenant) == []


def test_a_viewer_sees_no_change_buttons_and_is_refused(local_tenant, meera, workspace_client):
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    client = workspace_client(local_tenant, meera)
    assert "/occasions/mute/" not in client.get("/occasions/").content.decode()
    assert client.post("/occasions/mute/", {"slug": "diwali", "year": 2026}).status_code == 403
    assert overrides(local_tenant) == []


def test_a_stranger_is_refused(local_tenant, meera, workspace_client):
    client = workspace_client(local_tenant, meera)
    assert client.get("/occasions/").status_code in (302, 403)
    assert client.post("/occasions/mute/", {"slug": "diwali", "year": 2026}).status_code in (
        302,
        403,
    )
    assert overrides(local_tenant) == []


def test_the_page_is_in_hindi_when_asked(client, festival, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "hi"
    assert festival.names["hi"] in client.get("/occasions/").content.decode()
