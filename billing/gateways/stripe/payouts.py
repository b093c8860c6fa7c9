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
# https://docs.stripe.com/reports/balance-transaction-types. What is not named is an adjustment.
KINDS = {
    "charge": "payment",
    "payment": "payment",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payout_failure": "payout",
    "payout_cancel": "payout",
}
# Fees that are no payment's: they are written as amounts, below zero.
FEES = frozenset({"stripe_fee", "tax_fee"})


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
    fee, amount = whole(row, "fee"), whole(row, "amount")
    if sum(whole(detail, "amount") for detail in details) != fee:
        raise MalformedEvent(what="fee_details")
    kind, remote_id = _called(row)
    if row.get("type") in FEES:
        fee, amount = fee - amount, 0
        tax = fee if row.get("type") == "tax_fee" else tax
    return PayoutItemSnapshot(
        kind=kind,
        remote_id=remote_id,
        amount_paise=amount,
        fee_paise=fee - tax,
        fee_tax_paise=tax,
    )


def _called(row: Row) -> tuple[str, str]:
    """What it is, and what our rows call it: the payment's, refund's, dispute's or payout's id,
    else the transaction's own. What a dispute takes, or gives back, is an `adjustment` at Stripe,
    and so is a refund that failed: only the source tells."""
    source = part(row, "source") if isinstance(row.get("source"), dict) else {}
    kind = KINDS.get(text(row, "type"), "adjustment")
    if kind == "payment":
        return kind, telling.id_of(source, "payment_intent") or identifier(row, "id")
    if kind == "adjustment" and source.get("object") == "refund":
        kind = "refund"
    if kind != "adjustment" or source.get("object") == "dispute":
        return kind, identifier(source if source else row, "id")
    return kind, identifier(row, "id")
