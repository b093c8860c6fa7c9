"""What happens at the CRM while it is read, and records as no one expects them."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from enterprise.data_sources import selectors
from enterprise.data_sources.connectors import contracts, salesforce
from enterprise.data_sources.models import Contact, Deal, Lead
from marketing_platform.core import clock
from tests.twins_crm import TABLES, connect, counts, run

pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def test_hubspot_records_that_change_while_they_are_read_push_no_other_one_out(crm_twins):
    """One read already and changed now moves to the end: those behind it move up by one."""
    connect("hubspot")
    twin = crm_twins["hubspot"]
    twin.add("contacts", 700)
    told = []

    def progress(*_done, **_params):
        told.append(1)
        if len(told) <= 3:
            for number in range(5):
                twin.put("contacts", twin.id_of("contacts", len(told) * 5 + number), state="Goa")

    assert run("hubspot", progress=progress).state == "done"
    assert counts("hubspot")["contacts"] == 725


@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_a_record_from_the_future_does_not_hide_what_changes_until_then(crm_twins, provider):
    connect(provider)
    twin, table = crm_twins[provider], next(iter(TABLES[provider]))
    twin.put(table, twin.id_of(table, 800), at=time.time() + 400 * 86_400)
    run(provider)
    twin.put(table, twin.id_of(table, 801))
    assert run(provider).rows_new == 1


@pytest.mark.parametrize("minutes", [-45, 45])
def test_marketos_clock_counts_and_not_ours(crm_twins, monkeypatch, minutes):
    connect("marketo")
    twin = crm_twins["marketo"]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=minutes))
    run("marketo")
    twin.put("leads", twin.id_of("leads", 900))
    assert run("marketo").rows_new == 1
    twin.put("leads", twin.id_of("leads", 901), at=time.time() + 60)
    assert run("marketo").rows_new == 1
    assert Lead.objects.count() == 27


@pytest.mark.parametrize("provider", sorted(TABLES))
def test_a_change_at_the_very_moment_where_a_page_ended_is_read(crm_twins, provider):
    connect(provider)
    twin, table = crm_twins[provider], next(reversed(TABLES[provider]))
    twin.page_size = 5
    run(provider)
    edge = max(row["at"] for row in twin.rows[table].values())
    for number in range(700, 712):
        twin.put(table, twin.id_of(table, number), at=edge)
    assert run(provider).rows_new == 12


def test_without_field_history_no_time_in_a_stage_is_claimed(crm_twins):
    connect("salesforce")
    twin = crm_twins["salesforce"]
    deal_id = next(iter(twin.rows["Opportunity"]))
    made = twin.rows["Opportunity"][deal_id]["made"]
    twin.put("Opportunity", deal_id, at=made + 90 * 86_400, stage="won")
    twin.faults.set({"no_history": True})
    run("salesforce")
    deals = {fact.id: fact for fact in selectors.deals()}
    assert deals[deal_id].stage == "Closed Won"
    assert {fact.stage_history for fact in deals.values()} == {()}


def test_a_closed_deal_whose_changes_were_not_tracked_has_no_history(crm_twins, monkeypatch):
    monkeypatch.setattr(type(crm_twins["salesforce"]), "_history", lambda self, where: [])
    connect("salesforce")
    twin = crm_twins["salesforce"]
    deal_id = next(iter(twin.rows["Opportunity"]))
    twin.put("Opportunity", deal_id, stage="lost")
    run("salesforce")
    deals = {fact.id: fact for fact in selectors.deals()}
    assert deals.pop(deal_id).stage_history == ()
    assert {len(fact.stage_history) for fact in deals.values()} == {1}


def test_changes_of_a_stage_may_come_in_any_order(crm_twins):
    connect("salesforce")
    twin = crm_twins["salesforce"]
    deal_id = next(iter(twin.rows["Opportunity"]))
    made = twin.rows["Opportunity"][deal_id]["made"]
    for day, stage in ((3, "proposal"), (9, "won")):
        twin.put("Opportunity", deal_id, at=made + day * 86_400, stage=stage)
    stays = salesforce._stays(
        "006",
        "Closed Won",
        True,
        datetime.fromtimestamp(made, UTC),
        list(reversed(twin._history(f"Field = 'StageName' AND OpportunityId IN ('{deal_id}')"))),
    )
    assert [(stay.left_at - stay.entered_at).days for stay in stays[:2]] == [3, 6]


def test_a_deal_merged_into_another_is_gone_here_too(crm_twins):
    connect("hubspot")
    run("hubspot")
    twin = crm_twins["hubspot"]
    winner, loser = list(twin.rows["deals"])[:2]
    twin.merge("deals", winner, loser)
    run("hubspot")
    assert loser not in {fact.id for fact in selectors.deals()}
    assert Deal.objects.get(external_id=loser).removed_at is not None
    assert run("hubspot").rows_changed == 0


@pytest.mark.parametrize(
    "amount", [-5_000, 0, None, "", "12,5", "NaN", "1e400", "9" * 40, True, [1], {"a": 1}]
)
@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_an_odd_amount_stops_no_sync(crm_twins, provider, amount):
    connect(provider)
    twin, table = crm_twins[provider], next(reversed(TABLES[provider]))
    deal_id = next(iter(twin.rows[table]))
    twin.put(table, deal_id, amount=amount)
    assert run(provider).state == "done"
    kept = {-5_000: -500_000, 0: 0}.get(amount) if isinstance(amount, int) else None
    assert Deal.objects.get(external_id=deal_id).amount == (None if amount is True else kept)


@pytest.mark.parametrize("currency", ["", None])
@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_an_amount_without_a_currency_is_read_as_rupees(crm_twins, provider, currency):
    connect(provider)
    twin, table = crm_twins[provider], next(reversed(TABLES[provider]))
    twin.faults.set({"many_currencies": True} if provider == "salesforce" else {})
    twin.currency = None
    for deal_id in twin.rows[table]:
        twin.put(table, deal_id, currency=currency)
    done = run(provider)
    assert done.amounts_left_out == 0
    assert not Deal.objects.filter(amount=None).exists()


@pytest.mark.parametrize("account", ["half \ud83d sign", "nul \x00", "x" * 5_000, "‮", "\n"])
@pytest.mark.parametrize("provider", ["salesforce", "hubspot"])
def test_odd_text_stops_no_sync(crm_twins, provider, account):
    connect(provider)
    twin, table = crm_twins[provider], next(iter(TABLES[provider]))
    twin.put(table, twin.id_of(table, 3), account=account, email=account + "@x.example")
    assert run(provider).state == "done"
    assert Contact.objects.count() == 25


@pytest.mark.parametrize(
    "found",
    ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 253_402_300_799_000, "253402300799000", -1,
     10**30, "9" * 40, {"a": 1}],
)  # fmt: skip
def test_a_moment_out_of_range_is_none(found):
    assert contracts.moment_of(found) is None
    assert contracts.day_of(found) is None


def test_a_record_with_a_date_out_of_range_is_left_out_and_counted(crm_twins):
    connect("hubspot")
    twin = crm_twins["hubspot"]
    twin.rows["deals"][next(iter(twin.rows["deals"]))]["made"] = 253_402_300_700
    assert run("hubspot").rows_unreadable == 1
    assert counts("hubspot") == {"contacts": 25, "deals": 24}


def test_a_cursor_never_runs_ahead_of_now():
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    later = now + timedelta(days=9)
    assert contracts.reached([now, later, None], {}, now) == {"reached": contracts.stamp(now)}
    assert contracts.reached([], {"reached": contracts.stamp(later)}, now) == {
        "reached": contracts.stamp(now)
    }
    assert contracts.reached([None], {}, now) == {}
