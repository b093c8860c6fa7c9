"""A wrong match is undone by added rows, and matched right; two decisions at once are one."""

import time
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry

from billing.engine.transfers import Part
from billing.errors import TransferNotMatched
from billing.models import IncomingTransfer, JournalEntry, JournalLine, Settlement
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of, trial_balance
from billing.services import transfers
from billing.services.tds import booked
from billing.services.transfers import transfer_assign, transfer_match, transfer_return
from billing.services.undoing import transfer_undo
from marketing_platform.core.errors import PlatformError
from marketing_platform.tenants.models import TenantEvent
from tests.billing.test_at_once import at_once
from tests.billing.test_paper_transfers import (
    ACTOR,
    NOW,
    TOTAL,
    account_paise,
    arrive,
    owed,  # noqa: F401
)
from tests.billing.test_staff_acts import act, confirmed, staff  # noqa: F401

pytestmark = pytest.mark.django_db
PAID, TDS = 2_700_000, 250_000
BY = {"reason": "of the other payer", "actor_id": ACTOR, "now": NOW}


def two(owed, local_tenant, enterprise_tenant):  # noqa: F811
    return owed(local_tenant), owed(enterprise_tenant, cause="test:2", legal_name="Other")


def sums():
    return sum(row.amount_paise for row in trial_balance())


def test_matched_wrong_undone_and_matched_right(
    owed,  # noqa: F811
    staff,  # noqa: F811
    local_tenant,
    enterprise_tenant,
):
    wrong, right = two(owed, local_tenant, enterprise_tenant)
    transfer = arrive(PAID, payer_name="VEDA APPLIANCES")
    assert (transfer.state, open_paise(wrong)) == ("matched", 0)
    rows = list(Settlement.objects.order_by("pk").values())
    asked = act(staff, IncomingTransfer, "undo", transfer)
    assert "Its invoices are open again" in asked.content.decode()
    for _turn in range(2):
        act(staff, IncomingTransfer, "undo", transfer, **confirmed())
    transfer.refresh_from_db()
    assert (transfer.state, transfer.remark, transfer.account) == (
        "queued",
        "agreed by phone",
        None,
    )
    assert list(Settlement.objects.order_by("pk").values())[: len(rows)] == rows
    assert sorted(Settlement.objects.values_list("by", "amount_paise")) == [
        ("tds", -TDS), ("tds", TDS), ("transfer", -PAID), ("transfer", PAID)
    ]  # fmt: skip
    assert (open_paise(wrong), balance_of(local_tenant), sums()) == (TOTAL, TOTAL, 0)
    assert (account_paise("bank"), account_paise("tds_receivable")) == (PAID, 0)
    assert booked(wrong.account_id, "2026-27", 3) == (0, 0)
    assert TenantEvent.objects.get(kind="transfer_undone").tenant == local_tenant
    written = LogEntry.objects.filter(change_message__startswith="Undo the match: ")
    assert written.exclude(change_message__contains="refused").count() == 1
    assert all("agreed by phone" in row.change_message for row in written)
    # The same rules would find the same payer: only staff decide now.
    assert transfer_match(transfer_id=transfer.pk, now=NOW).state == "queued"
    part = Part(right.pk, PAID, TDS)
    assert transfer_assign(transfer_id=transfer.pk, parts=[part], **BY).state == "matched"
    assert [open_paise(wrong), open_paise(right)] == [TOTAL, 0]
    assert [balance_of(local_tenant), balance_of(enterprise_tenant)] == [TOTAL, 0]
    assert (account_paise("bank"), account_paise("tds_receivable"), sums()) == (PAID, TDS, 0)


def test_undone_and_matched_to_the_same_invoice_again(owed, local_tenant):  # noqa: F811
    document = owed(local_tenant)
    transfer = arrive(PAID)
    for turn in range(2):
        transfer_undo(transfer_id=transfer.pk, **BY)
        with pytest.raises(TransferNotMatched):
            transfer_undo(transfer_id=transfer.pk, **BY)
        assert (open_paise(document), account_paise("bank")) == (TOTAL, PAID), turn
        transfer_assign(transfer_id=transfer.pk, parts=[Part(document.pk, PAID, TDS)], **BY)
        assert (open_paise(document), account_paise("tds_receivable")) == (0, TDS), turn
        assert (balance_of(local_tenant), account_paise("bank"), sums()) == (0, PAID, 0), turn
    transfer_undo(transfer_id=transfer.pk, **BY)
    transfer_return(transfer_id=transfer.pk, **BY)
    assert (account_paise("bank"), balance_of(local_tenant)) == (0, TOTAL)


def test_what_is_not_matched_has_nothing_to_undo(supplier):
    transfer = arrive(123_456)
    before = JournalEntry.objects.count()
    with pytest.raises(TransferNotMatched):
        transfer_undo(transfer_id=transfer.pk, **BY)
    with pytest.raises(PlatformError):
        transfer_undo(transfer_id=transfer.pk, **{**BY, "reason": " "})
    assert JournalEntry.objects.count() == before


def test_a_transfer_of_an_unknown_payer_is_entered(staff, supplier):  # noqa: F811
    path = "/billing/incomingtransfer/add/"
    assert "UTR, as the bank writes it" in staff.get(path).content.decode()
    form = confirmed(utr="hdfc0001", amount="1234.56", received_on="2026-11-20")
    for _turn in range(2):
        assert staff.post(path, form).status_code == 302
    found = IncomingTransfer.objects.get()
    assert (found.utr, found.amount_paise, found.state) == ("HDFC0001", 123_456, "queued")
    assert "agreed by phone" in LogEntry.objects.first().get_change_message()
    for bad in ({"amount": "9"}, {"utr": "1"}, {"reason": ""}, {"received_on": "x"}):
        assert staff.post(path, form | bad).status_code == 200
    assert IncomingTransfer.objects.count() == 1


def assigned_at_once(transfer, documents):
    """Two members of staff, two invoices of two workspaces: no other row is held by both."""
    ready = Barrier(len(documents))

    def one(number):
        ready.wait(10)
        try:
            part = Part(documents[number].pk, transfer.amount_paise, 0)
            transfer_assign(transfer_id=transfer.pk, parts=[part], **BY)
        except PlatformError as error:
            return error.code
        return "matched"

    return sorted(at_once(len(documents), one, threads=len(documents)))


def money_of(documents):
    lines = JournalLine.objects.filter(account="bank")
    settled = sum(TOTAL - open_paise(document) for document in documents)
    return sum(lines.values_list("amount_paise", flat=True)), settled


@pytest.mark.django_db(transaction=True)
def test_two_matches_at_once_are_one(owed, local_tenant, enterprise_tenant):  # noqa: F811
    documents = two(owed, local_tenant, enterprise_tenant)
    transfer = arrive(1_000_000, payer_name="NOBODY KNOWN")
    assert assigned_at_once(transfer, documents) == ["matched", "transfer_not_open"]
    assert money_of(documents) == (1_000_000, 1_000_000)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_is_counted_twice(
    owed,  # noqa: F811
    local_tenant,
    enterprise_tenant,
    monkeypatch,
):
    """The control."""

    def unlocked(transfer_id):
        found = IncomingTransfer.objects.get(pk=transfer_id)
        time.sleep(0.5)
        return found

    documents = two(owed, local_tenant, enterprise_tenant)
    transfer = arrive(1_000_000, payer_name="NOBODY KNOWN")
    monkeypatch.setattr(transfers, "locked", unlocked)
    assert assigned_at_once(transfer, documents) == ["matched", "matched"]
    assert money_of(documents) == (2_000_000, 2_000_000)
