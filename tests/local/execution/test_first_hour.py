"""The first hour: four steps, each done or left, taken up again on any device."""

import pytest

from local.business.selectors import business_of
from local.execution.models import FirstHour
from local.execution.services.first_hour import step_settle
from marketing_platform.connections.services import connection_save
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


def settled(tenant):
    with tenant_context(tenant):
        return FirstHour.objects.get().settled


def test_steps_are_saved_left_and_taken_up_again(owner, local_tenant):
    assert "0 of 4" in owner.get("/").content.decode()
    assert owner.get("/first/").headers["Location"] == "/first/shop/"
    given = {"phone": "98200 00001", "address": "12 Tilak Road", "languages": ["en", "mr"]}
    assert owner.post("/first/shop/", given).headers["Location"] == "/first/look/"
    business = business_of(local_tenant)
    assert (business.phone, business.address) == ("+919820000001", "12 Tilak Road")
    assert (business.name, business.city, business.languages) == (
        "Asha Sweets",
        "pune",
        ["en", "mr"],
    )

    assert owner.post("/first/look/", {"later": "1"}).headers["Location"] == "/first/channel/"
    assert settled(local_tenant) == {"shop": "done", "look": "left"}
    assert "2 of 4" in owner.get("/").content.decode()
    assert owner.post("/first/channel/").headers["Location"] == "/first/post/"
    assert "Your first post is ready" in owner.get("/first/post/").content.decode()
    assert owner.post("/first/post/").headers["Location"] == "/"
    assert "of 4" not in owner.get("/").content.decode()

    assert owner.get("/first/").headers["Location"] == "/first/look/"
    look = {"primary_colour": "#102030", "accent_colour": "#f0a000", "tagline": "Since 1982"}
    assert owner.post("/first/look/", look).headers["Location"] == "/"
    assert settled(local_tenant) == dict.fromkeys(("shop", "channel", "post", "look"), "done")


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(owner, local_tenant):
    page = owner.post("/first/shop/", {"phone": "12", "address": "x", "languages": []})
    assert page.status_code == 422
    text = page.content.decode()
    assert "Languages: choose at least one." in text
    assert 'value="12"' in text
    assert business_of(local_tenant).phone == ""
    assert owner.post("/first/look/", {"primary_colour": "red"}).status_code == 422
    assert owner.get("/first/nothing/").status_code == 404
    with tenant_context(local_tenant):
        assert not FirstHour.objects.exists()


def test_it_can_be_put_away(owner):
    assert owner.post("/first/put-away/").headers["Location"] == "/"
    assert "of 4" not in owner.get("/").content.decode()
    assert 'href="/first/"' in owner.get("/settings/").content.decode()


def test_what_is_done_is_not_left_again(local_tenant):
    with tenant_context(local_tenant):
        for is_done in (True, False):
            step_settle(step="shop", is_done=is_done)
        step_settle(step="nothing", is_done=True)
        assert FirstHour.objects.get().settled == {"shop": "done"}


def test_accounts_that_posts_go_to_are_named(owner, local_tenant):
    assert "I share by hand" in owner.get("/first/channel/").content.decode()
    with tenant_context(local_tenant):
        connection_save(
            provider="meta",
            account_id="p1",
            account_name="Asha Sweets Camp",
            credentials={"page_token": "t"},
            details={"page_id": "p1"},
            scopes=[],
            actor_id=None,
            now=clock.now(),
        )
    page = owner.get("/first/channel/").content.decode()
    assert "Asha Sweets Camp" in page
    assert "I share by hand" not in page
