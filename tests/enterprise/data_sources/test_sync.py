"""Syncs against the three twins: incremental, resumed, never twice, and whatever may fail."""

import sys
import time
import uuid
from datetime import timedelta

import pytest

from enterprise.data_sources import selectors
from enterprise.data_sources.connectors import READERS, Page, hubspot_search
from enterprise.data_sources.engine.contracts import ContactEntry
from enterprise.data_sources.errors import CrmAnswerOdd, CrmNotConnected, CrmUnknown, SyncTaken
from enterprise.data_sources.models import Contact, DataSource, Deal, Lead, StageChange, SyncRun
from enterprise.data_sources.selectors.sync import crm_of
from enterprise.data_sources.services import sync
from enterprise.data_sources.services.sync_rows import page_store, position_of, run_begin
from enterprise.data_sources.tasks import crm_sync_hourly, crm_sync_on
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.services import connection_disconnect, connection_save
from marketing_platform.connections.tokens import token_connect
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.running import job_run
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from tests.twins_fixtures import load, start

TWINS = {"salesforce": "Salesforce", "hubspot": "Hubspot", "marketo": "Marketo"}
TABLES = {
    "salesforce": {"Contact": Contact, "Opportunity": Deal},
    "hubspot": {"contacts": Contact, "deals": Deal},
    "marketo": {"leads": Lead},
}
LIST = {"salesforce": "/query", "hubspot": "/search", "marketo": "leadchanges"}
CRMS = sorted(TWINS)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


@pytest.fixture(scope="module")
def running():
    made = {}
    for provider, name in TWINS.items():
        sys.modules.pop(provider, None)
        made[provider] = start(getattr(load(provider), name))
    yield made
    for twin in made.values():
        twin.server.shutdown()
        twin.server.server_close()


@pytest.fixture
def twins(running, settings, monkeypatch):
    for twin in running.values():
        twin.twin.reset()
    settings.CONNECTIONS_MODE = "sandbox"
    urls = {provider: twin.url for provider, twin in running.items()}
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, **urls}
    monkeypatch.setattr(sync, "sleep", lambda seconds: None)
    return {provider: twin.twin for provider, twin in running.items()}


def connect(provider):
    known = PROVIDERS[provider]
    fields = {row.name: row.sandbox for row in known.token_fields if row.sandbox}
    return token_connect(provider=known, fields=fields, actor_id=None, now=clock.now())


def run(provider, *, is_full=False, ticket=None, progress=lambda *_told, **_params: None):
    return sync.sync_run(
        provider=provider,
        is_full=is_full,
        ticket=ticket or uuid.uuid4(),
        actor_id=None,
        progress=progress,
    )


def figures(found):
    return found.rows_new, found.rows_changed, found.rows_unchanged


def counts(provider):
    return {name: model.objects.count() for name, model in TABLES[provider].items()}


@pytest.mark.parametrize("provider", CRMS)
def test_the_first_sync_reads_all_and_the_second_only_what_changed(twins, provider):
    connect(provider)
    twin, total = twins[provider], 25 * len(TABLES[provider])
    twin.page_size = 10
    first = run(provider)
    assert (first.state, *figures(first)) == ("done", total, 0, 0)
    assert set(counts(provider).values()) == {25}

    table = next(reversed(TABLES[provider]))
    changed_id, new_id = list(twin.rows[table])[3], twin.id_of(table, 900)
    twin.put(table, changed_id, stage="won")
    twin.put(table, new_id)
    second = run(provider)
    assert second.state == "done"
    assert (second.rows_new, second.rows_changed) == (1, 1)
    # Of the rest only what the overlap asks again.
    assert second.rows_unchanged <= 2
    model = TABLES[provider][table]
    assert "won" in model.objects.get(external_id=changed_id).stage.lower() or provider == "marketo"
    third = run(provider)
    assert (third.rows_new, third.rows_changed) == (0, 0)


