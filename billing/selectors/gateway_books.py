"""What the books say of the money at a gateway, entry by entry. Integer paise."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import CharField, F, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from billing.engine import ledger, tie_out
from billing.engine.tie_out import Fact
from billing.models import Dispute, JournalEntry, JournalLine, Payment, Payout, Refund

LINE_OF_KIND = {
    "payment": tie_out.CAPTURED,
    "refund": tie_out.REFUNDS,
    "dispute": tie_out.DISPUTES,
}
# What a payout moves beside the gateway's own account, which is the rest of its entry.
LINE_OF_ACCOUNT = {
    ledger.GATEWAY_FEES: tie_out.FEES,
    ledger.INPUT_GST: tie_out.FEE_TAX,
    ledger.ADJUSTMENTS: tie_out.ADJUSTMENTS,
    ledger.BANK: tie_out.PAID_OUT,
}
# Of these a second entry may take the first one back, when the money did not arrive.
TAKEN_BACK = ("payout", "refund")
NUMBER = Func(F("cause"), Value(":"), Value(2), function="split_part", output_field=CharField())


def books_of(gateway: str, which: Q) -> list[Fact]:
    """Of that gateway's entries which `which` names: what each did to the money it holds."""
    return _facts(_entries(gateway).filter(which))


def books_before(gateway: str, day: object) -> int:
    """The balance of the gateways' account before that day, of this gateway's entries."""
    entries = _entries(gateway).filter(posted_on__lt=day)
    rows = JournalLine.objects.filter(account=ledger.GATEWAYS, entry__in=entries.values("pk"))
    return rows.aggregate(paise=Sum("amount_paise"))["paise"] or 0


def strangers(which: Q) -> list[Fact]:
    """Entries on the gateways' account that no row of ours stands for."""
    known = reduce(or_, (_is_of(code) for code in _codes()), Q(pk=None))
    rows = _numbered().filter(which, lines__account=ledger.GATEWAYS).exclude(known)
    return _facts(rows.distinct())


def is_in_books(keys: Iterable[str]) -> Q:
    """The entries of these keys: a payout's begin with its own, and so do a refund's."""
    keys = list(keys)
    found = Q(cause__in=keys)
    for kind in TAKEN_BACK:
        numbers = [key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")]
        found |= Q(kind=kind, number__in=numbers)
    return found


def key_of(kind: str, cause: str) -> str:
    return ":".join(cause.split(":")[:2]) if kind in TAKEN_BACK else cause


def _facts(entries: QuerySet[JournalEntry]) -> list[Fact]:
    lines = JournalLine.objects.filter(entry__in=entries.values("pk")).values_list(
        "entry_id", "entry__kind", "entry__cause", "entry__posted_on", "account", "amount_paise"
    )
    legs: dict[tuple[object, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry_id, kind, cause, on, account, paise in lines:
        legs[entry_id, kind, cause, on][account] += paise
    found = []
    for (_pk, kind, cause, on), sums in legs.items():
        for line, paise in _effect(str(kind), sums).items():
            if paise:
                found.append(Fact(line, key_of(str(kind), str(cause)), on, paise))
    return found


def _effect(kind: str, sums: dict[str, int]) -> dict[str, int]:
    """By line, what an entry does to the gateway's money; whatever it is, together that is the leg
    on the gateway's own account."""
    held = sums.get(ledger.GATEWAYS, 0)
    if kind != "payout":
        return {LINE_OF_KIND.get(kind, tie_out.OTHER): held}
    effect = {line: -sums.get(account, 0) for account, line in LINE_OF_ACCOUNT.items()}
    return {**effect, tie_out.OTHER: held - sum(effect.values())}


def _entries(gateway: str) -> QuerySet[JournalEntry]:
    return _numbered().filter(_is_of(gateway))


def _numbered() -> QuerySet[JournalEntry]:
    return JournalEntry.objects.order_by().annotate(number=NUMBER)


def _is_of(gateway: str) -> Q:
    refunds = Refund.objects.filter(payment__gateway=gateway).annotate(text=Cast("pk", CharField()))
    disputes = Dispute.objects.filter(payment__gateway=gateway)
    payouts = Payout.objects.filter(gateway=gateway).annotate(text=Cast("pk", CharField()))
    return (
        Q(kind="payment", cause__startswith=f"payment:{gateway}:")
        | Q(kind="refund", number__in=refunds.order_by().values("text"))
        | Q(kind="dispute", cause__in=_causes("dispute", disputes))
        | Q(kind="payout", number__in=payouts.order_by().values("text"))
    )


def _causes(kind: str, rows: QuerySet) -> QuerySet:
    made = Concat(Value(f"{kind}:"), Cast("pk", CharField()), output_field=CharField())
    return rows.order_by().annotate(cause=made).values("cause")


def _codes() -> list[str]:
    tables = (Payment.objects.order_by(), Payout.objects.order_by())
    told = (rows.values_list("gateway", flat=True).distinct() for rows in tables)
    return sorted({code for codes in told for code in codes})
