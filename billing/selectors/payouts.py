"""What gateways paid out and what the bank shows; what of it does not meet. For staff."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from billing.engine.payouts import (
    FAILED,
    BankRow,
    Item,
    Matches,
    PaidOut,
    difference_of,
    match,
)
from billing.models import BankLine, IncomingTransfer, Payout, PayoutItem

# Staff read English.
WHY = {
    "no_utr": "The gateway has not told the UTR yet.",
    "utr_twice": "Two payouts have this UTR.",
    "several_lines": "Several lines of the bank have this UTR and amount.",
    "other_amount": "The bank shows this UTR with another amount.",
    "not_in_bank": "No line of the bank has this UTR.",
    "not_processed": "The bank shows it, and the gateway says that it was not paid.",
    "taken_as_transfer": "Its line of the bank was taken for a customer's transfer.",
}


@dataclass(frozen=True)
class UnmatchedPayout:
    payout: Payout
    code: str

    @property
    def sentence(self) -> str:
        return WHY[self.code]


@dataclass(frozen=True)
class UntiedPayout:
    """`difference_paise`: what the payout has more than its items."""

    payout: Payout
    difference_paise: int


def items_of(payout: Payout) -> list[Item]:
    return [
        Item(row.kind, row.remote_id, row.amount_paise, row.fee_paise, row.fee_tax_paise)
        for row in payout.items.all()
    ]


def lines_open() -> QuerySet[BankLine]:
    """Lines that are neither a payout nor a transfer, the latest first."""
    rows = BankLine.objects.filter(payout=None, transfer=None).select_related("statement")
    return rows.order_by("-on", "-pk")


def matches_now() -> Matches:
    """What of the payouts and lines that are not matched fits."""
    payouts = Payout.objects.filter(bank_line=None).order_by("pk")
    return match(
        [PaidOut(row.pk, row.state, row.utr, row.amount_paise) for row in payouts],
        [BankRow(row.pk, row.amount_paise, row.utr, row.narration) for row in lines_open()],
    )


def unmatched_payouts() -> list[UnmatchedPayout]:
    """Processed payouts without their line of the bank, and others that have one all the same."""
    why = matches_now().why
    rows = Payout.objects.filter(pk__in=list(why)).order_by("-paid_on", "-pk")
    shown = [row for row in rows if row.state == "processed" or why[row.pk] == "not_processed"]
    as_transfers = _as_transfers(shown)
    return [
        UnmatchedPayout(row, "taken_as_transfer" if row.pk in as_transfers else why[row.pk])
        for row in shown
    ]


def unknown_items() -> QuerySet[PayoutItem]:
    """Payments, refunds and adjustments at a gateway that are not in our rows, or not so."""
    rows = PayoutItem.objects.filter(is_known=False).select_related("payout")
    return rows.order_by("-payout__paid_on", "pk")


def untied_payouts() -> list[UntiedPayout]:
    """Payouts that are not what their items add up to; they are not in the books yet."""
    rows = Payout.objects.exclude(state=FAILED).prefetch_related("items")
    found = [
        UntiedPayout(row, difference_of(amount_paise=row.amount_paise, items=items_of(row)))
        for row in rows
    ]
    return [each for each in found if each.difference_paise]


def _as_transfers(payouts: Sequence[Payout]) -> set[int]:
    utrs = {row.utr: row.pk for row in payouts if row.utr}
    taken = IncomingTransfer.objects.filter(utr__in=list(utrs)).exclude(state="returned")
    return {utrs[utr] for utr in taken.values_list("utr", flat=True)}