@pytest.mark.parametrize("provider", CRMS)
def test_what_is_deleted_there_is_no_longer_used_here(twins, provider):
    connect(provider)
    run(provider)
    table = next(reversed(TABLES[provider]))
    gone = next(iter(twins[provider].rows[table]))
    twins[provider].remove(table, gone)
    run(provider)
    record = TABLES[provider][table].objects.get(external_id=gone)
    assert record.removed_at is not None
    facts = selectors.leads() if provider == "marketo" else selectors.deals()
    assert gone not in {fact.id for fact in facts}
    assert len(facts) == 24


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_deals_carry_money_result_owner_and_their_stages(twins, provider):
    connect(provider)
    twin, table = twins[provider], next(reversed(TABLES[provider]))
    deal_id = list(twin.rows[table])[2]
    made = twin.rows[table][deal_id]["made"]
    twin.put(table, deal_id, at=made + 86_400, stage="proposal")
    twin.put(table, deal_id, at=made + 3 * 86_400, stage="won", amount=123456.78)
    run(provider)
    deal = next(fact for fact in selectors.deals() if fact.id == deal_id)
    assert (deal.amount_paise, deal.is_won, deal.owner) == (12_345_678, True, "Farhan Shaikh")
    assert deal.closed_on is not None
    stays = deal.stage_history
    assert len(stays) == 3
    assert [(stay.left_at - stay.entered_at).days for stay in stays[:2]] == [1, 2]
    assert stays[-1].left_at is None
    open_deal = next(fact for fact in selectors.deals() if fact.id != deal_id)
    assert (open_deal.is_won, open_deal.closed_on) == (None, None)
    # The history grows by one stay, and the one before ends.
    twin.put(table, open_deal.id, stage="lost")
    run(provider)
    again = next(fact for fact in selectors.deals() if fact.id == open_deal.id)
    assert again.is_won is False
    assert [stay.left_at is None for stay in again.stage_history] == [False, True]


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_an_amount_in_another_currency_is_left_out_and_counted(twins, provider):
    connect(provider)
    twin, table = twins[provider], next(reversed(TABLES[provider]))
    if provider == "salesforce":
        twin.faults.set({"many_currencies": True})
    deal_id = next(iter(twin.rows[table]))
    twin.put(table, deal_id, currency="USD")
    done = run(provider)
    assert done.amounts_left_out == 1
    assert Deal.objects.get(external_id=deal_id).amount is None
    assert Deal.objects.filter(amount=None).count() == 1


def test_no_address_of_a_person_is_stored(twins):
    for provider in CRMS:
        connect(provider)
        run(provider)
    hashes = set(Contact.objects.values_list("email_hash", flat=True))
    hashes |= set(Lead.objects.values_list("email_hash", flat=True))
    assert {len(each) for each in hashes} == {64}
    stored = str([*Contact.objects.values(), *Lead.objects.values(), *Deal.objects.values()])
    assert "@" not in stored
    assert "person" not in stored


@pytest.mark.parametrize("provider", CRMS)
@pytest.mark.parametrize(
    "fault", ["fail_before", "reply_lost", "fail_after_apply", "not_json", "wrong_json"]
)
def test_a_passing_fault_delays_and_loses_nothing(twins, provider, fault):
    connect(provider)
    twins[provider].faults.set({fault: 1})
    done = run(provider)
    assert done.state == "done"
    assert set(counts(provider).values()) == {25}


@pytest.mark.parametrize("provider", CRMS)
def test_a_fault_that_stays_ends_the_run_with_its_reason(twins, provider):
    connect(provider)
    run(provider)
    twins[provider].faults.set({"fail_before": True})
    with pytest.raises(ProviderFailure):
        run(provider)
    last = SyncRun.objects.first()
    assert (last.state, last.error != "") == ("failed", True)
    twins[provider].faults.set({"fail_before": 0})
    assert run(provider).state == "done"


