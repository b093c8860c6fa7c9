"""Customers' transfers: counted once by their UTR, matched to invoices, or left for staff.

The money is in the books as soon as it is told: until it is matched it stands against no workspace.
Matching settles each invoice with what arrived for it and, beside it, the tax that was deducted.
"""

import logging
import re
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from billing.engine import ledger
from billing.engine.transfers import Part, Verdict, is_payout, match
from billing.errors import TransferDiffers, TransferNotOpen
from billing.models import (
    BankLine,
    BankStatement,
    IncomingTransfer,
    JournalEntry,
    Payout,
    TaxDocument,
)
from billing.selectors.transfers import UNDECIDED, incoming_of, open_payers
from billing.services.account_words import line_cleaned
from billing.services.ledger import journal_post
from billing.services.settling import settle
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
UTR = re.compile(r"[0-9A-Z][0-9A-Z/-]{5,39}")
LARGEST = 1_000_00_00_000_00
TURNS = 3
# Of the queue; staff read English.
WHY = {
    "unknown_virtual_account": "No payer has this virtual account.",
    "nothing_open": "This payer has no open invoice.",
    "other_amount": "The amount fits no open invoices of this payer, with or without its TDS.",
    "several_ways": "The amount fits several sets of invoices of this payer.",
    "several_payers": "The amount fits open invoices of several payers.",
    "other_name": "The amount fits an open invoice, but the sender has another name.",
    "no_payer": "No payer has open invoices of this amount.",
    "changed": "The invoices changed while this was matched.",
}


@public_context()
def transfer_add(
    *,
    utr: str,
    amount_paise: int,
    received_on: date,
    now: datetime,
    virtual_account: str = "",
    payer_name: str = "",
    reference: str = "",
    bank_line: BankLine | None = None,
    actor_id: UUID | None = None,
) -> IncomingTransfer:
    """Book a transfer and match it; the same UTR again answers the first row.

    Raises InvalidInput with `field`, and TransferDiffers when the UTR is known with another amount.
    """
    number = _utr(utr)
    if not 0 < amount_paise <= LARGEST:
        raise InvalidInput(_("Write the amount that arrived."), field="amount")
    if received_on > clock.today(now):
        raise InvalidInput(_("This day is still to come."), field="received_on")
    with transaction.atomic():
        transfer, is_new = IncomingTransfer.objects.get_or_create(
            utr=number,
            defaults={
                "amount_paise": amount_paise,
                "received_on": received_on,
                "virtual_account": virtual_account.replace(" ", "").upper()[:40],
                "payer_name": line_cleaned(payer_name, 200, "payer_name"),
                "reference": line_cleaned(reference, 200, "reference"),
                "bank_line": bank_line,
                "created_at": now,
            },
        )
        if transfer.amount_paise != amount_paise:
            raise TransferDiffers(utr=number)
        if is_new:
            _held(transfer, now=now, actor_id=actor_id)
    if bank_line is not None and transfer.bank_line_id is None:
        IncomingTransfer.objects.filter(pk=transfer.pk, bank_line=None).update(bank_line=bank_line)
    return transfer_match(transfer_id=transfer.pk, now=now, actor_id=actor_id)


@public_context()
def transfer_match(
    *, transfer_id: int, now: datetime, actor_id: UUID | None = None
) -> IncomingTransfer:
    """Settle what it pays for, or put it into the queue with the reason. Run again it does nothing
    to one that is matched, and looks once more at one that is not."""
    for _turn in range(TURNS):
        transfer = IncomingTransfer.objects.get(pk=transfer_id)
        if transfer.state not in UNDECIDED or again(transfer):
            # What was undone once is for staff: the same rules would find the same invoices.
            return transfer
        verdict = _verdict(transfer)
        if not verdict.parts:
            return _queue(transfer, verdict)
        with transaction.atomic():
            documents_lock([part.invoice_id for part in verdict.parts])
            transfer = locked(transfer_id)
            if transfer.state not in UNDECIDED:
                return transfer
            if _verdict(transfer) == verdict:
                transfer.account_id = verdict.payer_id
                _apply(transfer, verdict.parts, now=now, actor_id=actor_id, reason="")
                return transfer
    return _queue(transfer, Verdict(verdict.payer_id, why="changed"))


