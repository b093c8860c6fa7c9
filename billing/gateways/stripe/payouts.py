"""What Stripe pays out: the balance transactions of a payout, with fee and GST on it apart."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from billing.errors import MalformedEvent
from billing.gateways.base import PayoutItemSnapshot, PayoutSnapshot
from billing.gateways.reading import identifier, moment, part, parts, text, whole
from billing.gateways.stripe import telling
from billing.gateways.stripe.asking import seconds
from billing.gateways.stripe.calls import Client
from billing.gateways.stripe.reader import Strict
from marketing_platform.core import clock

Row = Mapping[str, Any]
KINDS = {
    "charge": "payment",
    "payment": "payment",
    "refund": "refund",
    "payment_refund": "refund",
}


def payouts_since(client: Client, since: datetime) -> Iterator[PayoutSnapshot]:
    params = {"created": {"gte": seconds(since)}}
    for row in client.many(client.v1.payouts.list, params):
        with Strict():
            number = identifier(row, "id")
            listed = {"payout": number, "expand": ["data.source"]}
            rows = client.many(client.v1.balance_transactions.list, listed)
            # The payout itself is in its own list, with the amount turned round.
            items = tuple(_item(found) for found in rows if found.get("type") != "payout")
            snapshot = _payout(row, items)
        yield snapshot


def _payout(row: Row, items: tuple[PayoutItemSnapshot, ...]) -> PayoutSnapshot:
    return PayoutSnapshot(
        remote_id=identifier(row, "id"),
        # The bank's reference comes some days after the money.
        utr=str(telling.soft(row, "trace_id").get("value") or "")[:100],
        state=text(row, "status"),
        amount_paise=whole(row, "amount"),
        fee_paise=sum(item.fee_paise for item in items),
        fee_tax_paise=sum(item.fee_tax_paise for item in items),
        paid_on=clock.today(moment(row, "arrival_date")),
        items=items,
    )


def _item(row: Row) -> PayoutItemSnapshot:
    details = parts(row, "fee_details")
    tax = sum(whole(detail, "amount") for detail in details if detail.get("type") == "tax")
    fee = whole(row, "fee")
    if sum(whole(detail, "amount") for detail in details) != fee:
        raise MalformedEvent(what="fee_details")
    return PayoutItemSnapshot(
        kind=KINDS.get(text(row, "type"), "adjustment"),
        remote_id=_number(row),
        amount_paise=whole(row, "amount"),
        fee_paise=fee - tax,
        fee_tax_paise=tax,
    )


def _number(row: Row) -> str:
    """What our rows call it: the payment's or the refund's id, else the transaction's own."""
    source = part(row, "source") if isinstance(row.get("source"), dict) else {}
    if row.get("type") in {"charge", "payment"}:
        return telling.id_of(source, "payment_intent") or identifier(row, "id")
    if KINDS.get(str(row.get("type"))) == "refund" and source:
        return identifier(source, "id")
    return identifier(row, "id")
