"""The sync page, the freshness on the Data page, and the API."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from enterprise.data_sources.models import Contact, DataSource, SyncRun
from marketing_platform.connections.services import connection_needs_sign_in, connection_save
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job
from marketing_platform.tenants.context import tenant_context

NOON = datetime(2026, 11, 5, 6, 30, tzinfo=UTC)


@pytest.fixture
def client(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


@pytest.fixture
def inside(enterprise_tenant):
    return partial(tenant_context, enterprise_tenant)


def connected():
    return connection_save(
        provider="hubspot",
        account_id="hubspot",
        account_name="HubSpot",
        credentials={"access_token": "hubspot-token-1"},
        details={},
        actor_id=None,
        now=clock.now(),
    )


def ran(state="done", **more):
    source, _made = DataSource.objects.get_or_create(
        kind="hubspot", name="HubSpot 4400123", defaults={"created_at": NOON}
    )
    facts = {"ticket": uuid.uuid4(), "token": uuid.uuid4(), "started_at": NOON, "seen_at": NOON}
    return SyncRun.objects.create(
        source=source, state=state, **facts, **{"ended_at": clock.now(), **more}
    )


def shown(client, path="/data/sync/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_without_a_crm_the_page_says_what_to_do(client):
    page = shown(client)
    assert "No CRM is connected" in page
    assert 'href="/settings/connections/"' in page
    assert "Not read yet" not in shown(client, "/data/")


def test_the_page_shows_freshness_figures_and_errors(client, inside):
    with inside():
        connected()
        ran(rows_new=3, rows_changed=2, rows_unchanged=1, pages=4, amounts_left_out=5)
        ran(
            "failed",
            error_code="provider_failure",
            error="%(provider)s refused this: %(detail)s",
            error_params={"provider": "HubSpot", "detail": "<b>no</b>"},
        )
        ran("waiting", goes_on_at=clock.now() + timedelta(hours=1), error="", error_code="x")
        Contact.objects.create(
            source=DataSource.objects.get(), external_id="1", stored_at=NOON, account="A"
        )
    page = shown(client)
    assert "3 new · 2 changed · 1 as before · pages read: 4" in page
    assert "Amounts in another currency, left out: 5" in page
    assert "HubSpot refused this: &lt;b&gt;no&lt;/b&gt;" in page
    assert "Deals: 0 · contacts: 1" in page
    assert "It goes on at" in page
    assert "Read everything again" in page
    data = shown(client, "/data/")
    assert "HubSpot 4400123" in data
    assert "Up to date" in data


def test_a_source_of_this_kind_that_was_never_synced_is_not_shown_for_it(client, inside):
    with inside():
        connected()
        DataSource.objects.create(kind="hubspot", name="Somebody's upload", created_at=NOON)
        ran()
        DataSource.objects.create(kind="hubspot", name="A later upload", created_at=NOON)
    crm = client.get("/api/enterprise/crm").json()["crms"][1]
    assert crm["source"] == "HubSpot 4400123"
    assert crm["fresh_at"] is not None
    assert "Up to date" in shown(client)


def held(name="Salesforce", kind="salesforce"):
    """Records that no sync of ours brought, as the demo company has them."""
    source = DataSource.objects.create(kind=kind, name=name, created_at=NOON)
    Contact.objects.create(source=source, external_id="1", stored_at=NOON, account="A")


def test_records_that_no_sync_brought_are_shown_with_their_age(client, inside):
    with inside():
        held()
    page = shown(client)
    assert "No CRM is connected" not in page
    assert "Deals: 0 · contacts: 1" in page
    assert "Not connected" in page
    assert "Records as of 5 Nov 2026, 12:00" in page
    data = shown(client, "/data/")
    assert "Records as of 5 Nov 2026, 12:00" in data
    assert "Not read yet" not in data
    crm = client.get("/api/enterprise/crm").json()["crms"][0]
    assert (crm["source"], crm["contacts"], crm["fresh_at"]) == ("Salesforce", 1, None)


def test_a_crm_that_is_no_longer_connected_is_not_called_up_to_date(client, inside):
    with inside():
        ran()
    assert "Up to date" not in shown(client)
    assert "Up to date" not in shown(client, "/data/")
    assert "Records as of" in shown(client, "/data/")


def test_syncing_now_leads_to_the_job_and_twice_to_the_same(client, inside):
    with inside():
        connected()
    first = client.post("/data/sync/hubspot/", {"full": "1"})
    second = client.post("/data/sync/hubspot/")
    assert first.status_code == 302
    assert first["Location"].startswith("/jobs/")
    assert first["Location"] == second["Location"]
    with inside():
        assert Job.objects.get().arguments["is_full"] is True
    assert "It is running: look" in shown(client)


@pytest.mark.parametrize("provider", ["salesforce", "meta", "nothing"])
def test_a_crm_that_is_not_connected_or_unknown_is_said(client, provider):
    answer = client.post(f"/data/sync/{provider}/", follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "is not connected" in text or "We can read Salesforce" in text


@pytest.mark.parametrize("before", ["x", "9" * 40, "-1", "१"])
def test_a_bad_place_in_the_log_is_no_fault(client, inside, before):
    with inside():
        ran()
    assert client.get("/data/sync/", {"before": before}).status_code == 200
    answer = client.get("/api/enterprise/crm/syncs", {"before": before})
    assert answer.status_code == 400
    assert answer.json()["code"] == "place_unknown"


def test_the_log_is_paged(client, inside):
    with inside():
        for _place in range(52):
            ran()
    first = client.get("/api/enterprise/crm/syncs").json()
    assert len(first["syncs"]) == 50
    rest = client.get("/api/enterprise/crm/syncs", {"before": first["next"]}).json()
    assert (len(rest["syncs"]), rest["next"]) == (2, None)
    assert f"?before={first['next']}" in shown(client)
    assert client.get("/api/enterprise/crm/syncs", {"provider": "meta"}).status_code == 404
    assert client.get("/api/enterprise/crm/syncs", {"provider": "marketo"}).json()["syncs"] == []


def test_the_api_lists_starts_and_refuses(client, inside):
    states = client.get("/api/enterprise/crm").json()["crms"]
    assert [each["state"] for each in states] == ["not_connected"] * 3
    path, kind = "/api/enterprise/crm/hubspot/sync", {"content_type": "application/json"}
    refused = client.post(path, "{}", **kind)
    assert (refused.status_code, refused.json()["code"]) == (409, "crm_not_connected")
    with inside():
        connection = connected()
    for bad in ("[]", "nope", '{"full": {"a": 1}}'):
        assert client.post(path, bad, **kind).status_code == 400
    started = client.post(path, json.dumps({"full": True}), **kind)
    assert started.status_code == 202
    state = client.get("/api/enterprise/crm").json()["crms"][1]
    assert (state["provider"], state["job"]) == ("hubspot", started.json()["job"])
    with inside():
        connection_needs_sign_in(connection_id=connection.pk, now=clock.now())
    assert client.get("/api/enterprise/crm").json()["crms"][1]["state"] == "needs_sign_in"


def test_a_lost_sign_in_is_asked_for_again(client, inside):
    with inside():
        connection = connected()
        connection_needs_sign_in(connection_id=connection.pk, now=clock.now())
    page = shown(client)
    assert "Needs you to sign in again" in page
    assert "Sync now" not in page
    assert "needs you to sign in" not in shown(client, "/data/")


def test_an_api_error_sentence_is_filled(client, inside):
    with inside():
        ran(
            "failed",
            error_code="x",
            error="%(provider)s could not be reached. We try again.",
            error_params={"provider": "HubSpot"},
        )
    found = client.get("/api/enterprise/crm/syncs").json()["syncs"][0]
    assert found["error"] == "HubSpot could not be reached. We try again."