@pytest.mark.parametrize("provider", CRMS)
def test_wrong_json_for_ever_is_never_taken_for_an_empty_crm(twins, provider):
    connect(provider)
    run(provider)
    table = next(iter(TABLES[provider]))
    twins[provider].put(table, twins[provider].id_of(table, 901))
    twins[provider].faults.set({"wrong_json": True})
    source = DataSource.objects.get()
    stream = READERS[provider].streams[0].table
    before = position_of(source, stream)
    with pytest.raises(CrmAnswerOdd):
        run(provider)
    assert position_of(source, stream) == before
    assert SyncRun.objects.first().error_code == "crm_answer_odd"
    twins[provider].faults.set({"wrong_json": 0})
    assert run(provider).rows_new == 1


@pytest.mark.parametrize("provider", ["salesforce", "marketo"])
def test_a_token_that_ends_on_the_way_is_renewed_once(twins, provider):
    connect(provider)
    twins[provider].applied.clear()
    twins[provider].faults.set({"expired_token": 1, "only": LIST[provider]})
    assert run(provider).state == "done"
    assert len(twins[provider].applied) == 1
    assert set(counts(provider).values()) == {25}


def test_a_refresh_token_that_rotates_is_kept(twins):
    connect("salesforce")
    for _time in range(2):
        twins["salesforce"].faults.set({"rotate": 1, "expired_token": 1})
        assert run("salesforce").state == "done"
        twins["salesforce"].faults.set({"rotate": 0})


def test_hubspot_with_a_refresh_token_renews_before_a_search_is_asked_again(twins):
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
    twins["hubspot"].faults.set({"expired_token": 1, "only": "/contacts/search"})
    assert run("hubspot").state == "done"
    assert len(twins["hubspot"].applied) == 1


def test_a_private_app_token_that_was_taken_back_asks_for_a_sign_in(twins):
    connection = connect("hubspot")
    run("hubspot")
    twins["hubspot"].tokens = set()
    with pytest.raises(ProviderFailure) as caught:
        run("hubspot")
    assert caught.value.kind == "needs_sign_in"
    assert Connection.objects.get(pk=connection.pk).state == "needs_sign_in"
    assert SyncRun.objects.first().state == "failed"
    with pytest.raises(CrmNotConnected):
        run("hubspot")


def test_a_short_wait_is_waited_and_a_long_one_goes_on_later(twins, enterprise_tenant, monkeypatch):
    connect("hubspot")
    connect("salesforce")
    slept = []
    monkeypatch.setattr(sync, "sleep", slept.append)
    twins["hubspot"].faults.set({"rate_limit": 1})
    for path in ("/details", "/search"):
        twins["hubspot"].faults.set({"rate_limit": 1, "only": path})
        assert run("hubspot").state == "done"
    assert sum(slept) == 14

    twins["salesforce"].faults.set({"rate_limit": 1, "only": "/query"})
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


def test_marketos_daily_limit_waits_an_hour(twins):
    connect("marketo")
    twins["marketo"].faults.set({"daily_limit": 1})
    assert run("marketo").state == "waiting"


def test_marketo_pages_that_hold_nothing_are_not_the_end(twins):
    connect("marketo")
    twins["marketo"].page_size = 10
    twins["marketo"].faults.set({"short_page": 1})
    assert run("marketo").state == "done"
    assert Lead.objects.count() == 25


@pytest.mark.parametrize("provider", CRMS)
def test_a_record_on_two_pages_is_stored_once(twins, provider):
    connect(provider)
    twin = twins[provider]
    twin.page_size = 10
    if provider == "hubspot":
        twin.add("contacts", 300)
    twin.faults.set({"duplicate_page": 1})
    done = run(provider)
    assert twin.faults.values["duplicate_page"] == 0
    assert done.state == "done"
    expected = {name: len(rows) for name, rows in twin.rows.items()}
    assert counts(provider) == expected


def test_salesforce_without_field_history_still_gives_the_stage(twins):
    connect("salesforce")
    twins["salesforce"].faults.set({"no_history": True})
    run("salesforce")
    assert {len(fact.stage_history) for fact in selectors.deals()} == {1}


def test_hubspot_owners_that_may_not_be_read_stay_numbers(twins):
    connect("hubspot")
    twins["hubspot"].faults.set({"no_owners": True})
    run("hubspot")
    assert set(Deal.objects.values_list("owner", flat=True)) == {"0", "1", "2"}


