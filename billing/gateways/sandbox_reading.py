"""Reading what the sandbox gateway answers and sends; an event carries the whole present state."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from billing.engine.lifecycle import State
from billing.errors import MalformedEvent
from billing.gateways.base import (
    Charge,
    CheckoutSnapshot,
    DisputeSnapshot,
    MandateSnapshot,
    Observation,
    PaymentSnapshot,
    PayoutItemSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)
from billing.gateways.reading import (
    identifier,
    moment,
    moment_or_none,
    optional_part,
    part,
    parts,
    text,
    whole,
)

CHECKOUT_STATES = frozenset({"open", "paid", "declined", "abandoned", "expired"})
SUBSCRIPTION_STATES = {
    "incomplete": State.INCOMPLETE,
    "trialing": State.TRIALING,
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "halted": State.SUSPENDED,
    "paused": State.PAUSED,
    "canceled": State.CANCELED,
    "expired": State.EXPIRED,
    "completed": State.ENDED,
}
MANDATE_STATES = frozenset({"none", "pending", "confirmed", "paused", "lost", "needs_afa"})
REFUND_STATES = frozenset({"asked", "processed", "failed"})

Row = Mapping[str, Any]


def observation_of(answer: Row) -> Observation:
    checkout, subscription = part(answer, "checkout"), optional_part(answer, "subscription")
    return Observation(
        checkout=_checkout(checkout),
        subscription=None if subscription is None else _subscription(subscription),
        payments=tuple(_payment(row) for row in parts(answer, "payments")),
        refunds=tuple(refund_of(row) for row in _optional(answer, "refunds")),
        disputes=tuple(_dispute(row) for row in _optional(answer, "disputes")),
    )


def refund_of(row: Row) -> RefundSnapshot:
    state = text(row, "status")
    if state not in REFUND_STATES:
        raise MalformedEvent(what="refund.status")
    return RefundSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=identifier(row, "payment"),
        amount_paise=_above_zero(row, "amount"),
        state=state,
        reference=_label(row, "reference"),
    )


def payout_of(row: Row) -> PayoutSnapshot:
    return PayoutSnapshot(
        remote_id=identifier(row, "id"),
        utr=text(row, "utr", longest=40),
        state=text(row, "status", longest=12),
        amount_paise=whole(row, "amount"),
        fee_paise=whole(row, "fee"),
        fee_tax_paise=whole(row, "tax"),
        paid_on=_day(row),
        items=tuple(_payout_item(item) for item in parts(row, "items")),
    )


def _payout_item(row: Row) -> PayoutItemSnapshot:
    return PayoutItemSnapshot(
        kind=text(row, "kind", longest=12),
        remote_id=identifier(row, "id"),
        amount_paise=whole(row, "amount"),
        fee_paise=whole(row, "fee"),
        fee_tax_paise=whole(row, "tax"),
    )


def _day(row: Row) -> date:
    return datetime.fromtimestamp(moment(row, "paid_at").timestamp(), UTC).date()


def _checkout(row: Row) -> CheckoutSnapshot:
    state = text(row, "status")
    if state not in CHECKOUT_STATES:
        raise MalformedEvent(what="checkout.status")
    return CheckoutSnapshot(
        remote_id=identifier(row, "id"),
        reference=text(row, "reference"),
        state=state,
        charge=_charge(row),
    )


def _subscription(row: Row) -> SubscriptionSnapshot:
    status = text(row, "status")
    if status not in SUBSCRIPTION_STATES:
        raise MalformedEvent(what="subscription.status")
    paid_count = whole(row, "paid_count")
    if not 0 <= paid_count <= 10_000:
        raise MalformedEvent(what="subscription.paid_count")
    mandate = optional_part(row, "mandate")
    return SubscriptionSnapshot(
        remote_id=identifier(row, "id"),
        state=SUBSCRIPTION_STATES[status],
        charge=_charge(row),
        paid_count=paid_count,
        current_period_start=moment_or_none(row, "current_period_start"),
        current_period_end=moment_or_none(row, "current_period_end"),
        past_due_since=moment_or_none(row, "past_due_since"),
        updated_at=moment(row, "updated"),
        cancel_at_period_end=row.get("cancel_at_period_end") is True,
        mandate=None if mandate is None else _mandate(mandate),
        paused_by=_label(row, "paused_by"),
    )


def _mandate(row: Row) -> MandateSnapshot:
    state = text(row, "status")
    if state not in MANDATE_STATES:
        raise MalformedEvent(what="mandate.status")
    limit = None if row.get("limit") is None else _above_zero(row, "limit")
    return MandateSnapshot(
        state=state, method=_label(row, "method"), limit_paise=limit, reason=_label(row, "reason")
    )


def _payment(row: Row) -> PaymentSnapshot:
    return PaymentSnapshot(
        remote_id=identifier(row, "id"),
        amount_paise=whole(row, "amount"),
        currency=text(row, "currency"),
        paid_at=moment(row, "created"),
        method=_label(row, "method"),
        period_start=moment_or_none(row, "period_start"),
        period_end=moment_or_none(row, "period_end"),
    )


def _dispute(row: Row) -> DisputeSnapshot:
    return DisputeSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=identifier(row, "payment"),
        amount_paise=_above_zero(row, "amount"),
        state=text(row, "status", longest=20),
        reason=_label(row, "reason"),
        updated_at=moment(row, "updated"),
    )


def _charge(row: Row) -> Charge:
    """One payment by link is of no plan and no interval: both are empty."""
    return Charge(
        amount_paise=whole(row, "amount"),
        currency=text(row, "currency"),
        plan=text(row, "plan") if row.get("plan") != "" else "",
        interval=text(row, "interval") if row.get("interval") != "" else "",
    )


def _optional(answer: Row, name: str) -> list[Row]:
    return [] if answer.get(name) is None else parts(answer, name)


def _label(row: Row, name: str) -> str:
    return "" if row.get(name) in {None, ""} else text(row, name, longest=200)


def _above_zero(row: Row, name: str) -> int:
    found = whole(row, name)
    if found <= 0:
        raise MalformedEvent(what=name)
    return found
