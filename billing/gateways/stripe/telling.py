"""Reading what Stripe says into plain values. Raises MalformedEvent for anything unexpected.

Since the API of 2025 the period stands on the subscription's items, an invoice names its
subscription under `parent`, and its payments are a list of their own.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from billing.engine.lifecycle import State
from billing.errors import MalformedEvent
from billing.gateways.base import (
    Charge,
    CheckoutSnapshot,
    DisputeSnapshot,
    MandateSnapshot,
    PaymentSnapshot,
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

Row = Mapping[str, Any]
STATES = {
    "incomplete": State.INCOMPLETE,
    "incomplete_expired": State.EXPIRED,
    "trialing": State.TRIALING,
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "unpaid": State.SUSPENDED,
    "paused": State.PAUSED,
    "canceled": State.CANCELED,
}
REFUND_STATES = {
    "pending": "asked",
    "requires_action": "asked",
    "succeeded": "processed",
    "failed": "failed",
    "canceled": "failed",
}
DISPUTE_STATES = {
    "warning_needs_response": "open",
    "needs_response": "open",
    "warning_under_review": "under_review",
    "under_review": "under_review",
    "won": "won",
    "prevented": "won",
    "lost": "lost",
    "warning_closed": "closed",
}
ENDED_SUBSCRIPTIONS = frozenset({"incomplete_expired", "canceled"})
NEVER_PAID = frozenset({"draft", "open", "uncollectible", "void"})
FAILED_INTENTS = frozenset({"canceled", "requires_payment_method"})


def soft(row: Row, name: str) -> Row:
    """An inner part, empty when it is missing: for what only adds to what we know."""
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def id_of(row: Row, name: str) -> str:
    """The id of a thing that stands there as its id or whole; '' when there is none."""
    found = row.get(name)
    if found is None:
        return ""
    return identifier(found, "id") if isinstance(found, dict) else identifier(row, name)


def item_of(subscription: Row) -> Row:
    """Our subscriptions have one item, once."""
    items = parts(part(subscription, "items"), "data")
    if len(items) != 1 or items[0].get("quantity", 1) != 1:
        raise MalformedEvent(what="items")
    return items[0]


def charge_of(price: Row) -> Charge:
    """A price of one payment has neither plan nor interval; one that recurs must name its plan."""
    recurring, plan, interval = optional_part(price, "recurring"), "", ""
    if recurring:
        plan = str(soft(price, "metadata").get("plan") or "unnamed")[:20]
        count = recurring.get("interval_count", 1)
        interval = text(recurring, "interval") if count == 1 else f"{count} intervals"
    return Charge(whole(price, "unit_amount"), text(price, "currency").upper(), plan, interval)


def subscription(
    row: Row,
    *,
    updated_at: datetime,
    paid_count: int = 0,
    invoice: Row | None = None,
    mandate: MandateSnapshot | None = None,
) -> SubscriptionSnapshot:
    """`invoice`: the latest one, if it was read too; an event has only its id."""
    item = item_of(row)
    state = _state(row, invoice)
    open_invoice = invoice if invoice and invoice.get("status") == "open" else {}
    return SubscriptionSnapshot(
        remote_id=identifier(row, "id"),
        state=state,
        charge=charge_of(part(item, "price")),
        paid_count=paid_count,
        current_period_start=moment_or_none(item, "current_period_start"),
        current_period_end=moment_or_none(item, "current_period_end"),
        past_due_since=_unpaid_since(state, invoice or {}),
        updated_at=updated_at,
        cancel_at_period_end=row.get("cancel_at_period_end") is True,
        mandate=mandate,
        paused_by="us" if row.get("pause_collection") else "",
        next_attempt_at=moment_or_none(open_invoice, "next_payment_attempt"),
    )


def _state(row: Row, invoice: Row | None) -> State:
    status = text(row, "status")
    if status not in STATES:
        raise MalformedEvent(what="subscription.status")
    if row.get("pause_collection") and status in {"active", "trialing"}:
        return State.PAUSED
    if invoice and invoice.get("status") == "uncollectible" and status in {"active", "past_due"}:
        return State.SUSPENDED
    return STATES[status]


def _unpaid_since(state: State, invoice: Row) -> datetime | None:
    """Of one that is late; and of one that was canceled while its last charge was not paid."""
    status = invoice.get("status")
    finalized_at = moment_or_none(soft(invoice, "status_transitions"), "finalized_at")
    if state == State.PAST_DUE:
        return finalized_at if status == "open" else None
    if state == State.CANCELED and status in NEVER_PAID:
        return finalized_at or moment_or_none(invoice, "created")
    return None


def invoice_payments(invoice: Row) -> list[PaymentSnapshot]:
    """The money that came in for one invoice; none for an invoice of zero."""
    start, end = _covers(invoice)
    currency, number = text(invoice, "currency").upper(), identifier(invoice, "id")
    return [
        PaymentSnapshot(
            remote_id=id_of(part(row, "payment"), "payment_intent"),
            amount_paise=whole(row, "amount_paid"),
            currency=currency,
            paid_at=moment(part(row, "status_transitions"), "paid_at"),
            remote_invoice_id=number,
            period_start=start,
            period_end=end,
        )
        for row in parts(part(invoice, "payments"), "data")
        if row.get("status") == "paid" and part(row, "payment").get("payment_intent")
    ]


def _covers(invoice: Row) -> tuple[datetime | None, datetime | None]:
    """What an invoice pays for: its own period is the one before, so the lines tell."""
    lines = parts(part(invoice, "lines"), "data")
    periods = [part(line, "period") for line in lines if whole(line, "amount") > 0]
    if not periods:
        return None, None
    latest = max(periods, key=lambda period: whole(period, "end"))
    return moment(latest, "start"), moment(latest, "end")


def intent_payment(intent: Row) -> PaymentSnapshot:
    """A payment of its own, with its charge read too."""
    charge = part(intent, "latest_charge")
    return PaymentSnapshot(
        remote_id=identifier(intent, "id"),
        amount_paise=whole(intent, "amount_received"),
        currency=text(intent, "currency").upper(),
        paid_at=moment(charge, "created"),
        method=method_of(intent),
    )


def method_of(intent: Row) -> str:
    return str(_details(intent).get("type", ""))[:20]


def mandate_id(intent: Row) -> str:
    """The mandate that a charge was made with, where its method names one."""
    details = _details(intent)
    return str(soft(details, str(details.get("type", ""))).get("mandate") or "")


def _details(intent: Row) -> Row:
    return soft(soft(intent, "latest_charge"), "payment_method_details")


def waits_for_customer(intent: Row) -> bool:
    """Whether the bank wants the customer's word for this debit (above ₹15,000 or the mandate)."""
    if intent.get("status") == "requires_action":
        return True
    notice = soft(soft(soft(intent, "processing"), "card"), "customer_notification")
    return intent.get("status") == "processing" and notice.get("approval_requested") is True


