"""Deals and leads by their id: upserted, taken back, and left out when the source says so."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from enterprise.data_sources import selectors, services
from enterprise.data_sources.engine.contracts import (
    ContactEntry,
    DealEntry,
    LeadRecordEntry,
    StageEntry,
)
from enterprise.data_sources.errors import AlreadyImported, LaterImportFirst
from enterprise.data_sources.models import (
    Contact,
    DataSource,
    Deal,
    Lead,
    ReplacedRecord,
    StageChange,
)
from enterprise.data_sources.services.mappings import mapping_loaded
from marketing_platform.tiers import quotas
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QuotaReached

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
HEAD = "Deal ID,Account,Amount,Stage,Entered at,Created,Close date,Won,Source,Owner\n"
FIRST = (
    HEAD + "D1,Asha Steel,1000,New,2026-01-05,2026-01-05,,,Referral,Ravi\n"
    "D2,Beta,2000,New,2026-01-06,2026-01-06,,,Referral,Ravi\n"
)
SECOND = (
    HEAD + "D1,Asha Steel,1500,Won,2026-03-01,2026-01-05,2026-03-01,yes,Referral,Ravi\n"
    "D2,Beta,2000,New,2026-01-06,2026-01-06,,,Referral,Ravi\n"
    "D3,Gamma,10,New,2026-03-02,2026-03-02,,,Referral,Ravi\n"
)
pytestmark = pytest.mark.usefixtures("in_enterprise_workspace")


def take_in(text, name="deals.csv"):
    draft = services.draft_create(content=text.encode(), file_name=name, actor_id=None, now=NOW)
    return services.draft_import(draft=draft, good_rows_only=False, may_replace=False, now=NOW)


def facts():
    return {deal.id: deal for deal in selectors.deals()}


def test_deals_of_a_file_become_facts_with_history():
    take_in(FIRST)
    deal = facts()["D1"]
    assert (deal.account, deal.amount_paise, deal.is_won) == ("Asha Steel", 100_000, None)
    assert [stay.stage for stay in deal.stage_history] == ["New"]
    assert deal.system == "Deals"


def test_a_second_file_updates_by_id_and_says_how_many():
    take_in(FIRST)
    preview = services.draft_preview(
        draft=services.draft_create(
            content=SECOND.encode(), file_name="b.csv", actor_id=None, now=NOW
        )
    )
    assert (preview.updates, preview.replaces) == (2, 0)
    batch = take_in(SECOND)
    assert (batch.rows_imported, batch.rows_replaced) == (3, 1)
    deal = facts()["D1"]
    assert (deal.amount_paise, deal.is_won, deal.closed_on) == (150_000, True, date(2026, 3, 1))
    assert [stay.stage for stay in deal.stage_history] == ["New", "Won"]
    assert Deal.objects.count() == 3


def test_undoing_brings_back_every_value_and_the_history():
    take_in(FIRST)
    before, hash_before = facts(), selectors.rows_hash(["deals"])
    second = take_in(SECOND)
    assert selectors.rows_hash(["deals"]) != hash_before
    services.batch_undo(batch=second, now=NOW)
    assert facts() == before
    assert selectors.rows_hash(["deals"]) == hash_before
    assert ReplacedRecord.objects.count() == 0


def test_the_earlier_import_cannot_be_undone_below_the_later_one():
    first, second = take_in(FIRST), take_in(SECOND)
    with pytest.raises(LaterImportFirst):
        services.batch_undo(batch=first, now=NOW)
    assert len(facts()) == 3
    services.batch_undo(batch=second, now=NOW)
    services.batch_undo(batch=first, now=NOW)
    assert (Deal.objects.count(), StageChange.objects.count()) == (0, 0)


def test_the_same_file_of_deals_is_in_already():
    take_in(FIRST)
    with pytest.raises(AlreadyImported):
        take_in(FIRST)


@pytest.fixture
def crm(in_enterprise_workspace):
    return DataSource.objects.create(kind="hubspot", name="HubSpot", created_at=NOW)


def store(crm, *entries):
    return services.records_store(source=crm, entries=entries, batch=None, now=NOW)


def test_a_page_of_records_is_stored_once(crm):
    entry = DealEntry("9", date(2026, 1, 5), amount_paise=5, updated_at_remote=NOW)
    assert store(crm, entry, entry) == services.Upserted(new=1)
    assert store(crm, entry) == services.Upserted(unchanged=1)


def test_an_older_version_of_a_record_changes_nothing(crm):
    newer = DealEntry("9", date(2026, 1, 5), stage="Won", updated_at_remote=NOW)
    older = DealEntry(
        "9", date(2026, 1, 5), stage="New", updated_at_remote=NOW - timedelta(hours=1)
    )
    store(crm, newer)
    assert store(crm, older) == services.Upserted(unchanged=1)
    assert facts()["9"].stage == "Won"


def test_a_removed_record_is_no_fact_and_can_come_back(crm):
    lead = LeadRecordEntry("L", date(2026, 1, 5), stage="New")
    store(crm, lead)
    gone = LeadRecordEntry("L", date(2026, 1, 5), stage="New", is_removed=True)
    assert store(crm, gone) == services.Upserted(changed=1)
    assert selectors.leads() == ()
    store(crm, lead)
    assert [fact.id for fact in selectors.leads()] == ["L"]
    assert Lead.objects.get().removed_at is None


def test_the_same_id_in_two_systems_is_two_records(crm):
    take_in(FIRST)
    store(crm, DealEntry("D1", date(2026, 1, 5)))
    assert {deal.system for deal in selectors.deals() if deal.id == "D1"} == {"Deals", "HubSpot"}


def test_a_named_stage_change_is_updated_by_its_name(crm):
    entered = datetime(2026, 1, 5, tzinfo=UTC)
    stay = StageEntry("New", entered, None, "change-1")
    store(crm, DealEntry("9", date(2026, 1, 5), history=(stay,)))
    left = StageEntry("New", entered, NOW, "change-1")
    assert store(crm, DealEntry("9", date(2026, 1, 5), history=(left,))).changed == 1
    assert StageChange.objects.get().left_at == NOW


def test_contacts_are_kept_without_names(crm):
    contact = ContactEntry("C1", None, account="Beta", region="Goa", email_hash="a" * 64)
    assert store(crm, contact) == services.Upserted(new=1)
    (fact,) = selectors.contacts()
    assert (fact.account, fact.region, fact.system) == ("Beta", "Goa", "HubSpot")


def test_columns_are_remembered_for_the_same_headings():
    text = "Ref,Grand value,Since\nD1,5,2026-01-05\n"
    draft = services.draft_create(content=text.encode(), file_name="a.csv", actor_id=None, now=NOW)
    from enterprise.data_sources.engine.contracts import DateOrder, FileKind, Role

    services.draft_map(
        draft=draft, kind=FileKind.DEALS, roles=(), date_order=DateOrder.UNKNOWN, source_name=""
    )
    services.draft_map(
        draft=draft,
        kind=FileKind.DEALS,
        roles=(Role.ID, Role.AMOUNT, Role.DATE),
        date_order=DateOrder.DAY_FIRST,
        source_name="ERP",
    )
    services.draft_import(draft=draft, good_rows_only=False, may_replace=False, now=NOW)
    again = services.draft_create(
        content=text.replace("D1,5", "D2,7").encode(), file_name="b.csv", actor_id=None, now=NOW
    )
    preview = services.draft_preview(draft=again)
    assert (preview.mapping.kind, preview.source_name) == (FileKind.DEALS, "ERP")
    assert preview.parsed.entries[0].amount_paise == 700
    assert again.mapping["is_remembered"] is True


# --- what the plan holds


@pytest.fixture
def allowed(monkeypatch):
    def limit(**limits):
        answer = Entitlements("full", limits)
        monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: answer)

    return limit


def people(*numbers):
    return [ContactEntry(number, None, account="Beta", email_hash="a" * 64) for number in numbers]


def test_people_beyond_the_plan_are_refused_before_one_is_stored(crm, allowed):
    allowed(contacts=3)
    services.records_store(source=crm, entries=people("C1", "C2"), batch=None, now=NOW)
    lots = people("C1", "C2", "C3", "C4")
    with pytest.raises(QuotaReached) as refused, transaction.atomic():
        services.records_store(source=crm, entries=lots, batch=None, now=NOW)
    assert refused.value.params == {"limit": "3", "used": "2", "more": "2"}
    assert Contact.objects.count() == 2
    # Whoever is known needs no room, and a sync goes on where it stopped once there is some.
    services.records_store(source=crm, entries=people("C1", "C2", "C3"), batch=None, now=NOW)
    allowed(contacts=4)
    services.records_store(source=crm, entries=lots, batch=None, now=NOW)
    assert Contact.objects.count() == 4


def test_a_file_of_leads_beyond_the_plan_changes_nothing(allowed):
    allowed(contacts=1)
    head = "Lead ID,Created,Source,Stage,Entered at,Left at,Email\n"
    text = head + "L1,2026-01-05,,New,2026-01-05,,\nL2,2026-01-06,,New,2026-01-06,,\n"
    with pytest.raises(QuotaReached, match="0 are stored and 2 would be added"):
        take_in(text, "leads.csv")
    assert (Lead.objects.count(), DataSource.objects.count()) == (0, 0)


def test_a_source_too_many_is_refused_and_the_known_ones_go_on(allowed):
    allowed(data_sources=1)
    take_in(FIRST)
    take_in(SECOND)
    other = services.draft_create(
        content=FIRST.replace("D1", "D9").encode(), file_name="other.csv", actor_id=None, now=NOW
    )
    mapping = mapping_loaded(other.mapping)[0]
    services.draft_map(
        draft=other,
        kind=mapping.kind,
        roles=mapping.roles,
        date_order=mapping.date_order,
        source_name="Another",
    )
    with pytest.raises(QuotaReached, match="for 1 data sources, and 1 are there"):
        services.draft_import(draft=other, good_rows_only=False, may_replace=False, now=NOW)
    assert DataSource.objects.get().name == "Deals"
