"""Whatever may fail in a sync: it is waited out, logged or resumed, and nothing is lost."""

import time
import uuid
from datetime import timedelta

import pytest

from enterprise.data_sources import selectors
from enterprise.data_sources.connectors import READERS, Page, hubspot_search
from enterprise.data_sources.engine.contracts import ContactEntry
from enterprise.data_sources.errors import CrmAnswerOdd, CrmNotConnected, SyncTaken
from enterprise.data_sources.models import Contact, DataSource, Deal, Lead, SyncRun
from enterprise.data_sources.services import sync
from enterprise.data_sources.services.sync_rows import page_store, position_of, run_begin
from enterprise.data_sources.tasks import crm_sync_hourly, crm_sync_on
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection
from marketing_platform.connections.services import connection_save
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.running import job_run
from marketing_platform.schedule.models import DueWork
from tests.twins_crm import CRMS, LIST, TABLES, connect, counts, run

pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


@pytest.mark.parametrize("provider", CRMS)
@pytest.mark.parametrize(
    "fault", ["fail_before", "reply_lost", "fail_after_apply", "not_json", "wrong_json"]
)
def test_a_passing_fault_delays_and_loses_nothing(crm_twins, provider, fault):
    connect(provider)
    crm_twins[provider].faults.set({fault: 1})
    done = run(provider)
    assert done.state == "done"
    assert set(counts(provider).values()) == {25}


@pytest.mark.parametrize("provider", CRMS)
def test_a_fault_that_stays_ends_the_run_with_its_reason(crm_twins, provider):
    connect(provider)
    run(provider)
    crm_twins[provider].faults.set({"fail_before": True})
    with pytest.raises(ProviderFailure):
        run(provider)
    last = SyncRun.objects.first()
    assert (last.state, last.error != "") == ("failed", True)
    crm_twins[provider].faults.set({"fail_before": 0})
    assert run(provider).state == "done"


@pytest.mark.parametrize("provider", CRMS)
def test_wrong_json_for_ever_is_never_taken_for_an_empty_crm(crm_twins, provider):
    connect(provider)
    run(provider)
    table = next(iter(TABLES[provider]))
    crm_twins[provider].put(table, crm_twins[provider].id_of(table, 901))
    crm_twins[provider].faults.set({"wrong_json": True})
    source = DataSource.objects.get()
    stream = READERS[provider].streams[0].table
    before = position_of(source, stream)
    with pytest.raises(CrmAnswerOdd):
        run(provider)
    assert position_of(source, stream) == before
    assert SyncRun.objects.first().error_code == "crm_answer_odd"
    crm_twins[provider].faults.set({"wrong_json": 0})
    assert run(provider).rows_new == 1


@pytest.mark.parametrize("provider", ["salesforce", "marketo"])
def test_a_token_that_ends_on_the_way_is_renewed_once(crm_twins, provider):
    connect(provider)
    crm_twins[provider].applied.clear()
    crm_twins[provider].faults.set({"expired_token": 1, "only": LIST[provider]})
    assert run(provider).state == "done"
    assert len(crm_twins[provider].applied) == 1
    assert set(counts(provider).values()) == {25}


def test_a_refresh_token_that_rotates_is_kept(crm_twins):
    connect("salesforce")
    for _time in range(2):
        crm_twins["salesforce"].faults.set({"rotate": 1, "expired_token": 1})
        assert run("salesforce").state == "done"
        crm_twins["salesforce"].faults.set({"rotate": 0})


def test_hubspot_with_a_refresh_token_renews_before_a_search_is_asked_again(crm_twins):
    connection = connect("hubspot")
    connection_save(
        provider="hubspot",
        account_id=connection.account_id,
        account_name="HubSpot",
        credentials={
            "access_token": "hubspot-token-1",
            "refresh_token": "hubspot-refresh-1",
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
        },
        details={},
        actor_id=None,
        now=clock.now(),
    )
    crm_twins["hubspot"].faults.set({"expired_token": 1, "only": "/contacts/search"})
    assert run("hubspot").state == "done"
    assert len(crm_twins["hubspot"].applied) == 1


def test_a_private_app_token_that_was_taken_back_asks_for_a_sign_in(crm_twins):
    connection = connect("hubspot")
    run("hubspot")
    crm_twins["hubspot"].tokens = set()
    with pytest.raises(ProviderFailure) as caught:
        run("hubspot")
    assert caught.value.kind == "needs_sign_in"
    assert Connection.objects.get(pk=connection.pk).state == "needs_sign_in"
    assert SyncRun.objects.first().state == "failed"
    with pytest.raises(CrmNotConnected):
        run("hubspot")


def test_a_short_wait_is_waited_and_a_long_one_goes_on_later(
    crm_twins, enterprise_tenant, monkeypatch
):
    connect("hubspot")
    connect("salesforce")
    slept = []
    monkeypatch.setattr(sync, "sleep", slept.append)
    crm_twins["hubspot"].faults.set({"rate_limit": 1})
    for path in ("/details", "/search"):
        crm_twins["hubspot"].faults.set({"rate_limit": 1, "only": path})
        assert run("hubspot").state == "done"
    assert sum(slept) == 14

    crm_twins["salesforce"].faults.set({"rate_limit": 1, "only": "/query"})
    waiting = run("salesforce")
    assert waiting.state == "waiting"
    assert waiting.goes_on_at > clock.now() + timedelta(minutes=50)
    work = DueWork.objects.get(task=sync.GO_ON)
    assert work.arguments == {"provider": "salesforce"}
    crm_sync_hourly(enterprise_tenant)
    assert set(Job.objects.values_list("key", flat=True)) == {"hubspot"}
    crm_sync_on(enterprise_tenant, provider="salesforce")
    job = Job.objects.get(key="salesforce")
    job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["url"]) == (JobState.DONE, "/data/sync/")
    assert SyncRun.objects.first().state == "done"