def mandate_of(
    row: Row, *, method: Row | None, intent: Row | None, mandate: Row | None
) -> MandateSnapshot:
    """Of a subscription: its default method, the latest payment and the mandate behind it."""
    kind = str((method or {}).get("type", ""))[:12]
    limit = _limit(row, kind)
    if intent and waits_for_customer(intent):
        return MandateSnapshot("needs_afa", kind, limit)
    if mandate and mandate.get("status") in {"inactive", "pending"}:
        state = {"inactive": "lost", "pending": "pending"}[mandate["status"]]
        return MandateSnapshot(state, kind, limit, inactive_reason(mandate))
    if not method:
        return MandateSnapshot("pending" if row.get("status") == "incomplete" else "none")
    # Of UPI there is no mandate to be looked at: a lost one looks as it did before.
    since = None if mandate else moment_or_none(method, "created")
    return MandateSnapshot("confirmed", kind, limit, since=since)


def _limit(row: Row, kind: str) -> int | None:
    options = soft(soft(row, "payment_settings"), "payment_method_options")
    amount = soft(soft(options, kind), "mandate_options").get("amount")
    return amount if isinstance(amount, int) else None


def inactive_reason(mandate: Row) -> str:
    india = soft(soft(soft(mandate, "payment_method_details"), "card"), "india")
    return str(india.get("inactive_reason") or "")[:100]


def checkout(row: Row) -> CheckoutSnapshot:
    """With `line_items`; and, once complete, with its subscription or payment."""
    lines = parts(part(row, "line_items"), "data")
    if len(lines) != 1 or lines[0].get("quantity", 1) != 1:
        raise MalformedEvent(what="line_items")
    return CheckoutSnapshot(
        remote_id=identifier(row, "id"),
        reference=text(row, "client_reference_id"),
        state=_page_state(row),
        charge=charge_of(part(lines[0], "price")),
    )


def _page_state(row: Row) -> str:
    status, paid = text(row, "status"), text(row, "payment_status")
    if status in {"open", "expired"}:
        return status
    if status != "complete":
        raise MalformedEvent(what="session.status")
    if paid in {"paid", "no_payment_required"}:
        return "paid"
    # Complete, and the money is on its way (UPI, bank debit) or did not come.
    return "declined" if _has_failed(row) else "open"


def _has_failed(row: Row) -> bool:
    agreement, intent = row.get("subscription"), row.get("payment_intent")
    if isinstance(agreement, dict):
        return agreement.get("status") in ENDED_SUBSCRIPTIONS
    return isinstance(intent, dict) and intent.get("status") in FAILED_INTENTS


def refund(row: Row) -> RefundSnapshot:
    status = text(row, "status")
    if status not in REFUND_STATES:
        raise MalformedEvent(what="refund.status")
    return RefundSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=id_of(row, "payment_intent"),
        amount_paise=whole(row, "amount"),
        state=REFUND_STATES[status],
        reference=str(soft(row, "metadata").get("reference", ""))[:100],
    )


def dispute(row: Row, *, updated_at: datetime) -> DisputeSnapshot:
    status = text(row, "status")
    if status not in DISPUTE_STATES:
        raise MalformedEvent(what="dispute.status")
    return DisputeSnapshot(
        remote_id=identifier(row, "id"),
        payment_id=id_of(row, "payment_intent"),
        amount_paise=whole(row, "amount"),
        state=DISPUTE_STATES[status],
        reason=str(row.get("reason") or "")[:200],
        updated_at=updated_at,
    )


def subscription_id_of(invoice: Row) -> str:
    """The subscription that made this invoice; '' for another kind of invoice."""
    parent = optional_part(invoice, "parent")
    details = optional_part(parent, "subscription_details") if parent else None
    return id_of(details, "subscription") if details else ""


def rows_of(found: Iterable[PaymentSnapshot]) -> tuple[PaymentSnapshot, ...]:
    """In the order in which the money came; within one second, of what it pays for."""
    return tuple(
        sorted(found, key=lambda row: (row.paid_at, row.period_end or row.paid_at, row.remote_id))
    )
