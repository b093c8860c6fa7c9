"""What gateways pay out: whether it adds up, what the books do, which line of the bank it is.

Amounts are integer paise. A payout is its items less fees and the GST on the fees.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from billing.engine import ledger

CREATED, PROCESSED, FAILED = "created", "processed", "failed"
# The gateways' own words. What is not named here is on its way.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "processed": PROCESSED,
        "paid": PROCESSED,
        "failed": FAILED,
        "canceled": FAILED,
        "cancelled": FAILED,
        "reversed": FAILED,
    }
)
POST, REVERSE = "post", "reverse"
ADJUSTMENT = "adjustment"
# An earlier payout that the bank sent back, as an item of the one in which it comes again.
RETURNED = "payout"
WORD = re.compile(r"[0-9A-Z]+")


@dataclass(frozen=True)
class Item:
    """`kind`: payment, refund, adjustment, payout. `amount_paise` is positive when it is ours."""

    kind: str
    remote_id: str
    amount_paise: int
    fee_paise: int = 0
    fee_tax_paise: int = 0


@dataclass(frozen=True)
class PaidOut:
    """A payout as `match` sees it."""

    id: int
    state: str
    utr: str
    amount_paise: int


@dataclass(frozen=True)
class BankRow:
    """Money in is positive."""

    id: int
    amount_paise: int
    utr: str = ""
    narration: str = ""


@dataclass(frozen=True)
class Matches:
    """`pairs`: payout → line. `why`: of each payout that has none, a code."""

    pairs: Mapping[int, int]
    why: Mapping[int, str]


def state_of(word: str) -> str:
    return STATES.get(word.strip().lower(), CREATED)


def merged(items: Iterable[Item]) -> tuple[Item, ...]:
    """One item per kind and id: what a gateway took and gave back in one payout is one sum."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for item in items:
        for place, paise in enumerate((item.amount_paise, item.fee_paise, item.fee_tax_paise)):
            sums[item.kind, item.remote_id][place] += paise
    return tuple(Item(kind, remote_id, *sums[kind, remote_id]) for kind, remote_id in sums)


def difference_of(*, amount_paise: int, items: Sequence[Item]) -> int:
    """What the payout has more than its items; anything but 0 means that not all items are told."""
    return amount_paise - sum(_net(item) for item in items)


def _net(item: Item) -> int:
    return item.amount_paise - item.fee_paise - item.fee_tax_paise


def opened(
    items: Sequence[Item], returned: Mapping[str, Sequence[Item]]
) -> tuple[Item, ...] | None:
    """With each payout that was sent back replaced by what was in it: out of the books since it
    failed, that is paid out now, and its fees were charged all the same.

    `returned`: the items of failed payouts by their id. None when one is missing, or is not what
    its items add up to.
    """
    found: list[Item] = []
    for item in items:
        inside = [item] if item.kind != RETURNED else returned.get(item.remote_id)
        if inside is None:
            return None
        if item.kind == RETURNED and difference_of(amount_paise=_net(item), items=inside):
            return None
        found.extend(inside)
    return tuple(found)


def payout_postings(
    *, amount_paise: int, items: Sequence[Item], known: frozenset[tuple[str, str]]
) -> ledger.Postings:
    """Payments and refunds leave what the gateway owes us, also those we have not heard of yet:
    their own entries come when they are. An adjustment does so only when its (kind, remote_id) is
    `known`, as a dispute's is; any other is a loss or gain of ours.

    Raises Unbalanced when the items do not add up to the amount.
    """
    if difference_of(amount_paise=amount_paise, items=items):
        raise ledger.Unbalanced("the items of the payout do not add up to it")
    return ledger.payout_made(
        amount_paise=amount_paise,
        fee_paise=sum(item.fee_paise for item in items),
        fee_tax_paise=sum(item.fee_tax_paise for item in items),
        adjustment_paise=sum(
            item.amount_paise
            for item in items
            if item.kind == ADJUSTMENT and (item.kind, item.remote_id) not in known
        ),
    )


def step_of(*, state: str, made: int, reversed_: int) -> str:
    """What the books still need, when that many entries were made and reversed: post, reverse, ''.

    A failed payout that was never in the books needs nothing; it may still succeed, and fail again.
    A payout on its way, after it had been processed, stays as it was until it is decided.
    """
    if state == PROCESSED and made == reversed_:
        return POST
    if state == FAILED and made > reversed_:
        return REVERSE
    return ""


def match(payouts: Sequence[PaidOut], rows: Sequence[BankRow]) -> Matches:
    """By UTR and amount, both to the letter; where two lines fit, neither is taken."""
    by_word: dict[str, list[BankRow]] = defaultdict(list)
    for row in rows:
        for word in {_plain(row.utr), *WORD.findall(row.narration.upper())} - {""}:
            by_word[word].append(row)
    utrs = [_plain(payout.utr) for payout in payouts]
    pairs: dict[int, int] = {}
    why: dict[int, str] = {}
    for payout, utr in zip(payouts, utrs, strict=True):
        found = by_word.get(utr, []) if utr else []
        fitting = [row for row in found if row.amount_paise == payout.amount_paise]
        reason = _why(payout, utr, utrs.count(utr), found, fitting)
        if reason:
            why[payout.id] = reason
        else:
            pairs[payout.id] = fitting[0].id
    return Matches(pairs, why)


def _why(
    payout: PaidOut, utr: str, same: int, found: Sequence[BankRow], fitting: Sequence[BankRow]
) -> str:
    if not utr:
        return "no_utr"
    if same > 1:
        return "utr_twice"
    if len(fitting) > 1:
        return "several_lines"
    if not fitting:
        return "other_amount" if found else "not_in_bank"
    return "" if payout.state == PROCESSED else "not_processed"


def _plain(utr: str) -> str:
    return "".join(WORD.findall(utr.upper()))
