"""What Razorpay settles: the rows of its reconciliation by settlement.

A row's `fee` includes `tax`, and its credit less its debit is what it adds to the settlement.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from billing.errors import MalformedEvent
from billing.gateways.base import PayoutItemSnapshot, PayoutSnapshot
from billing.gateways.razorpay.calls import Client
from billing.gateways.razorpay.reader import Strict
from billing.gateways.reading import identifier, moment, text, whole
from marketing_platform.core import clock

Row = Mapping[str, Any]
RECON_PAGE = 1_000
SIGNS = {"payment": 1, "refund": -1}


def payouts_since(client: Client, since: datetime) -> Iterator[PayoutSnapshot]:
    """Settlements made since then, with all that is in each."""
    settlements = list(client.many("settlements", **{"from": int(since.timestamp())}))
    with Strict():
        days = [clock.today(moment(row, "created_at")) for row in settlements]
        found = _items_by_settlement(client, days)
        payouts = [_payout(row, found.get(identifier(row, "id"), [])) for row in settlements]
    yield from payouts


def _items_by_settlement(client: Client, days: list[date]) -> dict[str, list[PayoutItemSnapshot]]:
    found: dict[str, list[PayoutItemSnapshot]] = {}
    # The rows of a settlement of the last evening of a month may be told with the next one.
    near = [day + late for day in days for late in (timedelta(0), timedelta(days=1))]
    for year, month in sorted({(day.year, day.month) for day in near}):
        path = "settlements/recon/combined"
        for row in client.many(path, page=RECON_PAGE, year=year, month=f"{month:02d}"):
            if row.get("settlement_id") is not None:
                found.setdefault(identifier(row, "settlement_id"), []).append(_item(row))
    return found


def _payout(row: Row, items: list[PayoutItemSnapshot]) -> PayoutSnapshot:
    return PayoutSnapshot(
        remote_id=identifier(row, "id"),
        utr=str(row.get("utr") or "")[:100],
        state=text(row, "status", longest=12),
        amount_paise=whole(row, "amount"),
        fee_paise=sum(item.fee_paise for item in items),
        fee_tax_paise=sum(item.fee_tax_paise for item in items),
        paid_on=clock.today(moment(row, "created_at")),
        items=tuple(items),
    )


def _item(row: Row) -> PayoutItemSnapshot:
    kind, amount = text(row, "type"), whole(row, "amount")
    fee, tax = whole(row, "fee"), whole(row, "tax")
    net = whole(row, "credit") - whole(row, "debit")
    gross = SIGNS[kind] * amount if kind in SIGNS else net + fee
    if gross - fee != net or not 0 <= tax <= fee:
        raise MalformedEvent(what="recon")
    # Our rows know a dispute and not its adjustment (adj_…).
    is_dispute = kind not in SIGNS and bool(row.get("dispute_id"))
    return PayoutItemSnapshot(
        kind=kind if kind in SIGNS else "adjustment",
        remote_id=identifier(row, "dispute_id" if is_dispute else "entity_id"),
        amount_paise=gross,
        fee_paise=fee - tax,
        fee_tax_paise=tax,
    )
