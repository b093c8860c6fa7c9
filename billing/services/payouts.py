"""Payouts of gateways: kept, and put into the books.

A payout is in the books when the gateway says that it is processed, and out of them when it says
that it failed; a failed one may still succeed. Its line of the bank (bank_statements) confirms
it and posts nothing.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from billing.engine import ledger
from billing.engine.payouts import (
    ADJUSTMENT,
    FAILED,
    POST,
    RETURNED,
    REVERSE,
    Item,
    difference_of,
    merged,
    opened,
    payout_postings,
    state_of,
    step_of,
)
from billing.gateways.base import PayoutSnapshot
from billing.gateways.registry import gateway_of
from billing.models import (
    Dispute,
    JournalEntry,
    JournalLine,
    Payment,
    Payout,
    PayoutItem,
    Refund,
)
from billing.selectors.payouts import IMPORT, items_of
from billing.services.bank_statements import payouts_match
from billing.services.ledger import journal_post
from billing.services.undoing import payouts_take_back
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
# A gateway tells the bank's reference, and that a payout failed, some days after it.
LOOK_BACK = timedelta(days=14)
# A payout that was not decided is asked for again as long as this.
UNDECIDED_FOR = timedelta(days=120)


@dataclass
class ImportReport:
    """Remote ids by what came of them; `odd` are those that staff should look at."""

    gateway: str
    seen: int = 0
    posted: list[str] = field(default_factory=list)
    reversed: list[str] = field(default_factory=list)
    untied: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


@public_context()
def payouts_import(*, gateway_code: str, since: datetime, now: datetime) -> ImportReport:
    """Take what the gateway paid out since then, and what was not decided before. Run again it
    changes nothing. Raises GatewayUnavailable; what was taken stays taken."""
    gateway = gateway_of(gateway_code)
    report = ImportReport(gateway_code)
    if gateway.capabilities.has_payouts:
        waiting = []
        for snapshot in gateway.payouts_since(_since(gateway_code, since, now)):
            report.seen += 1
            if any(item.kind == RETURNED for item in snapshot.items):
                waiting.append(snapshot)
            else:
                _take(report, snapshot, now)
        # The payout that came back is told after the one in which it comes again.
        for snapshot in sorted(waiting, key=lambda one: one.paid_on):
            _take(report, snapshot, now)
    items_look_again(gateway_code=gateway_code, now=now)
    payouts_match()
    payouts_take_back(now=now)
    return report


@public_context()
def payouts_ask(*, gateway_code: str, now: datetime, key: str) -> bool:
    """Have a worker ask the gateway; False while it is being asked, or for a `key` of before."""
    rows = DueWork.objects.filter(task=IMPORT, arguments__gateway_code=gateway_code)
    name = f"billing-payouts:{gateway_code}:{key}"
    if rows.filter(Q(done_at=None, dead_at=None) | Q(key=name)).exists():
        return False
    work_schedule(
        task=IMPORT,
        arguments={"gateway_code": gateway_code, "since": (now - LOOK_BACK).isoformat()},
        key=name,
        queue="billing",
    )
    return True


@public_context()
def items_look_again(*, gateway_code: str, now: datetime) -> int:
    """Items that were unknown when they came, and are ours by now: how many."""
    rows = Payout.objects.filter(gateway=gateway_code, items__is_known=False).distinct()
    count = 0
    for payout_id in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            payout = Payout.objects.select_for_update().get(pk=payout_id)
            count += _items_know(payout, now)
    return count


def _since(gateway_code: str, since: datetime, now: datetime) -> datetime:
    """Back to the oldest payout that was not decided, or has no UTR yet."""
    rows = Payout.objects.filter(gateway=gateway_code, created_at__gte=now - UNDECIDED_FOR)
    open_rows = rows.exclude(state="processed") | rows.filter(utr="")
    oldest = open_rows.order_by("paid_on").values_list("paid_on", flat=True).first()
    if oldest is None:
        return since
    began = datetime(oldest.year, oldest.month, oldest.day, tzinfo=clock.IST) - timedelta(days=7)
    return min(since, began)


def _take(report: ImportReport, snapshot: PayoutSnapshot, now: datetime) -> None:
    with transaction.atomic():
        facts = _facts(snapshot)
        payout, is_new = Payout.objects.get_or_create(
            gateway=report.gateway,
            remote_id=snapshot.remote_id,
            defaults={**facts, "created_at": now},
        )
        payout = Payout.objects.select_for_update().get(pk=payout.pk)
        if _is_in_books(payout) and payout.amount_paise != snapshot.amount_paise:
            logger.error("payout %s has another amount than we booked", payout.remote_id)
            report.odd.append(payout.remote_id)
            return
        if is_new or not _is_in_books(payout):
            _items_write(payout, snapshot)
        else:
            # What is in the books stays; the state and a UTR that came later are taken over.
            facts = {"state": facts["state"], "utr": facts["utr"] or payout.utr}
        Payout.objects.filter(pk=payout.pk).update(**facts)
        payout.refresh_from_db()
        _items_know(payout, now)
        _books(report, payout, now)


def _facts(snapshot: PayoutSnapshot) -> dict[str, object]:
    return {
        "utr": snapshot.utr.strip()[:40],
        "state": state_of(snapshot.state),
        "amount_paise": snapshot.amount_paise,
        "fee_paise": snapshot.fee_paise,
        "fee_tax_paise": snapshot.fee_tax_paise,
        "paid_on": snapshot.paid_on,
    }


def _items_write(payout: Payout, snapshot: PayoutSnapshot) -> None:
    items = merged(
        Item(one.kind, one.remote_id, one.amount_paise, one.fee_paise, one.fee_tax_paise)
        for one in snapshot.items
    )
    kept = [_item_write(payout, item).pk for item in items]
    # The gateway put it into another payout, or told it wrong.
    payout.items.exclude(pk__in=kept).delete()


def _item_write(payout: Payout, item: Item) -> PayoutItem:
    amounts = {
        "amount_paise": item.amount_paise,
        "fee_paise": item.fee_paise,
        "fee_tax_paise": item.fee_tax_paise,
    }
    row, _is_new = PayoutItem.objects.update_or_create(
        payout=payout, kind=item.kind, remote_id=item.remote_id, defaults=amounts
    )
    return row


def _items_know(payout: Payout, now: datetime) -> int:
    """Mark the items that are ours. An adjustment that was booked as a loss and is a dispute's is
    booked again as what the gateway owed us."""
    count = 0
    for item in payout.items.filter(is_known=False):
        if not _is_ours(payout.gateway, item):
            continue
        count += PayoutItem.objects.filter(pk=item.pk).update(is_known=True)
        if item.kind == ADJUSTMENT and _is_in_books(payout):
            journal_post(
                kind="payout",
                cause=f"payout:{payout.pk}:{_made(payout)}:item:{item.pk}",
                narration=f"Adjustment {item.remote_id} is a dispute's",
                postings=ledger.adjustment_explained(item.amount_paise),
                on=clock.today(now),
                now=now,
            )
    return count


def _is_ours(gateway: str, item: PayoutItem) -> bool:
    """Of the same amount too: a payment of another amount is for staff to look at."""
    if item.kind == "payment":
        rows = Payment.objects.filter(gateway=gateway, remote_id=item.remote_id)
        return rows.filter(amount_paise=item.amount_paise).exists()
    if item.kind == "refund":
        refunds = Refund.objects.filter(payment__gateway=gateway, remote_id=item.remote_id)
        return refunds.filter(amount_paise=-item.amount_paise).exists()
    if item.kind == RETURNED:
        return _returned(gateway, item.remote_id).exists()
    return Dispute.objects.filter(payment__gateway=gateway, remote_id=item.remote_id).exists()


def _returned(gateway: str, *remote_ids: str) -> QuerySet[Payout]:
    return Payout.objects.filter(gateway=gateway, state=FAILED, remote_id__in=remote_ids)


def _inside(payout: Payout) -> tuple[tuple[Item, ...] | None, frozenset[tuple[str, str]]]:
    """What is paid out in the end, and what of it our rows know."""
    items = items_of(payout)
    ids = [item.remote_id for item in items if item.kind == RETURNED]
    rows = {row.remote_id: row for row in _returned(payout.gateway, *ids)} if ids else {}
    lists = {number: items_of(row) for number, row in rows.items() if not _is_in_books(row)}
    known = PayoutItem.objects.filter(payout__in=[payout, *rows.values()], is_known=True)
    return opened(items, lists), frozenset(known.values_list("kind", "remote_id"))


def _books(report: ImportReport, payout: Payout, now: datetime) -> None:
    made = _made(payout)
    step = step_of(state=payout.state, made=made, reversed_=_reversed(payout))
    if step == POST:
        items, known = _inside(payout)
        if items is None or difference_of(amount_paise=payout.amount_paise, items=items):
            logger.error("payout %s is not what its items add up to", payout.remote_id)
            report.untied.append(payout.remote_id)
            return
        postings = payout_postings(amount_paise=payout.amount_paise, items=items, known=known)
        # One that succeeds after it had failed is of the day on which we hear of it.
        on = clock.today(now) if made else payout.paid_on
        _post(payout, f"{made + 1}", f"Payout {payout.remote_id}", postings, on, now)
        report.posted.append(payout.remote_id)
    if step == REVERSE:
        logger.error("payout %s failed after it had been paid", payout.remote_id)
        postings = ledger.reversed_of(_booked(payout))
        narration = f"Payout {payout.remote_id} failed"
        _post(payout, f"{made}:failed", narration, postings, clock.today(now), now)
        report.reversed.append(payout.remote_id)


def _post(
    payout: Payout, turn: str, narration: str, postings: ledger.Postings, on: date, now: datetime
) -> None:
    journal_post(
        kind="payout",
        cause=f"payout:{payout.pk}:{turn}",
        narration=narration,
        postings=postings,
        on=on,
        now=now,
    )


def _entries(payout: Payout) -> list[str]:
    rows = JournalEntry.objects.filter(cause__startswith=f"payout:{payout.pk}:")
    return list(rows.values_list("cause", flat=True))


def _made(payout: Payout) -> int:
    return sum(cause.count(":") == 2 for cause in _entries(payout))


def _reversed(payout: Payout) -> int:
    return sum(cause.endswith(":failed") for cause in _entries(payout))


def _is_in_books(payout: Payout) -> bool:
    return _made(payout) > _reversed(payout)


def _booked(payout: Payout) -> ledger.Postings:
    """What the books hold of this payout now, corrections of its adjustments included."""
    rows = JournalLine.objects.filter(entry__cause__startswith=f"payout:{payout.pk}:")
    lines = rows.values_list("account", "amount_paise")
    sums = ledger.balances([[ledger.Posting(*line) for line in lines]])
    return ledger.postings(*sums.items())
