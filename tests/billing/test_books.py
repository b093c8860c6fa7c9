"""The books in PostgreSQL: what is written stays, and what does not balance is never written."""

from contextlib import nullcontext
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from billing.engine import ledger
from billing.errors import (
    AdjustmentRefused,
    CauseDiffers,
    NothingToSettle,
    SettledTooMuch,
    TakenBackTooMuch,
)
from billing.models import JournalEntry, JournalLine
from billing.selectors.ledger import balance_of, entries_of, trial_balance
from billing.services.ledger import adjustment_post, journal_post
from billing.services.settling import settle
from marketing_platform.tenants.context import tenant_context
from tests.rows import billing as rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)
NOBODY = "00000000-0000-0000-0000-000000000001"


def post(tenant, cause="payment:1", paise=118):
    return journal_post(
        kind="payment",
        cause=cause,
        narration="Payment",
        postings=ledger.payment_received(paise),
        on=DAY,
        now=NOW,
        tenant=tenant,
    )


def committed():
    """What PostgreSQL looks at when a transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_same_cause_is_posted_once(local_tenant):
    assert post(local_tenant).pk == post(local_tenant).pk
    committed()
    assert balance_of(local_tenant) == -118
    assert [entry.cause for entry in entries_of(local_tenant)] == ["payment:1"]
    assert sum(row.amount_paise for row in trial_balance()) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_journalline SET amount_paise = amount_paise + 1",
        "UPDATE billing_journalentry SET narration = 'x'",
        "DELETE FROM billing_journalline",
        "TRUNCATE billing_journalline",
        "UPDATE billing_taxdocument SET total_paise = 1",
        "DELETE FROM billing_settlement",
        "UPDATE billing_planversion SET monthly_paise = 1",
    ],
)
def test_what_is_written_stays(local_tenant, statement):
    post(local_tenant)
    rows.document(local_tenant)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert JournalLine.objects.filter(entry__cause="payment:1").count() == 2


@pytest.mark.parametrize("amounts", [(100, -99), (100,), ()])
def test_what_does_not_balance_is_not_committed(local_tenant, amounts):
    facts = {"kind": "payment", "posted_on": DAY, "created_at": NOW, "narration": "x"}
    with pytest.raises(DatabaseError), transaction.atomic():
        entry = JournalEntry.objects.create(tenant=local_tenant, cause="odd", **facts)
        for amount in amounts:
            JournalLine.objects.create(
                tenant=local_tenant, entry=entry, account="bank", amount_paise=amount
            )
        committed()


def test_a_line_of_another_workspace_is_not_committed(local_tenant, enterprise_tenant):
    facts = {"kind": "payment", "posted_on": DAY, "created_at": NOW, "narration": "x"}
    with pytest.raises(DatabaseError), transaction.atomic():
        entry = JournalEntry.objects.create(tenant=local_tenant, cause="odd", **facts)
        for tenant, amount in ((local_tenant, 5), (enterprise_tenant, -5)):
            JournalLine.objects.create(
                tenant=tenant, entry=entry, account="bank", amount_paise=amount
            )
        committed()


def test_an_adjustment_needs_a_reason_and_an_amount(local_tenant):
    facts = {"tenant": local_tenant, "actor_id": NOBODY, "key": "1", "now": NOW}
    for amount, reason in ((500, " "), (0, "Goodwill"), (200_000_000_00, "Goodwill")):
        with pytest.raises(AdjustmentRefused):
            adjustment_post(amount_paise=amount, reason=reason, **facts)
    for _again in range(2):
        adjustment_post(amount_paise=-500, reason="Goodwill", **facts)
    committed()
    assert balance_of(local_tenant) == -500


def test_a_document_is_settled_to_its_last_paisa_and_no_further(local_tenant):
    document = rows.document(local_tenant)
    facts = {"document": document, "on": DAY, "now": NOW}
    for _again in range(2):
        settle(amount_paise=100, by="tds", cause="tds:1", **facts)
    with pytest.raises(SettledTooMuch):
        settle(amount_paise=19, by="write_off", cause="w:1", reason="Small", **facts)
    settle(amount_paise=18, by="write_off", cause="w:2", reason="Small", **facts)
    with pytest.raises(TakenBackTooMuch, match=r"only ₹1.18 is settled"):
        settle(amount_paise=-119, by="write_off", cause="w:3", reason="Wrong", **facts)
    committed()
    # Both moved the customer's account; the document itself was not posted here.
    assert balance_of(local_tenant) == -118


def test_one_cause_with_two_amounts_is_an_error(local_tenant, enterprise_tenant):
    post(local_tenant)
    with pytest.raises(CauseDiffers, match="payment:1"):
        post(local_tenant, paise=119)
    with pytest.raises(CauseDiffers):
        post(enterprise_tenant)
    with pytest.raises(CauseDiffers):
        post(local_tenant, paise=0)
    assert balance_of(local_tenant) == -118


def test_what_moves_nothing_is_no_entry(local_tenant):
    assert post(local_tenant, paise=0) is None
    committed()
    assert not entries_of(local_tenant).exists()


def test_one_cause_settles_by_one_amount(local_tenant):
    document = rows.document(local_tenant)
    facts = {"document": document, "on": DAY, "now": NOW, "cause": "tds:1"}
    settle(amount_paise=100, by="tds", **facts)
    with pytest.raises(CauseDiffers):
        settle(amount_paise=10, by="tds", **facts)
    with pytest.raises(CauseDiffers):
        settle(amount_paise=100, by="transfer", **facts)
    with pytest.raises(NothingToSettle):
        settle(amount_paise=0, by="tds", **facts | {"cause": "tds:2"})
    assert balance_of(local_tenant) == -100


def test_a_workspace_sees_its_entries_and_the_books_stay_whole(local_tenant, enterprise_tenant):
    post(local_tenant)
    post(enterprise_tenant, cause="payment:2", paise=500)
    with tenant_context(local_tenant):
        assert [row.entry.tenant_id for row in JournalLine.objects.all()] == [local_tenant.pk] * 2
        assert balance_of(local_tenant) == -118
        amounts = {row.account: row.amount_paise for row in trial_balance()}
    assert amounts == {"customers": -618, "gateways": 618}


def test_an_account_that_is_none_of_ours_is_shown(local_tenant):
    rows.journal(local_tenant)
    found = {row.account: row.kind for row in trial_balance()}
    assert found["receivable"] == "unknown"
    assert sum(row.amount_paise for row in trial_balance()) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("nested", [False, True])
def test_an_entry_is_closed_when_its_transaction_is(local_tenant, nested):
    """Two lines that balance, added to what was committed before, would rewrite the past."""
    with transaction.atomic():
        entry = post(local_tenant, cause="payment:closed")
    inner = transaction.atomic() if nested else nullcontext()
    with pytest.raises(DatabaseError, match="is closed"), transaction.atomic(), inner:
        for amount in (5, -5):
            JournalLine.objects.create(
                tenant=local_tenant, entry=entry, account="bank", amount_paise=amount
            )
    assert JournalLine.objects.filter(entry=entry).count() == 2


@pytest.mark.django_db(transaction=True)
def test_lines_may_come_in_a_savepoint_of_their_entrys_transaction(local_tenant):
    facts = {"kind": "payment", "posted_on": DAY, "created_at": NOW, "narration": "x"}
    with transaction.atomic():
        with transaction.atomic():
            entry = JournalEntry.objects.create(tenant=local_tenant, cause="nested", **facts)
        for amount in (5, -5):
            with transaction.atomic():
                JournalLine.objects.create(
                    tenant=local_tenant, entry=entry, account="bank", amount_paise=amount
                )
    assert entry.lines.count() == 2
