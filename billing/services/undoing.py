"""A match of a transfer that was wrong is undone: rows are only added, and the books balance."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from billing.engine import ledger
from billing.engine.payouts import BankRow, PaidOut, match
from billing.errors import TransferNotMatched
from billing.models import (
    BankLine,
    IncomingTransfer,
    JournalEntry,
    Payout,
    Settlement,
    TaxDocument,
)
from billing.services.account_words import line_cleaned
from billing.services.ledger import journal_post
from billing.services.settling import settle
from billing.services.transfers import again, documents_lock, locked, transfer_return
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event

PAYOUT = "This was a gateway's payout:"


@public_context()
def transfer_undo(
    *, transfer_id: int, reason: str, actor_id: UUID | None, now: datetime
) -> IncomingTransfer:
    """By staff: its invoices are open again, with the tax that was deducted, and the money stands
    against no workspace. Afterwards only staff say what it pays for.

    Raises TransferNotMatched, so that a second time does nothing.
    """
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        invoices = _settlements(transfer_id).values_list("document_id", flat=True)
        documents = documents_lock(list(invoices))
        transfer = locked(transfer_id)
        if transfer.state != "matched":
            raise TransferNotMatched
        by = {"actor_id": actor_id, "reason": reason, "now": now}
        turn = again(transfer)
        for document in documents.values():
            _document_undo(transfer, document, turn, **by)
        _held_again(transfer, **by)
        transfer.state, transfer.remark, transfer.account = "queued", reason, None
        transfer.save(update_fields=["state", "remark", "account"])
        for tenant in {row.tenant_id: row.tenant for row in documents.values()}.values():
            said = f"UTR {transfer.utr}: {reason}"[:500]
            tenant_event(tenant, "transfer_undone", reason=said, actor_id=actor_id, now=now)
    return transfer


@public_context()
def payouts_take_back(*, now: datetime) -> int:
    """Transfers that turn out to be a gateway's payout (UTR and amount, to the letter) leave the
    customers' accounts, and their line of the bank is the payout's; how many."""
    payouts = {row.pk: row for row in Payout.objects.filter(bank_line=None).exclude(utr="")}
    taken = BankLine.objects.filter(payout=None, transfer__isnull=False)
    lines = {row.pk: row for row in taken.exclude(transfer__state="returned")} if payouts else {}
    found = match(
        [PaidOut(row.pk, row.state, row.utr, row.amount_paise) for row in payouts.values()],
        [BankRow(row.pk, row.amount_paise, row.utr, row.narration) for row in lines.values()],
    )
    for payout_id, line_id in found.pairs.items():
        _take_back(line_id, payouts[payout_id], now)
    return len(found.pairs)


def _take_back(line_id: int, payout: Payout, now: datetime) -> None:
    by = {"reason": f"{PAYOUT} {payout.remote_id}", "actor_id": None, "now": now}
    with transaction.atomic():
        transfer = IncomingTransfer.objects.get(bank_line=line_id)
        if transfer.state == "matched":
            transfer_undo(transfer_id=transfer.pk, **by)
        transfer_return(transfer_id=transfer.pk, **by)
        BankLine.objects.filter(pk=line_id, payout=None).update(payout=payout)


def _settlements(transfer_id: int) -> QuerySet[Settlement]:
    """Of every turn; what an earlier one settled is taken back already."""
    turns = JournalEntry.objects.filter(cause__startswith=f"transfer:{transfer_id}:held:").count()
    ends = ["", *(f":{turn}" for turn in range(1, turns + 1))]
    causes = [f"{by}:{transfer_id}{end}" for by in ("transfer", "tds") for end in ends]
    return Settlement.objects.filter(cause__in=causes)


def _document_undo(
    transfer: IncomingTransfer,
    document: TaxDocument,
    turn: str,
    *,
    actor_id: UUID | None,
    reason: str,
    now: datetime,
) -> None:
    by = {"actor_id": actor_id, "reason": reason, "now": now}
    causes = [f"transfer:{transfer.pk}{turn}", f"tds:{transfer.pk}{turn}"]
    for row in Settlement.objects.filter(document=document, cause__in=causes).order_by("pk"):
        # Of the same day: the tax of a quarter is what stands after all.
        settle(
            document=document,
            amount_paise=-row.amount_paise,
            by=row.by,
            cause=f"{row.cause}:undone",
            on=row.settled_on,
            **by,
        )
        if row.by == "transfer":
            journal_post(
                kind="transfer",
                cause=f"transfer:{transfer.pk}:{document.pk}{turn}:undone",
                narration=f"{document.number}: UTR {transfer.utr}, undone",
                postings=ledger.transfer_received(-row.amount_paise),
                on=clock.today(now),
                tenant=document.tenant,
                **by,
            )


def _held_again(
    transfer: IncomingTransfer, *, actor_id: UUID | None, reason: str, now: datetime
) -> None:
    number = int(again(transfer).removeprefix(":") or 0) + 1
    journal_post(
        kind="transfer",
        cause=f"transfer:{transfer.pk}:held:{number}",
        narration=f"UTR {transfer.utr}, not matched",
        postings=ledger.transfer_received(transfer.amount_paise),
        on=clock.today(now),
        now=now,
        actor_id=actor_id,
        reason=reason,
    )
