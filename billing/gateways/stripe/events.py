"""Which events of Stripe we use, and what is taken from each.

An event of a subscription, refund or dispute carries its object whole. An invoice, a checkout or a
mandate tells only that something happened: the present state is then read at Stripe, by the worker
that applies the event, never while the webhook is being answered.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from billing.errors import EventRefused, RemoteNotFound
from billing.gateways.base import MandateSnapshot, Observation
from billing.gateways.reading import identifier, moment, part, text
from billing.gateways.stripe import telling
from billing.gateways.stripe.reader import Reader, as_of

API_VERSION = "2026-10-28.endive"
Row = Mapping[str, Any]
Found = tuple[Observation, ...]
LOOKED_UP = {
    "checkout.session.": frozenset(
        {"completed", "expired", "async_payment_succeeded", "async_payment_failed"}
    ),
    "invoice.": frozenset(
        {
            *("paid", "payment_failed", "payment_action_required", "voided"),
            *("marked_uncollectible", "overdue"),
        }
    ),
}


def observations(payload: Row, reader: Reader) -> Found:
    """Raises MalformedEvent, EventRefused, or GatewayUnavailable when Stripe had to be asked."""
    kind = text(payload, "type")
    read = _reading_of(kind, is_ours=payload.get("api_version") == API_VERSION)
    if read is None:
        return ()
    thing = part(part(payload, "data"), "object")
    try:
        return read(thing, moment(payload, "created"), reader)
    except RemoteNotFound as error:
        raise EventRefused(reason="the gateway itself does not know it") from error


def _reading_of(kind: str, *, is_ours: bool) -> Callable[[Row, datetime, Reader], Found] | None:
    """An event written for another version of the API is not taken at its word."""
    if kind.startswith("customer.subscription."):
        return _subscription if is_ours else _subscription_by_id
    if kind.startswith("refund."):
        return _refund
    if kind.startswith("charge.dispute."):
        return _dispute
    if kind == "mandate.updated":
        return _mandate
    area, _dot, last = kind.rpartition(".")
    if last in LOOKED_UP.get(f"{area}.", ()):
        return _session if area == "checkout.session" else _invoice
    return None


def _subscription(thing: Row, at: datetime, reader: Reader) -> Found:
    return (Observation(None, telling.subscription(thing, updated_at=at), ()),)


def _subscription_by_id(thing: Row, at: datetime, reader: Reader) -> Found:
    return (reader.subscription(identifier(thing, "id")),)


def _session(thing: Row, at: datetime, reader: Reader) -> Found:
    return (reader.checkout(identifier(thing, "id")),)


def _invoice(thing: Row, at: datetime, reader: Reader) -> Found:
    agreement = telling.subscription_id_of(thing)
    return (reader.subscription(agreement),) if agreement else ()


def _refund(thing: Row, at: datetime, reader: Reader) -> Found:
    return (Observation(None, None, (), refunds=(telling.refund(thing),)),)


def _dispute(thing: Row, at: datetime, reader: Reader) -> Found:
    return (Observation(None, None, (), disputes=(telling.dispute(thing, updated_at=at),)),)


def _mandate(thing: Row, at: datetime, reader: Reader) -> Found:
    """Only a mandate that ended changes anything; its subscriptions are found by its method."""
    if text(thing, "status") != "inactive":
        return ()
    method = telling.id_of(thing, "payment_method")
    lost = MandateSnapshot("lost", _method_kind(thing), None, telling.inactive_reason(thing))
    rows = reader.subscriptions_of_method(method)
    return tuple(as_of(reader.subscription(identifier(row, "id")), lost) for row in rows)


def _method_kind(thing: Row) -> str:
    return str(telling.soft(thing, "payment_method_details").get("type", ""))[:12]