def test_hubspot_tells_more_than_ten_thousand(twins):
    connect("hubspot")
    twins["hubspot"].add("contacts", 10_400)
    begun = time.monotonic()
    done = run("hubspot")
    took = time.monotonic() - begun
    assert done.state == "done"
    assert Contact.objects.count() == 10_425
    assert took < 120


def test_hubspot_with_more_changed_in_one_millisecond_than_a_search_tells(twins, monkeypatch):
    connect("hubspot")
    monkeypatch.setattr(hubspot_search, "MOST_OF_A_SEARCH", 400)
    twins["hubspot"].add("contacts", 1_100, at=1_760_000_000.0)
    twins["hubspot"].put("contacts", "990099", at=1_760_000_001.0)
    assert run("hubspot").state == "done"
    assert Contact.objects.count() == 1_126
    by_id = [ask for ask in twins["hubspot"].asked if len(ask["filterGroups"][0:1]) and any(
        each["propertyName"] == "hs_object_id" for each in ask["filterGroups"][0]["filters"]
    )]  # fmt: skip
    assert by_id


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_a_killed_run_goes_on_from_the_last_stored_page(twins, provider):
    class Killed(BaseException):
        pass

    connect(provider)
    twin, first_table = twins[provider], next(iter(TABLES[provider]))
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


def test_a_run_that_was_given_up_stores_nothing_more(twins):
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


def test_a_full_sync_reads_everything_again(twins):
    connect("salesforce")
    run("salesforce")
    Contact.objects.all()[:1].get().delete()
    assert run("salesforce").rows_new == 0
    again = run("salesforce", is_full=True)
    assert figures(again) == (1, 0, 49)


def test_orders_of_one_crm_are_one_job(twins):
    connect("salesforce")
    now = clock.now()
    first = sync.sync_start(provider="salesforce", actor_id=None, now=now)
    second = sync.sync_start(provider="salesforce", is_full=True, actor_id=None, now=now)
    assert first.pk == second.pk
    job_run(first.pk)
    assert Job.objects.get().state == JobState.DONE
    with pytest.raises(CrmUnknown):
        sync.sync_start(provider="meta", actor_id=None, now=now)
    with pytest.raises(CrmNotConnected):
        sync.sync_start(provider="marketo", actor_id=None, now=now)


def test_disconnecting_in_the_middle_stops_it(twins):
    connection = connect("salesforce")

    def disconnects(*_done, **_params):
        connection_disconnect(connection_id=connection.pk, actor_id=None, now=clock.now())

    with pytest.raises((CrmNotConnected, ProviderFailure)):
        run("salesforce", progress=disconnects)
    assert Deal.objects.count() == 0
    assert SyncRun.objects.get().state == "failed"


def test_another_account_is_another_source(twins):
    connect("hubspot")
    run("hubspot")
    twins["hubspot"].portal = 990_001
    run("hubspot")
    assert sorted(DataSource.objects.values_list("name", flat=True)) == [
        "HubSpot 4400123",
        "HubSpot 990001",
    ]
    assert crm_of("hubspot").source.name == "HubSpot 990001"
    assert Contact.objects.count() == 50


def test_another_workspaces_token_is_never_used(twins, local_tenant):
    connection = connect("salesforce")
    asked = len(twins["salesforce"].asked)
    client = sync.client_for(connection)
    with public_context(), tenant_context(local_tenant):
        with pytest.raises(CrmNotConnected):
            sync.sync_start(provider="salesforce", actor_id=None, now=clock.now())
        with pytest.raises(CrmNotConnected):
            run("salesforce")
        stolen = READERS["salesforce"].streams[0].pages(client, {}, clock.now())
        with pytest.raises(CrossTenantError):
            next(stolen)
    assert len(twins["salesforce"].asked) == asked


def test_stage_changes_are_not_doubled_by_reading_again(twins):
    connect("hubspot")
    run("hubspot")
    before = StageChange.objects.count()
    assert before == 25
    run("hubspot", is_full=True)
    assert StageChange.objects.count() == before