@public_context()
def transfer_assign(
    *,
    transfer_id: int,
    parts: Sequence[Part],
    reason: str,
    actor_id: UUID,
    now: datetime,
    turn: int | None = None,
) -> IncomingTransfer:
    """By staff: what this transfer pays for, to the paisa, with the tax that was deducted.

    `turn`: how many matches had been undone when this was decided. Raises InvalidInput when the
    parts are not the transfer, SettledTooMuch when one is more than is open, TransferNotOpen for
    one that is matched or sent back, or was matched and undone meanwhile.
    """
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        documents = documents_lock([part.invoice_id for part in parts])
        transfer = locked(transfer_id)
        if transfer.state not in UNDECIDED or turn not in {None, undone_of(transfer)}:
            raise TransferNotOpen
        is_whole = sum(part.transfer_paise for part in parts) == transfer.amount_paise
        is_plain = all(part.transfer_paise > 0 and part.tds_paise >= 0 for part in parts)
        if not is_whole or not is_plain or len(documents) != len(parts):
            raise InvalidInput(_("The parts do not add up to the transfer."), field="parts")
        transfer.account_id = documents[parts[0].invoice_id].account_id
        _apply(transfer, parts, now=now, actor_id=actor_id, reason=reason)
    return transfer


@public_context()
def transfer_return(
    *, transfer_id: int, reason: str, actor_id: UUID | None, now: datetime
) -> IncomingTransfer:
    """By staff: the bank sent it back to where it came from. Raises TransferNotOpen."""
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        transfer = locked(transfer_id)
        if transfer.state not in UNDECIDED:
            raise TransferNotOpen
        _released(transfer, now=now, actor_id=actor_id)
        transfer.state, transfer.remark = "returned", reason
        transfer.save(update_fields=["state", "remark"])
    return transfer


@public_context()
def transfers_from_statement(
    *, statement: BankStatement, now: datetime, actor_id: UUID | None = None
) -> list[IncomingTransfer]:
    """Money in that is no gateway's payout, one transfer per line. Run again it adds nothing.

    A payout is known by its UTR, wherever in the line it stands; one that we do not know yet by the
    gateway's name. What is a payout all the same is taken back later (undoing.payouts_take_back).
    """
    payouts = set(Payout.objects.exclude(utr="").values_list("utr", flat=True))
    lines = BankLine.objects.filter(
        statement=statement, amount_paise__gt=0, payout=None, transfer=None
    )
    found = [
        _from_line(line, now=now, actor_id=actor_id)
        for line in lines.order_by("row")
        if not is_payout(f"{line.utr} {line.narration}", payouts)
    ]
    return [transfer for transfer in found if transfer is not None]


def _from_line(line: BankLine, *, now: datetime, actor_id: UUID | None) -> IncomingTransfer | None:
    """None for what contradicts a transfer we know: the line stays open, and staff see it."""
    try:
        return transfer_add(
            utr=line.utr if UTR.fullmatch(line.utr) else f"LINE-{line.statement_id}-{line.row:06d}",
            amount_paise=line.amount_paise,
            received_on=line.on,
            payer_name=line.narration[:200],
            reference=line.narration[:200],
            bank_line=line,
            now=now,
            actor_id=actor_id,
        )
    except (InvalidInput, TransferDiffers) as error:
        logger.warning("line %s of a statement is no transfer: %s", line.pk, error.english)
        return None


def locked(transfer_id: int) -> IncomingTransfer:
    """Until the end of the transaction: of two decisions at once the second sees the first."""
    return IncomingTransfer.objects.select_for_update().get(pk=transfer_id)


def again(transfer: IncomingTransfer) -> str:
    """The end of the causes of a match: each match that follows one that was undone has its own."""
    held = f"transfer:{transfer.pk}:held:"
    turn = JournalEntry.objects.filter(cause__startswith=held).count()
    return f":{turn}" if turn else ""