def test_marketos_daily_limit_waits_an_hour(crm_twins):
    connect("marketo")
    crm_twins["marketo"].faults.set({"daily_limit": 1})
    assert run("marketo").state == "waiting"


def test_marketo_pages_that_hold_nothing_are_not_the_end(crm_twins):
    connect("marketo")
    crm_twins["marketo"].page_size = 10
    crm_twins["marketo"].faults.set({"short_page": 1})
    assert run("marketo").state == "done"
    assert Lead.objects.count() == 25


@pytest.mark.parametrize("provider", CRMS)
def test_a_record_on_two_pages_is_stored_once(crm_twins, provider):
    connect(provider)
    twin = crm_twins[provider]
    twin.page_size = 10
    if provider == "hubspot":
        twin.add("contacts", 300)
    twin.faults.set({"duplicate_page": 1})
    done = run(provider)
    assert twin.faults.values["duplicate_page"] == 0
    assert done.state == "done"
    expected = {name: len(rows) for name, rows in twin.rows.items()}
    assert counts(provider) == expected


def test_salesforce_without_field_history_still_gives_the_stage(crm_twins):
    connect("salesforce")
    crm_twins["salesforce"].faults.set({"no_history": True})
    run("salesforce")
    assert {fact.stage for fact in selectors.deals()} == {"Prospecting"}


def test_hubspot_owners_that_may_not_be_read_stay_numbers(crm_twins):
    connect("hubspot")
    crm_twins["hubspot"].faults.set({"no_owners": True})
    run("hubspot")
    assert set(Deal.objects.values_list("owner", flat=True)) == {"0", "1", "2"}


@pytest.mark.slow
def test_hubspot_tells_more_than_ten_thousand(crm_twins):
    connect("hubspot")
    crm_twins["hubspot"].add("contacts", 10_400)
    begun = time.monotonic()
    done = run("hubspot")
    took = time.monotonic() - begun
    assert done.state == "done"
    assert Contact.objects.count() == 10_425
    assert took < 120


def test_hubspot_with_more_changed_in_one_millisecond_than_a_search_tells(crm_twins, monkeypatch):
    connect("hubspot")
    monkeypatch.setattr(hubspot_search, "PAGE", 100)
    crm_twins["hubspot"].add("contacts", 1_100, at=1_760_000_000.0)
    crm_twins["hubspot"].put("contacts", "990099", at=1_760_000_001.0)
    assert run("hubspot").state == "done"
    assert Contact.objects.count() == 1_126
    by_id = [ask for ask in crm_twins["hubspot"].asked if len(ask["filterGroups"][0:1]) and any(
        each["propertyName"] == "hs_object_id" for each in ask["filterGroups"][0]["filters"]
    )]  # fmt: skip
    assert by_id


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_a_killed_run_goes_on_from_the_last_stored_page(crm_twins, provider):
    class Killed(BaseException):
        pass

    connect(provider)
    twin, first_table = crm_twins[provider], next(iter(TABLES[provider]))
    twin.page_size = 10
    twin.add(first_table, 600)
    ticket, told = uuid.uuid4(), []

    def killed(*_done, **_params):
        told.append(1)
        if len(told) == 2:
            raise Killed

    with pytest.raises(Killed):
        run(provider, is_full=True, ticket=ticket, progress=killed)
    stored = Contact.objects.count()
    assert 0 < stored < 625
    # Another order is refused while that one may be alive; the same order goes on.
    with pytest.raises(SyncTaken):
        run(provider)
    twin.asked.clear()
    again = run(provider, is_full=True, ticket=ticket)
    assert again.state == "done"
    assert counts(provider)[first_table] == 625
    assert again.rows_new == 625 - stored + 25
    asked = twin.asked[0]
    assert "WHERE SystemModstamp >=" in asked if provider == "salesforce" else asked["filterGroups"]
    states = SyncRun.objects.values_list("state", "error_code")
    assert list(states) == [("done", ""), ("failed", "crm_sync_lost")]


def test_a_run_that_was_given_up_stores_nothing_more(crm_twins):
    connect("salesforce")
    run("salesforce")
    source, ticket = DataSource.objects.get(), uuid.uuid4()
    now = clock.now()
    lost = run_begin(source=source, is_full=False, ticket=ticket, actor_id=None, now=now)
    heir = run_begin(source=source, is_full=False, ticket=ticket, actor_id=None, now=now)
    page = Page((ContactEntry("zombie", None),), {"reached": "2030-01-01T00:00:00.000Z"})
    with pytest.raises(SyncTaken):
        page_store(lost, "contact", page, now=now)
    assert not Contact.objects.filter(external_id="zombie").exists()
    assert "2030" not in str(position_of(source, "contact"))
    page_store(heir, "contact", page, now=now)
    assert Contact.objects.filter(external_id="zombie").exists()
