"""Syncs against the three twins: incremental, upserted, one at a time, and each workspace's own."""

import pytest

from enterprise.data_sources import selectors
from enterprise.data_sources.connectors import READERS
from enterprise.data_sources.errors import CrmNotConnected, CrmUnknown
from enterprise.data_sources.models import Contact, DataSource, Deal, Lead, StageChange, SyncRun
from enterprise.data_sources.selectors.sync import crm_of
from enterprise.data_sources.services import sync
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.services import connection_disconnect
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.running import job_run
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from tests.twins_crm import CRMS, TABLES, connect, counts, figures, run

pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


@pytest.mark.parametrize("provider", CRMS)
def test_the_first_sync_reads_all_and_the_second_only_what_changed(crm_twins, provider):
    connect(provider)
    twin, total = crm_twins[provider], 25 * len(TABLES[provider])
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
def test_what_is_deleted_there_is_no_longer_used_here(crm_twins, provider):
    connect(provider)
    run(provider)
    table = next(reversed(TABLES[provider]))
    gone = next(iter(crm_twins[provider].rows[table]))
    crm_twins[provider].remove(table, gone)
    run(provider)
    record = TABLES[provider][table].objects.get(external_id=gone)
    assert record.removed_at is not None
    facts = selectors.leads() if provider == "marketo" else selectors.deals()
    assert gone not in {fact.id for fact in facts}
    assert len(facts) == 24


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_deals_carry_money_result_owner_and_their_stages(crm_twins, provider):
    connect(provider)
    twin, table = crm_twins[provider], next(reversed(TABLES[provider]))
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
def test_an_amount_in_another_currency_is_left_out_and_counted(crm_twins, provider):
    connect(provider)
    twin, table = crm_twins[provider], next(reversed(TABLES[provider]))
    if provider == "salesforce":
        twin.faults.set({"many_currencies": True})
    deal_id = next(iter(twin.rows[table]))
    twin.put(table, deal_id, currency="USD")
    done = run(provider)
    assert done.amounts_left_out == 1
    assert Deal.objects.get(external_id=deal_id).amount is None
    assert Deal.objects.filter(amount=None).count() == 1


def test_no_address_of_a_person_is_stored(crm_twins):
    for provider in CRMS:
        connect(provider)
        run(provider)
    hashes = set(Contact.objects.values_list("email_hash", flat=True))
    hashes |= set(Lead.objects.values_list("email_hash", flat=True))
    assert {len(each) for each in hashes} == {64}
    stored = str([*Contact.objects.values(), *Lead.objects.values(), *Deal.objects.values()])
    assert "@" not in stored
    assert "person" not in stored


def test_a_full_sync_reads_everything_again(crm_twins):
    connect("salesforce")
    run("salesforce")
    Contact.objects.all()[:1].get().delete()
    assert run("salesforce").rows_new == 0
    again = run("salesforce", is_full=True)
    assert figures(again) == (1, 0, 49)


def test_orders_of_one_crm_are_one_job(crm_twins):
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


def test_disconnecting_in_the_middle_stops_it(crm_twins):
    connection = connect("salesforce")

    def disconnects(*_done, **_params):
        connection_disconnect(connection_id=connection.pk, actor_id=None, now=clock.now())

    with pytest.raises((CrmNotConnected, ProviderFailure)):
        run("salesforce", progress=disconnects)
    assert Deal.objects.count() == 0
    assert SyncRun.objects.get().state == "failed"


def test_another_account_is_another_source(crm_twins):
    connect("hubspot")
    run("hubspot")
    crm_twins["hubspot"].portal = 990_001
    run("hubspot")
    assert sorted(DataSource.objects.values_list("name", flat=True)) == [
        "HubSpot 4400123",
        "HubSpot 990001",
    ]
    assert crm_of("hubspot").source.name == "HubSpot 990001"
    assert Contact.objects.count() == 50


def test_another_workspaces_token_is_never_used(crm_twins, local_tenant):
    connection = connect("salesforce")
    asked = len(crm_twins["salesforce"].asked)
    client = sync.client_for(connection)
    with public_context(), tenant_context(local_tenant):
        with pytest.raises(CrmNotConnected):
            sync.sync_start(provider="salesforce", actor_id=None, now=clock.now())
        with pytest.raises(CrmNotConnected):
            run("salesforce")
        stolen = READERS["salesforce"].streams[0].pages(client, {}, clock.now())
        with pytest.raises(CrossTenantError):
            next(stolen)
    assert len(crm_twins["salesforce"].asked) == asked


def test_stage_changes_are_not_doubled_by_reading_again(crm_twins):
    connect("hubspot")
    run("hubspot")
    before = StageChange.objects.count()
    assert before == 25
    run("hubspot", is_full=True)
    assert StageChange.objects.count() == before
