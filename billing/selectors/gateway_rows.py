"""What our rows say of the money at a gateway, without a look at the books. Integer paise."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value

from billing.engine import tie_out
from billing.engine.payouts import ADJUSTMENT, FAILED, PROCESSED, RETURNED
from billing.engine.tie_out import Fact, Open
from billing.models import Dispute, Payment, Payout, PayoutItem, Refund
from marketing_platform.core import clock

LOST = "lost"


@dataclass(frozen=True)
class Carried:
    """Payouts that the bank sent back, and the payout in which each came again: what was in the
    first is paid out by the second, on its day."""

    by: dict[int, int]
    days: dict[int, date]

    def until(self, day: date) -> list[int]:
        return [failed for failed, carrier in self.by.items() if self.days[carrier] <= day]


def carried_of(gateway: str) -> Carried:
    rows = PayoutItem.objects.filter(
        kind=RETURNED, payout__gateway=gateway, payout__state=PROCESSED
    ).values_list("remote_id", "payout_id", "payout__paid_on")
    told = {number: (carrier, on) for number, carrier, on in rows}
    failed = Payout.objects.filter(gateway=gateway, state=FAILED, remote_id__in=list(told))
    by = {pk: told[number][0] for pk, number in failed.values_list("pk", "remote_id")}
    return Carried(by, {carrier: on for carrier, on in told.values()})


def rows_in(gateway: str, first: date, after: date, carried: Carried) -> list[Fact]:
    """Of the month, a fact for each thing and line."""
    start, end = _midnight(first), _midnight(after)
    rows = Payment.objects.filter(gateway=gateway, paid_at__gte=start, paid_at__lt=end)
    facts = [*_payments(rows)]
    facts += _refunds(_processed(gateway).filter(settled_at__gte=start, settled_at__lt=end))
    facts += _disputes(_lost(gateway).filter(observed_at__gte=start, observed_at__lt=end))
    paid = Payout.objects.filter(gateway=gateway, state=PROCESSED)
    return facts + _payouts(paid.filter(paid_on__gte=first, paid_on__lt=after), carried)


def rows_of_keys(gateway: str, keys: Iterable[str], carried: Carried) -> list[Fact]:
    """The same, of what the books have in a month in which the rows do not have it."""
    ids: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        kind, _colon, number = key.partition(":")
        ids[kind].append(number.removeprefix(f"{gateway}:") if kind == "payment" else number)
    numbers = [int(one) for one in ids["payout"] if _is_number(one)]
    disputes = [int(one) for one in ids["dispute"] if _is_number(one)]
    facts = [*_payments(Payment.objects.filter(gateway=gateway, remote_id__in=ids["payment"]))]
    facts += _refunds(_processed(gateway).filter(pk__in=ids["refund"])) if ids["refund"] else []
    facts += _disputes(_lost(gateway).filter(pk__in=disputes))
    paid = Payout.objects.filter(gateway=gateway, state=PROCESSED, pk__in=numbers)
    return facts + _payouts(paid, carried)


def rows_before(gateway: str, day: date, carried: Carried) -> int:
    """What the gateway holds before that day, as the rows have it."""
    moment = _midnight(day)
    taken = _sum(Payment.objects.filter(gateway=gateway, paid_at__lt=moment), "amount_paise")
    given = _sum(_processed(gateway).filter(settled_at__lt=moment), "amount_paise")
    lost = _sum(_lost(gateway).filter(observed_at__lt=moment), "amount_paise")
    paid = Payout.objects.filter(gateway=gateway, state=PROCESSED, paid_on__lt=day)
    out = _sum(paid, "amount_paise")
    early = [failed for failed, by in carried.by.items() if carried.days[by] < day]
    inside = PayoutItem.objects.filter(Q(payout__in=paid) | Q(payout__in=early))
    kept = _sum(inside, "fee_paise") + _sum(inside, "fee_tax_paise")
    lossy = inside.filter(kind=ADJUSTMENT).exclude(_is_disputes(gateway))
    return taken - given - lost - out - kept + _sum(lossy, "amount_paise")


def open_things(gateway: str, *, until: date, today: date, carried: Carried) -> list[Open]:
    """Each payment, refund and dispute that is not what payouts until that day hold of it, and what
    they hold that is none of ours. Only those are read, by the same number of queries."""
    items = PayoutItem.objects.filter(payout__gateway=gateway)
    paid = Q(payout__state=PROCESSED, payout__paid_on__lte=until)
    held = items.filter(paid | Q(payout__in=carried.until(until)))
    ours = (
        ("payment", Payment.objects.filter(gateway=gateway), "paid_at", 1),
        ("refund", _processed(gateway), "settled_at", -1),
        (ADJUSTMENT, Dispute.objects.filter(payment__gateway=gateway), "observed_at", -1),
    )
    found: list[Open] = []
    for kind, rows, moment, sign in ours:
        mine = held.filter(kind=kind)
        if kind == ADJUSTMENT:
            mine = mine.filter(_is_disputes(gateway))
        decided = _lost(gateway) if kind == ADJUSTMENT else rows
        odd = _odd_ids(decided, mine, moment, sign, until)
        facts = _of_ids(rows, odd, moment, sign, is_dispute=kind == ADJUSTMENT)
        parts: dict[tuple[str, str], tuple[int, ...]] = defaultdict(tuple)
        for number, paise in mine.filter(remote_id__in=odd).values_list(
            "remote_id", "amount_paise"
        ):
            parts[kind, number] += (paise,)
        ever = Q(payout__state=PROCESSED) | Q(payout__in=list(carried.by))
        later = items.filter(ever, kind=kind, remote_id__in=odd)
        settled = frozenset((kind, number) for number in later.values_list("remote_id", flat=True))
        rows_by = {(kind, number): told for number, told in facts.items()}
        found += tie_out.opens(rows_by, parts, until=until, today=today, settled=settled)
    return found


def _odd_ids(
    rows: QuerySet, items: QuerySet[PayoutItem], moment: str, sign: int, until: date
) -> list[str]:
    """Rows without an item of the same amount, items without such a row, and what came twice."""
    end = _midnight(date.fromordinal(until.toordinal() + 1))
    done = rows.filter(**{f"{moment}__lt": end})
    same = items.filter(
        remote_id=OuterRef("remote_id"), amount_paise=OuterRef("amount_paise") * Value(sign)
    )
    back = done.filter(
        remote_id=OuterRef("remote_id"), amount_paise=OuterRef("amount_paise") * Value(sign)
    )
    lost = done.filter(~Exists(same)).values_list("remote_id", flat=True)
    strange = items.filter(~Exists(back)).values_list("remote_id", flat=True)
    twice = items.order_by().values("remote_id").annotate(times=Count("pk"))
    many = twice.filter(times__gt=1).values_list("remote_id", flat=True)
    return sorted({*lost, *strange, *many})


def _of_ids(
    rows: QuerySet, ids: list[str], moment: str, sign: int, *, is_dispute: bool
) -> dict[str, tuple[int, date]]:
    """Amount and day. A dispute that is not lost is 0: what was kept for it is still ours."""
    told = rows.filter(remote_id__in=ids).values_list("remote_id", "amount_paise", moment)
    lost = set(told.filter(state=LOST).values_list("remote_id", flat=True)) if is_dispute else ()
    return {
        number: (sign * paise if not is_dispute or number in lost else 0, clock.today(at))
        for number, paise, at in told
    }


def _payments(rows: QuerySet[Payment]) -> Iterable[Fact]:
    for gateway, number, paise, at in rows.values_list(
        "gateway", "remote_id", "amount_paise", "paid_at"
    ):
        yield Fact(tie_out.CAPTURED, f"payment:{gateway}:{number}", clock.today(at), paise)


def _refunds(rows: QuerySet[Refund]) -> list[Fact]:
    told = rows.values_list("pk", "amount_paise", "settled_at")
    return [
        Fact(tie_out.REFUNDS, f"refund:{pk}", clock.today(at), -paise) for pk, paise, at in told
    ]


def _disputes(rows: QuerySet[Dispute]) -> list[Fact]:
    told = rows.values_list("pk", "amount_paise", "observed_at")
    return [
        Fact(tie_out.DISPUTES, f"dispute:{pk}", clock.today(at), -paise) for pk, paise, at in told
    ]


def _payouts(rows: QuerySet[Payout], carried: Carried) -> list[Fact]:
    payouts = list(rows)
    carriers = {row.pk: row.pk for row in payouts}
    own = set(carriers)
    carriers |= {failed: by for failed, by in carried.by.items() if by in own}
    kept: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    gateways = {row.gateway for row in payouts}
    for item in _told_items(carriers, gateways):
        sums = kept[carriers[item.payout_id]]
        sums[tie_out.FEES] -= item.fee_paise
        sums[tie_out.FEE_TAX] -= item.fee_tax_paise
        if item.kind == ADJUSTMENT and not item.is_disputes:
            sums[tie_out.ADJUSTMENTS] += item.amount_paise
    facts = []
    for row in payouts:
        sums = {tie_out.PAID_OUT: -row.amount_paise, **kept[row.pk]}
        facts += [
            Fact(line, f"payout:{row.pk}", row.paid_on, paise)
            for line, paise in sums.items()
            if paise
        ]
    return facts


def _told_items(payout_ids: Iterable[int], gateways: set[str]) -> list[PayoutItem]:
    rows = PayoutItem.objects.filter(payout__in=list(payout_ids))
    gateway = next(iter(gateways), "")
    return list(rows.annotate(is_disputes=_is_disputes(gateway)))


def _is_disputes(gateway: str) -> Exists:
    """Whether an adjustment is of a dispute that our rows know."""
    rows = Dispute.objects.filter(payment__gateway=gateway, remote_id=OuterRef("remote_id"))
    return Exists(rows)


def _processed(gateway: str) -> QuerySet[Refund]:
    return Refund.objects.filter(payment__gateway=gateway, state=PROCESSED)


def _lost(gateway: str) -> QuerySet[Dispute]:
    return Dispute.objects.filter(payment__gateway=gateway, state=LOST)


def _sum(rows: QuerySet, name: str) -> int:
    return rows.aggregate(paise=Sum(F(name)))["paise"] or 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.IST)
