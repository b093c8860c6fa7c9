"""Reading what Razorpay says into plain values. Raises MalformedEvent for anything unexpected.

Our subscription is its own page: both have the id of the subscription, and `notes.op_id` is our
checkout. `notes` may be a list, when empty; `captured` may be "1".
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing.engine.lifecycle import State
from billing.engine.mandates import rules_at, waiting_state
from billing.errors import MalformedEvent
from billing.gateways.base import (
    Charge,
    CheckoutSnapshot,
    DisputeSnapshot,
    MandateSnapshot,
    Observation,
    PaymentSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
)
from billing.gateways.reading import identifier, moment, moment_or_none, part, text, whole
from marketing_platform.core import clock

Row = Mapping[str, Any]
PERIODS = {"monthly": "month", "yearly": "year"}
STATES = {
    "created": State.INCOMPLETE,
    "active": State.ACTIVE,
    "pending": State.PAST_DUE,
    "halted": State.SUSPENDED,
    "paused": State.PAUSED,
    "completed": State.ENDED,
    "cancelled": State.CANCELED,
    "expired": State.EXPIRED,
}
# With a charge that nobody has paid; also when it was cancelled over it.
MAY_BE_OPEN = frozenset({State.PAST_DUE, State.SUSPENDED, State.CANCELED})
MANDATE_STANDS = frozenset({"authenticated", "active"})
LINK_STATES = {
    "created": "open",
    "partially_paid": "open",
    "paid": "paid",
    "expired": "expired",
    "cancelled": "abandoned",
}
REFUND_STATES = {
    "created": "asked",
    "pending": "asked",
    "processed": "processed",
    "failed": "failed",
}
DISPUTE_STATES = frozenset({"open", "under_review", "won", "lost", "closed"})
MOST_PAID = 10_000


def note(row: Row, name: str) -> str:
    notes = row.get("notes")
    return str(notes.get(name) or "")[:100] if isinstance(notes, dict) else ""


def charge_of(plan: Row) -> Charge:
    item = part(plan, "item")
    period, count = text(plan, "period"), whole(plan, "interval")
    return Charge(
        amount_paise=whole(item, "amount"),
        currency=text(item, "currency"),
        plan=(note(plan, "plan") or "unnamed")[:20],
        interval=PERIODS.get(period, period) if count == 1 else f"{count} {period}"[:20],
    )


# --- subscriptions


def state_of(row: Row, at: datetime) -> State:
    """A mandate whose first charge is still to come is a trial; else the charge is on its way."""
    status = text(row, "status")
    if status == "authenticated":
        start = moment_or_none(row, "start_at")
        return State.TRIALING if start is not None and start > at else State.INCOMPLETE
    if status not in STATES:
        raise MalformedEvent(what="subscription.status")
    return STATES[status]


def observations(
    row: Row,
    charge: Charge,
    *,
    at: datetime,
    payments: tuple[PaymentSnapshot, ...] = (),
    past_due_since: datetime | None = None,
    is_authoritative: bool = False,
) -> tuple[Observation, ...]:
    """What a subscription tells at `at`. Before anything is paid or promised, the page and the
    subscription are told apart: the one may be ours while the other has no row yet."""
    page = _page(row, charge, at)
    theirs = _subscription(row, charge, at, past_due_since)
    if theirs.paid_count > 0 or theirs.state == State.TRIALING:
        return (Observation(page, theirs, payments, is_authoritative),)
    alone = Observation(page, None, (), is_authoritative)
    if text(row, "status") == "created":
        return (alone,)
    return (alone, Observation(None, theirs, (), is_authoritative))


def _page(row: Row, charge: Charge, at: datetime) -> CheckoutSnapshot:
    state = state_of(row, at)
    named = {State.EXPIRED: "expired", State.CANCELED: "abandoned", State.TRIALING: "paid"}
    return CheckoutSnapshot(
        remote_id=identifier(row, "id"),
        reference=note(row, "op_id"),
        state="paid" if _paid_count(row) else named.get(state, "open"),
        charge=charge,
    )


def _subscription(
    row: Row, charge: Charge, at: datetime, past_due_since: datetime | None
) -> SubscriptionSnapshot:
    if row.get("quantity", 1) != 1:
        raise MalformedEvent(what="subscription.quantity")
    state = state_of(row, at)
    left = row.get("remaining_count")
    paused_by = {"self": "us", "customer": "customer"}.get(str(row.get("pause_initiated_by")), "")
    return SubscriptionSnapshot(
        remote_id=identifier(row, "id"),
        state=state,
        charge=charge,
        paid_count=_paid_count(row),
        current_period_start=moment_or_none(row, "current_start"),
        current_period_end=moment_or_none(row, "current_end"),
        past_due_since=past_due_since if state in MAY_BE_OPEN else None,
        updated_at=at,
        # Razorpay does not tell of a cancellation at the end of the period.
        cancel_at_period_end=None,
        mandate=_mandate(row, charge, at, paused_by, is_open=past_due_since is not None),
        remaining_count=None if left is None else whole(row, "remaining_count"),
        paused_by=paused_by if state == State.PAUSED else "",
        next_attempt_at=moment_or_none(row, "charge_at") if state == State.PAST_DUE else None,
    )


def _paid_count(row: Row) -> int:
    count = whole(row, "paid_count")
    if not 0 <= count <= MOST_PAID:
        raise MalformedEvent(what="subscription.paid_count")
    return count


def _mandate(
    row: Row, charge: Charge, at: datetime, paused_by: str, *, is_open: bool
) -> MandateSnapshot | None:
    """None where the status does not tell: a failed debit may have any reason.

    Razorpay has no word for a debit that waits for the customer. Of an amount that always does, an
    open charge (`is_open`) is one.
    """
    method = str(row.get("payment_method") or "")[:12]
    if row["status"] == "pending" or (row["status"] == "active" and is_open):
        waits = waiting_state(
            method=method,
            amount_paise=charge.amount_paise,
            mandate="confirmed",
            rules=rules_at(clock.today(at)),
        )
        if waits == "needs_afa":
            return MandateSnapshot("needs_afa", method, reason="above the limit of silent debits")
    if row["status"] in MANDATE_STANDS:
        return MandateSnapshot("confirmed", method)
    if row["status"] == "paused" and paused_by == "customer":
        return MandateSnapshot("paused", method, reason="paused by the customer")
    return None


# --- money


def invoice_payment(row: Row, method: str = "") -> PaymentSnapshot | None:
    """Of an invoice of a subscription: the money that came in for it."""
    if text(row, "status") != "paid":
        return None
    return PaymentSnapshot(
        remote_id=identifier(row, "payment_id"),
        amount_paise=whole(row, "amount_paid"),
        currency=text(row, "currency"),
        paid_at=moment(row, "paid_at"),
        method=method[:20],
        remote_invoice_id=identifier(row, "id"),
        period_start=moment_or_none(row, "billing_start"),
        period_end=moment_or_none(row, "billing_end"),
    )


def event_payment(row: Row, subscription: Row | None = None) -> PaymentSnapshot | None:
    """Of an event, or of a link; None for money that is not captured."""
    is_captured = row.get("captured") in (True, 1, "1", "true")
    if text(row, "status") not in {"captured", "refunded"} or not is_captured:
        return None
    period = subscription or {}
    return PaymentSnapshot(
        remote_id=identifier(row, "id"),
        amount_paise=whole(row, "amount"),
        currency=text(row, "currency"),
        paid_at=moment(row, "created_at"),
        method=str(row.get("method") or "")[:20],
        remote_invoice_id="" if row.get("invoice_id") is None else identifier(row, "invoice_id"),
        period_start=moment_or_none(period, "current_start"),
        period_end=moment_or_none(period, "current_end"),
    )


def link(row: Row) -> CheckoutSnapshot:
    """One payment by link: it is of no plan and no interval."""
    status = text(row, "status")
    if status not in LINK_STATES:
        raise MalformedEvent(what="payment_link.status")
    return CheckoutSnapshot(
        remote_id=identifier(row, "id"),
        reference=text(row, "reference_id"),
        state=LINK_STATES[status],
        charge=Charge(whole(row, "amount"), text(row, "currency"), "", ""),
    )


def refund(row: Row) -> RefundSnapshot:
    status = text(row, "status")
    if status not in REFUND_STATES:
        raise MalformedEvent(what="refund.status")
    return RefundSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=identifier(row, "payment_id"),
        amount_paise=whole(row, "amount"),
        state=REFUND_STATES[status],
        reference=note(row, "op_id"),
    )


def dispute(row: Row, *, at: datetime) -> DisputeSnapshot:
    status = text(row, "status")
    if status not in DISPUTE_STATES:
        raise MalformedEvent(what="dispute.status")
    return DisputeSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=identifier(row, "payment_id"),
        amount_paise=whole(row, "amount"),
        state=status,
        reason=str(row.get("reason_code") or "")[:200],
        updated_at=at,
    )
