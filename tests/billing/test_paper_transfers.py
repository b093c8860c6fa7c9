"""Transfers through the database: settled to the paisa, once, or left for staff."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from billing.engine.transfers import Part
from billing.errors import SettledTooMuch, TransferDiffers, TransferNotOpen
from billing.models import (
    BankLine,
    BankStatement,
    BillingAccount,
    IncomingTransfer,
    JournalLine,
    Settlement,
    TaxDocument,
)
from billing.selectors.documents import open_paise
from billing.selectors.ledger import balance_of, trial_balance
from billing.selectors.transfers import expected_paise, may_be_paid
from billing.services.accounts import account_of
from billing.services.invoicing import invoice_issue
from billing.services.transfers import (
    transfer_add,
    transfer_assign,
    transfer_match,
    transfer_return,
    transfers_from_statement,
)
from marketing_platform.core.errors import InvalidInput

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
BASE, TOTAL = 2_500_000, 2_950_000
ACTOR = "00000000-0000-4000-8000-000000000007"


@pytest.fixture
def owed(supplier: Any) -> Callable[..., TaxDocument]:
    """owed(tenant, cause="c1", rate=1000): an invoice of ₹29,500 that is open."""

    def make(tenant: Any, cause: str = "test:1", rate: int = 1000, **terms: Any) -> TaxDocument:
        account = account_of(tenant, now=NOW)
        facts = {"tds_section": "393(1) 1027", "tds_basis_points": rate, "pays_by": "invoice",
                 "state_code": "29", "legal_name": "Veda Appliances Private Limited"}  # fmt: skip
        BillingAccount.objects.filter(pk=account.pk).update(**{**facts, **terms})
        return invoice_issue(
            tenant=tenant, subscription=None, base_paise=BASE, cause=cause, now=NOW
        )

    return make


def arrive(amount: int, utr: str = "HDFCN52026112200001", **facts: Any) -> IncomingTransfer:
    return transfer_add(utr=utr, amount_paise=amount, received_on=TODAY, now=NOW, **facts)


def account_paise(code: str) -> int:
    return sum(JournalLine.objects.filter(account=code).values_list("amount_paise", flat=True))


@pytest.mark.parametrize(
    ("amount", "rate", "tds"),
    [(2_700_000, 1000, 250_000), (2_900_000, 200, 50_000), (2_950_000, 1000, 0)],
)
def test_less_the_declared_tax_it_settles_the_invoice(
    owed: Any, local_tenant: Any, amount: int, rate: int, tds: int
) -> None:
    document = owed(local_tenant, rate=rate)
    if tds:
        assert expected_paise(document, TOTAL) == amount
    transfer = arrive(amount)
    assert (transfer.state, open_paise(document)) == ("matched", 0)
    assert (balance_of(local_tenant), account_paise("bank")) == (0, amount)
    assert account_paise("tds_receivable") == tds
    assert sum(row.amount_paise for row in trial_balance()) == 0
    told = set(Settlement.objects.values_list("by", "amount_paise"))
    assert told == ({("transfer", amount)} | ({("tds", tds)} if tds else set()))


def test_the_same_utr_again_moves_nothing(owed: Any, local_tenant: Any) -> None:
    owed(local_tenant)
    first = arrive(2_700_000)
    before = (Settlement.objects.count(), JournalLine.objects.count())
    assert arrive(2_700_000, utr=" hdfcn5202611 2200001").pk == first.pk
    transfer_match(transfer_id=first.pk, now=NOW)
    assert (Settlement.objects.count(), JournalLine.objects.count()) == before
    with pytest.raises(TransferDiffers):
        arrive(2_700_001)


def test_one_transfer_for_two_invoices_of_two_workspaces(
    owed: Any, local_tenant: Any, enterprise_tenant: Any
) -> None:
    from billing.services.accounts import account_link

    first = owed(local_tenant)
    account_link(
        tenant=enterprise_tenant, account=first.account, actor_id=ACTOR, reason="group", now=NOW
    )
    second = owed(enterprise_tenant, cause="test:2")
    assert arrive(5_400_000).state == "matched"
    assert [open_paise(first), open_paise(second)] == [0, 0]
    assert [balance_of(local_tenant), balance_of(enterprise_tenant)] == [0, 0]
    assert account_paise("bank") == 5_400_000
    assert account_paise("tds_receivable") == 500_000


def test_another_amount_waits_for_staff_and_holds_the_reminders(
    owed: Any, local_tenant: Any
) -> None:
    document = owed(local_tenant, virtual_account="VA1")
    transfer = arrive(2_600_000, virtual_account="va1")
    assert (transfer.state, transfer.account) == ("queued", document.account)
    assert "amount" in transfer.remark
    assert open_paise(document) == TOTAL
    assert may_be_paid(document)
    # In the bank, and not yet the workspace's.
    assert (account_paise("bank"), balance_of(local_tenant)) == (2_600_000, TOTAL)


def test_a_strange_sender_holds_the_reminders_of_whom_it_could_be(
    owed: Any, local_tenant: Any
) -> None:
    document = owed(local_tenant)
    assert not may_be_paid(document)
    transfer = arrive(2_700_000, payer_name="SHARMA TRAVELS")
    assert (transfer.state, transfer.account) == ("queued", None)
    assert may_be_paid(document)


def test_a_stray_amount_holds_nobody(owed: Any, local_tenant: Any) -> None:
    document = owed(local_tenant)
    arrive(123_456)
    assert not may_be_paid(document)


def test_staff_say_what_it_pays(owed: Any, local_tenant: Any) -> None:
    document = owed(local_tenant, rate=0)
    transfer = arrive(2_600_000)
    by = {"transfer_id": transfer.pk, "reason": "TDS of 14 % agreed", "actor_id": ACTOR, "now": NOW}
    with pytest.raises(InvalidInput):
        transfer_assign(parts=[Part(document.pk, 2_500_000, 0)], **by)
    with pytest.raises(SettledTooMuch):
        transfer_assign(parts=[Part(document.pk, 2_600_000, 350_001)], **by)
    assert open_paise(document) == TOTAL
    done = transfer_assign(parts=[Part(document.pk, 2_600_000, 350_000)], **by)
    assert (done.state, open_paise(document)) == ("matched", 0)
    assert (account_paise("bank"), balance_of(local_tenant)) == (2_600_000, 0)
    with pytest.raises(TransferNotOpen):
        transfer_assign(parts=[Part(document.pk, 2_600_000, 350_000)], **by)
    with pytest.raises(TransferNotOpen):
        transfer_return(**by)


def test_sent_back_it_leaves_the_books(supplier: Any) -> None:
    transfer = arrive(123_456)
    done = transfer_return(transfer_id=transfer.pk, reason="not ours", actor_id=ACTOR, now=NOW)
    assert (done.state, account_paise("bank"), account_paise("customers")) == ("returned", 0, 0)


def test_what_was_queued_is_matched_once_its_invoice_is_there(owed: Any, local_tenant: Any) -> None:
    transfer = arrive(2_700_000)
    assert transfer.state == "queued"
    document = owed(local_tenant)
    assert transfer_match(transfer_id=transfer.pk, now=NOW).state == "matched"
    assert (open_paise(document), balance_of(local_tenant)) == (0, 0)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"utr": "12"}, "utr"),
        ({"utr": "HDFC'; DROP"}, "utr"),
        ({"utr": "HDFC\ud800AAAA"}, "utr"),
        ({"amount_paise": 0}, "amount"),
        ({"amount_paise": 10**30}, "amount"),
        ({"received_on": date(2026, 11, 23)}, "received_on"),
    ],
)
def test_what_is_no_transfer(facts: dict[str, Any], field: str) -> None:
    good = {"utr": "HDFCN1234", "amount_paise": 100, "received_on": TODAY}
    with pytest.raises(InvalidInput) as caught:
        transfer_add(**{**good, **facts}, now=NOW)
    assert (caught.value.field, IncomingTransfer.objects.count()) == (field, 0)


def test_from_a_bank_statement_line_by_line_and_once(owed: Any, local_tenant: Any) -> None:
    document = owed(local_tenant)
    statement = BankStatement.objects.create(
        sha256="a" * 64, file_name="nov.csv", actor_id=ACTOR, uploaded_at=NOW
    )
    lines = [
        (2_700_000, "HDFCN52026112200001", "NEFT CR VEDA APPLIANCES PVT INV 26 27"),
        (-5_000, "", "CHARGES"),
        (123_456, "", "CASH"),
    ]
    for at, (amount, utr, words) in enumerate(lines):
        BankLine.objects.create(
            statement=statement, row=at, on=TODAY, amount_paise=amount, utr=utr, narration=words
        )
    found = transfers_from_statement(statement=statement, now=NOW)
    assert [row.state for row in found] == ["matched", "queued"]
    assert open_paise(document) == 0
    assert transfers_from_statement(statement=statement, now=NOW) == []
    assert IncomingTransfer.objects.count() == 2
