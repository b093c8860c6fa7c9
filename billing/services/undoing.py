"""A match of a transfer that was wrong is undone: rows are only added, and the books balance."""

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from billing.engine import ledger
from billing.engine.dunning import Step
from billing.engine.lifecycle import State
from billing.engine.payouts import BankRow, PaidOut, match
from billing.errors import TransferNotMatched
from billing.models import (
    BankLine,
    DunningStep,
    IncomingTransfer,
    JournalEntry,
    Payout,
    Settlement,
    Subscription,
    TaxDocument,
)
from billing.selectors.documents import month_is_locked, open_paise
from billing.selectors.dunning import due_again_on
from billing.services.account_words import line_cleaned
from billing.services.dunning_messages import language_of, step_tell
from billing.services.ledger import journal_post
from billing.services.settling import settle
from billing.services.transfers import again, documents_lock, locked, transfer_return, undone_of
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event

PAYOUT = "This was a gateway's payout:"


@public_context()
def transfer_undo(
    *,
    transfer_id: int,
    reason: str,
    actor_id: UUID | None,
    now: datetime,
    turn: int | None = None,
) -> IncomingTransfer:
    """By staff: its invoices are open again, with the tax that was deducted, and the money stands
    against no workspace. A workspace that it had opened again is read-only again, unless something
    else pays for that invoice. Afterwards only staff say what the transfer pays for.

    `turn`: which match is meant (`undone_of`). Raises TransferNotMatched, so that a second time
    does nothing, also after the transfer was matched anew.
    """
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        invoices = _settlements(transfer_id).values_list("document_id", flat=True)
        documents = documents_lock(list(invoices))
        transfer = locked(transfer_id)
        if transfer.state != "matched" or turn not in {None, undone_of(transfer)}:
            raise TransferNotMatched
        by = {"actor_id": actor_id, "reason": reason, "now": now}
        for document in documents.values():
            _document_undo(transfer, document, again(transfer), **by)
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
    rows = list(Settlement.objects.filter(document=document, cause__in=causes).order_by("pk"))
    for row in rows:
        settle(
            document=document,
            amount_paise=-row.amount_paise,
            by=row.by,
            cause=f"{row.cause}:undone",
            on=_undone_on(document, row, now),
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
    if rows:
        _access_take_back(document, since=rows[0].created_at, now=now)


def _undone_on(document: TaxDocument, row: Settlement, now: datetime) -> date:
    """Of its own day, so that the tax of a quarter is what stands after all; of today when the
    books of that month are closed."""
    if month_is_locked(document.supplier, f"{row.settled_on:%Y-%m}"):
        return clock.today(now)
    return row.settled_on


def _access_take_back(document: TaxDocument, *, since: datetime, now: datetime) -> None:
    """The match had ended a suspension: it stands again, as it was, and is told. Whoever was not
    suspended then has the time that a new reminder gives."""
    left = open_paise(document)
    opened = document.dunning.filter(step=Step.RECOVERED, done_at__gte=since).order_by("pk").last()
    if not left or opened is None:
        return
    closed = document.dunning.filter(episode_at=opened.episode_at, step=Step.SUSPENDED).first()
    rows = Subscription.objects.filter(
        tenant=document.tenant_id, gateway="", state__in=[State.ACTIVE, State.PAST_DUE]
    )
    if closed is None or not rows.update(state=State.SUSPENDED, state_changed_at=closed.done_at):
        return
    # An open episode, so that paying ends it; past its last step, so that nobody is told twice.
    row, is_new = DunningStep.objects.get_or_create(
        document=document,
        subscription=None,
        episode_at=datetime.combine(due_again_on(document), time(0), clock.IST),
        step=Step.SUSPENDED,
        defaults={
            "tenant": document.tenant,
            "language": language_of(document.tenant),
            "done_at": now,
        },
    )
    if is_new:
        step_tell(document.tenant, row, amount_paise=left, ends_at=now, now=now)


def _held_again(
    transfer: IncomingTransfer, *, actor_id: UUID | None, reason: str, now: datetime
) -> None:
    number = undone_of(transfer) + 1
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