def undone_of(transfer: IncomingTransfer) -> int:
    """How many matches of this transfer were undone."""
    return int(again(transfer).removeprefix(":") or 0)


def _utr(text: str) -> str:
    number = line_cleaned(text, 40, "utr").replace(" ", "").upper()
    if not UTR.fullmatch(number):
        raise InvalidInput(_("A UTR has 6 to 40 letters and digits. Copy it."), field="utr")
    return number


def _verdict(transfer: IncomingTransfer) -> Verdict:
    payers = open_payers(virtual_account=transfer.virtual_account)
    return match(incoming_of(transfer), payers)


def _queue(transfer: IncomingTransfer, verdict: Verdict) -> IncomingTransfer:
    rows = IncomingTransfer.objects.filter(pk=transfer.pk, state__in=UNDECIDED)
    rows.update(state="queued", account=verdict.payer_id, remark=WHY[verdict.why])
    transfer.refresh_from_db()
    return transfer


def documents_lock(document_ids: Sequence[int]) -> dict[int, TaxDocument]:
    """The workspaces of these invoices, in one order for everybody; then the invoices."""
    rows = TaxDocument.objects.filter(pk__in=document_ids, kind="invoice")
    owners = rows.values_list("tenant_id", flat=True)
    list(Tenant.objects.select_for_update().filter(pk__in=list(owners)).order_by("pk"))
    return {row.pk: row for row in rows.select_related("tenant", "account")}


def _apply(
    transfer: IncomingTransfer,
    parts: Sequence[Part],
    *,
    now: datetime,
    actor_id: UUID | None,
    reason: str,
) -> None:
    from billing.services.dunning import money_arrived

    documents = documents_lock([part.invoice_id for part in parts])
    _released(transfer, now=now, actor_id=actor_id)
    turn = again(transfer)
    for part in parts:
        document = documents[part.invoice_id]
        journal_post(
            kind="transfer",
            cause=f"transfer:{transfer.pk}:{document.pk}{turn}",
            narration=f"{document.number}: UTR {transfer.utr}",
            postings=ledger.transfer_received(part.transfer_paise),
            on=_posting_day(transfer, now),
            now=now,
            tenant=document.tenant,
            actor_id=actor_id,
            reason=reason,
        )
        for by, paise in (("transfer", part.transfer_paise), ("tds", part.tds_paise)):
            if paise:
                settle(
                    document=document,
                    amount_paise=paise,
                    by=by,
                    cause=f"{by}:{transfer.pk}{turn}",
                    on=transfer.received_on,
                    now=now,
                    actor_id=actor_id,
                    reason=reason,
                )
    transfer.state, transfer.remark = "matched", reason
    transfer.save(update_fields=["state", "remark", "account"])
    for tenant in {row.tenant_id: row.tenant for row in documents.values()}.values():
        money_arrived(tenant=tenant, now=now)


def _held(transfer: IncomingTransfer, *, now: datetime, actor_id: UUID | None) -> None:
    """In the bank, and against no workspace yet."""
    journal_post(
        kind="transfer",
        cause=f"transfer:{transfer.pk}:held",
        narration=f"UTR {transfer.utr}, not matched",
        postings=ledger.transfer_received(transfer.amount_paise),
        on=transfer.received_on,
        now=now,
        actor_id=actor_id,
    )


def _released(transfer: IncomingTransfer, *, now: datetime, actor_id: UUID | None) -> None:
    journal_post(
        kind="transfer",
        cause=f"transfer:{transfer.pk}:released{again(transfer)}",
        narration=f"UTR {transfer.utr}, decided",
        postings=ledger.transfer_received(-transfer.amount_paise),
        on=_posting_day(transfer, now),
        now=now,
        actor_id=actor_id,
    )


def _posting_day(transfer: IncomingTransfer, now: datetime) -> date:
    """A transfer that is matched when it is told is of its day; a later decision is of today, so
    that the bank of past days stays as it was."""
    is_fresh = transfer.state == "new"
    return transfer.received_on if is_fresh else clock.today(now)
