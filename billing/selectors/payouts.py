"""What gateways paid out and what the bank shows; what of it does not meet. For staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from billing.engine.payouts import (
    FAILED,
    BankRow,
    Item,
    Matches,
    PaidOut,
    difference_of,
    match,
)
from billing.models import BankLine, IncomingTransfer, JournalEntry, Payout, PayoutItem
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import public_context

IMPORT = "billing.import_payouts"
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


# Of the codes, those that say that the bank's lines do not show the payout.
NOT_SEEN = frozenset({"no_utr", "not_in_bank"})


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


@public_context()
def lines_open() -> QuerySet[BankLine]:
    """Lines that are neither a payout nor a transfer, the latest first."""
    rows = BankLine.objects.filter(payout=None, transfer=None).select_related("statement")
    return rows.order_by("-on", "-pk")


def payouts_open() -> list[PaidOut]:
    """Payouts without their line of the bank."""
    rows = Payout.objects.filter(bank_line=None).order_by("pk")
    return [PaidOut(row.pk, row.state, row.utr, row.amount_paise) for row in rows]


def bank_rows_open() -> list[BankRow]:
    """Lines that are nobody's yet: of what went out only those that a payout below zero may be."""
    below = Payout.objects.filter(bank_line=None, amount_paise__lt=0).values("amount_paise")
    rows = lines_open().select_related(None)
    rows = rows.filter(Q(amount_paise__gt=0) | Q(amount_paise__in=below))
    told = rows.values_list("pk", "amount_paise", "utr", "narration")
    return [BankRow(*line) for line in told]


@public_context()
def matches_now() -> Matches:
    """What of the payouts and lines that are not matched fits."""
    return match(payouts_open(), bank_rows_open())


@public_context()
def bank_state_ids(state: str) -> list[int]:
    """Payouts without a line of the bank, as the matcher sees them: `differs` when the bank shows
    the UTR in its own column or in the text and something else is wrong, else `unmatched`."""
    payouts = payouts_open()
    why = match(payouts, bank_rows_open()).why
    as_transfers = _as_transfers(payouts)
    seen = {pk for pk, code in why.items() if code not in NOT_SEEN} | as_transfers
    return [row.id for row in payouts if (row.id in seen) == (state == "differs")]


@public_context()
def unmatched_payouts() -> list[UnmatchedPayout]:
    """Processed payouts without their line of the bank, and others that have one all the same."""
    why = matches_now().why
    rows = Payout.objects.filter(pk__in=list(why)).order_by("-paid_on", "-pk")
    shown = [row for row in rows if row.state == "processed" or why[row.pk] == "not_processed"]
    as_transfers = _as_transfers([PaidOut(row.pk, row.state, row.utr, 0) for row in shown])
    return [
        UnmatchedPayout(row, "taken_as_transfer" if row.pk in as_transfers else why[row.pk])
        for row in shown
    ]


@public_context()
def unknown_items() -> QuerySet[PayoutItem]:
    """Payments, refunds and adjustments at a gateway that are not in our rows, or not so."""
    rows = PayoutItem.objects.filter(is_known=False).select_related("payout")
    return rows.order_by("-payout__paid_on", "pk")


@public_context()
def untied_payouts() -> list[UntiedPayout]:
    """Payouts that are not what their items add up to; they are not in the books yet."""
    net = Sum(F("items__amount_paise") - F("items__fee_paise") - F("items__fee_tax_paise"))
    odd = Payout.objects.annotate(net=Coalesce(net, 0)).exclude(state=FAILED)
    rows = odd.exclude(net=F("amount_paise")).prefetch_related("items")
    found = [
        UntiedPayout(row, difference_of(amount_paise=row.amount_paise, items=items_of(row)))
        for row in rows
    ]
    return [each for each in found if each.difference_paise]


def _as_transfers(payouts: Sequence[PaidOut]) -> set[int]:
    utrs = {row.utr: row.id for row in payouts if row.utr}
    taken = IncomingTransfer.objects.filter(utr__in=list(utrs)).exclude(state="returned")
    return {utrs[utr] for utr in taken.values_list("utr", flat=True)}


@dataclass(frozen=True)
class Asked:
    """When a gateway was last asked for its payouts, and what came of it. `state`: never, waiting,
    again (it did not answer and is asked again by itself), given_up, done."""

    gateway: str
    state: str
    at: datetime | None = None
    new: int = 0
    posted: int = 0


@public_context()
def last_asked(gateways: Sequence[str]) -> list[Asked]:
    return [_asked(code) for code in gateways]


def _asked(code: str) -> Asked:
    rows = DueWork.objects.filter(task=IMPORT, arguments__gateway_code=code)
    row = rows.order_by("-pk").first()
    if row is None:
        return Asked(code, "never")
    if row.done_at is None:
        state = "given_up" if row.dead_at else "again" if row.error else "waiting"
        return Asked(code, state, row.due_at)
    window = {"created_at__gte": row.due_at, "created_at__lte": row.done_at}
    mine = Payout.objects.filter(gateway=code)
    booked = JournalEntry.objects.filter(kind="payout", **window).values_list("cause", flat=True)
    ids = {cause.split(":")[1] for cause in booked if cause.count(":") == 2}
    posted = mine.filter(pk__in=[int(one) for one in ids if one.isdigit()]).count()
    return Asked(code, "done", row.done_at, mine.filter(**window).count(), posted)
