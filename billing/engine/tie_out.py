"""A month at a gateway tied out: what our rows say against what the books say, thing by thing.

Integer paise, each with the sign of what it does to the money that the gateway holds for us. Rows
are payments, refunds, disputes and payouts with their items, none of which is read from the books.
Of every thing that the two do not agree on there is one `Difference`, so that the differences of a
line add up to the difference of its sums: nothing is left over without a name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

CAPTURED, REFUNDS, DISPUTES = "captured", "refunds", "disputes"
FEES, FEE_TAX, ADJUSTMENTS = "fees", "fee_tax", "adjustments"
PAID_OUT, OTHER = "paid_out", "other"
LINES = (CAPTURED, REFUNDS, DISPUTES, FEES, FEE_TAX, ADJUSTMENTS, OTHER, PAID_OUT)
# Gateways pay out within a few working days; after this a payment is missed.
LATE_AFTER = timedelta(days=10)
# Only of another month: the two agree in the end.
EXPLAINED = frozenset({"other_month", "taken_back", "to_come", "later", "held"})


@dataclass(frozen=True)
class Fact:
    """`key` is what the books call the thing: payment:razorpay:pay_1, refund:<id>, payout:7."""

    line: str
    key: str
    on: date
    paise: int


@dataclass(frozen=True)
class Difference:
    """`code`: not_booked, no_row, other_amount; other_month, taken_back (both agree in the end)."""

    line: str
    key: str
    rows_paise: int
    books_paise: int
    code: str
    # The day on the other side, when it is another month's.
    on: date | None = None

    @property
    def paise(self) -> int:
        """What the books have more."""
        return self.books_paise - self.rows_paise

    @property
    def is_fault(self) -> bool:
        return self.code not in EXPLAINED


@dataclass(frozen=True)
class Open:
    """A payment, refund or dispute (`rows_paise`) that is not what payouts hold of it
    (`items_paise`). `code`: to_come, late, later (our row is of after the day), held (kept for a
    dispute that is not decided), no_row, twice, other_amount."""

    kind: str
    remote_id: str
    rows_paise: int
    items_paise: int
    on: date
    code: str

    @property
    def paise(self) -> int:
        return self.rows_paise - self.items_paise

    @property
    def is_fault(self) -> bool:
        return self.code not in EXPLAINED


def month_after(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=31)).replace(day=1)


def sums(facts: Iterable[Fact], first: date, after: date) -> dict[str, int]:
    """Of each line, from `first` to before `after`."""
    found = dict.fromkeys(LINES, 0)
    for fact in facts:
        if first <= fact.on < after:
            found[fact.line] += fact.paise
    return found


def compare(
    rows: Iterable[Fact], books: Iterable[Fact], *, first: date, after: date
) -> list[Difference]:
    """What differs within the month. Both sides hold all facts of every key that has one in the
    month, on whatever day: only so is a fault known from what was booked a day later."""
    ours, theirs = _by_thing(rows), _by_thing(books)
    found = []
    for line, key in sorted(ours.keys() | theirs.keys(), key=lambda one: (_place(one[0]), one[1])):
        mine, booked = ours.get((line, key), []), theirs.get((line, key), [])
        in_month = [_sum(facts, first, after) for facts in (mine, booked)]
        if in_month[0] != in_month[1]:
            code, on = _why(mine, booked, first, after)
            found.append(Difference(line, key, *in_month, code, on))
    return found


def opens(
    rows: Mapping[tuple[str, str], tuple[int, date]],
    items: Mapping[tuple[str, str], tuple[int, ...]],
    *,
    until: date,
    today: date,
    settled: frozenset[tuple[str, str]] = frozenset(),
) -> list[Open]:
    """What the gateway holds at the end of `until`, thing by thing.

    `rows`: amount and day of ours by (kind, remote id), also of after `until`; a dispute that is
    not decided is 0. `items`: what payouts until then hold of each; `settled`: what any holds.
    """
    found = []
    for kind, remote_id in sorted(rows.keys() | items.keys()):
        paise, on = rows.get((kind, remote_id), (0, until))
        parts = items.get((kind, remote_id), ())
        mine = paise if on <= until else 0
        if mine == sum(parts):
            continue
        is_late = today - on > LATE_AFTER and (kind, remote_id) not in settled
        code = "held"
        if paise or (kind, remote_id) not in rows:
            code = _open_code(paise, mine, parts, is_late=is_late and kind == "payment")
        found.append(Open(kind, remote_id, mine, sum(parts), on, code))
    return found


def _open_code(paise: int, mine: int, parts: tuple[int, ...], *, is_late: bool) -> str:
    if not parts:
        return "late" if is_late else "to_come"
    if not paise:
        return "no_row"
    if len(parts) > 1 and all(part == paise for part in parts):
        return "twice"
    return "later" if not mine and sum(parts) == paise else "other_amount"


def _why(mine: list[Fact], booked: list[Fact], first: date, after: date) -> tuple[str, date | None]:
    if sum(one.paise for one in mine) == sum(one.paise for one in booked):
        outside = [one.on for one in (*booked, *mine) if not first <= one.on < after]
        return ("other_month" if mine else "taken_back"), outside[0] if outside else None
    if not booked:
        return "not_booked", None
    return ("other_amount" if mine else "no_row"), None


def _by_thing(facts: Iterable[Fact]) -> dict[tuple[str, str], list[Fact]]:
    found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.line, fact.key].append(fact)
    return found


def _sum(facts: Iterable[Fact], first: date, after: date) -> int:
    return sum(fact.paise for fact in facts if first <= fact.on < after)


def _place(line: str) -> int:
    return LINES.index(line)
