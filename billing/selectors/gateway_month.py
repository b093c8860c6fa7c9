"""A month (IST) at each gateway: our rows against the books, the payouts and the bank. For staff.

The rows say what happened: payments by the moment they were paid, refunds and disputes by the day
they were decided, payouts by their day. The books say what was posted, and when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from billing.engine import tie_out
from billing.engine.payouts import FAILED, PROCESSED
from billing.engine.tie_out import Difference, Fact, Open
from billing.models import BankLine, Payment, Payout
from billing.selectors.gateway_books import (
    TAKEN_BACK,
    books_before,
    books_of,
    is_in_books,
    strangers,
)
from billing.selectors.gateway_rows import (
    Carried,
    carried_of,
    open_things,
    rows_before,
    rows_in,
    rows_of_keys,
)
from billing.selectors.payouts import matches_now
from marketing_platform.tenants.context import public_context

# Of money that is in the books for a gateway, and stands for no row of ours at any.
NO_GATEWAY = ""


@dataclass(frozen=True)
class Figure:
    """One line of the month; signed by what it does to the money that the gateway holds."""

    line: str
    rows_paise: int
    books_paise: int

    @property
    def difference_paise(self) -> int:
        return self.books_paise - self.rows_paise


@dataclass(frozen=True)
class PaidOut:
    """`why` is empty when a line of the bank of this amount is its; else a code of the matcher."""

    payout: Payout
    bank_line: BankLine | None
    why: str


@dataclass
class GatewayMonth:
    """`differences`: rows against books. `opens`: what the gateway holds at the end, row by row
    against what payouts hold. `told_fees`: payouts whose own fee is not the sum of their items."""

    gateway: str
    first: date
    opening: Figure
    figures: list[Figure]
    closing: Figure
    differences: list[Difference] = field(default_factory=list)
    opens: list[Open] = field(default_factory=list)
    payouts: list[PaidOut] = field(default_factory=list)
    told_fees: list[tuple[Payout, int]] = field(default_factory=list)
    payout_names: dict[str, str] = field(default_factory=dict)

    @property
    def met_paise(self) -> int:
        return sum(one.payout.amount_paise for one in self.payouts if not one.why)

    @property
    def unmet_paise(self) -> int:
        return sum(one.payout.amount_paise for one in self.payouts if one.why)

    @property
    def to_come_paise(self) -> int:
        return sum(one.paise for one in self.opens)

    @property
    def unnamed_paise(self) -> int:
        """What the differences do not explain. Not 0 only for a payout that is not its items."""
        return self.closing.rows_paise - self.to_come_paise

    @property
    def carried_paise(self) -> int:
        """By what the books were off before this month, less what this month sets right."""
        early = [one.paise for one in self.differences if not one.is_fault and one.on is not None]
        late = [one for one in self.differences if one.on is not None and one.on >= self.first]
        return self.opening.difference_paise + sum(early) - sum(one.paise for one in late)

    @property
    def faults(self) -> int:
        named = [*self.differences, *self.opens]
        rest = bool(self.unnamed_paise) + bool(self.carried_paise)
        return sum(one.is_fault for one in named) + len(self.told_fees) + rest

    @property
    def ties(self) -> bool:
        return not self.faults


@public_context()
def gateway_months(first: date, *, today: date) -> list[GatewayMonth]:
    """Of the calendar month of `first`, each gateway that has anything in it or before it."""
    first = first.replace(day=1)
    after = tie_out.month_after(first)
    why = matches_now().why
    found = [_month(code, first, after, today, why) for code in _gateways()]
    other = _strangers(first, after)
    return [one for one in found if _is_moved(one)] + ([other] if _is_moved(other) else [])


def _gateways() -> list[str]:
    """Those that we have rows of; entries of any other are strangers."""
    tables = (Payment.objects.order_by(), Payout.objects.order_by())
    told = (rows.values_list("gateway", flat=True).distinct() for rows in tables)
    return sorted({code for codes in told for code in codes})


def _month(
    code: str, first: date, after: date, today: date, why: Mapping[int, str]
) -> GatewayMonth:
    until = after - timedelta(days=1)
    carried = carried_of(code)
    rows, books = _facts(code, first, after, carried)
    opening = Figure("opening", rows_before(code, first, carried), books_before(code, first))
    figures = _figures(rows, books, first, after)
    month = GatewayMonth(
        gateway=code,
        first=first,
        opening=opening,
        figures=figures,
        closing=Figure("closing", rows_before(code, after, carried), books_before(code, after)),
        differences=tie_out.compare(rows, books, first=first, after=after),
        opens=open_things(code, until=until, today=today, carried=carried),
    )
    _payouts_add(month, after, why)
    month.payout_names = _names(month.differences)
    return month


def _names(differences: list[Difference]) -> dict[str, str]:
    """The gateway's own names of the payouts that differ."""
    told = [one.key.removeprefix("payout:") for one in differences]
    rows = Payout.objects.filter(pk__in=[int(one) for one in told if one.isdigit()])
    return {f"payout:{pk}": name for pk, name in rows.values_list("pk", "remote_id")}


def _facts(code: str, first: date, after: date, carried: Carried) -> tuple[list[Fact], list[Fact]]:
    """Both sides whole for every key that either has in the month."""
    rows = rows_in(code, first, after, carried)
    books = books_of(code, Q(posted_on__gte=first, posted_on__lt=after))
    only_rows = {fact.key for fact in rows} - {fact.key for fact in books}
    only_books = {fact.key for fact in books} - {fact.key for fact in rows}
    both = {fact.key for fact in [*rows, *books]}
    keys = {key for key in both if key.partition(":")[0] in TAKEN_BACK}
    whole = books_of(code, is_in_books(only_rows | keys))
    books = _joined(books, whole, only_rows | keys)
    return rows + rows_of_keys(code, only_books, carried), books


def _joined(known: Iterable[Fact], whole: list[Fact], keys: set[str]) -> list[Fact]:
    return [fact for fact in known if fact.key not in keys] + whole


def _figures(rows: list[Fact], books: list[Fact], first: date, after: date) -> list[Figure]:
    ours, theirs = tie_out.sums(rows, first, after), tie_out.sums(books, first, after)
    return [Figure(line, ours[line], theirs[line]) for line in tie_out.LINES]


def _payouts_add(month: GatewayMonth, after: date, why: Mapping[int, str]) -> None:
    rows = Payout.objects.filter(
        gateway=month.gateway, paid_on__gte=month.first, paid_on__lt=after
    ).exclude(state=FAILED)
    for row in rows.select_related("bank_line").prefetch_related("items").order_by("paid_on", "pk"):
        line = getattr(row, "bank_line", None)
        fees = sum(item.fee_paise for item in row.items.all() if item.kind != "payout")
        if row.fee_paise != fees:
            month.told_fees.append((row, fees))
        if row.state == PROCESSED:
            month.payouts.append(PaidOut(row, line, _bank_why(row, line, why)))


def _bank_why(row: Payout, line: BankLine | None, why: Mapping[int, str]) -> str:
    if line is None:
        return why.get(row.pk, "not_in_bank")
    return "" if line.amount_paise == row.amount_paise else "other_amount"


def _strangers(first: date, after: date) -> GatewayMonth:
    """Entries on the gateways' account that stand for no row of any gateway."""
    books = strangers(Q(posted_on__gte=first, posted_on__lt=after))
    before = sum(fact.paise for fact in strangers(Q(posted_on__lt=first)))
    moved = sum(fact.paise for fact in books)
    return GatewayMonth(
        gateway=NO_GATEWAY,
        first=first,
        opening=Figure("opening", 0, before),
        figures=_figures([], books, first, after),
        closing=Figure("closing", 0, before + moved),
        differences=tie_out.compare([], books, first=first, after=after),
    )


def _is_moved(month: GatewayMonth) -> bool:
    figures = [month.opening, *month.figures, month.closing]
    return bool(
        month.opens
        or month.payouts
        or any(one.rows_paise or one.books_paise for one in figures)
        or month.differences
    )
