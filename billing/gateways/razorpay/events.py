"""Which events of Razorpay we use, and what is taken from each.

A subscription's event carries it whole, but for its price: that is read from its plan, by the
worker that applies the event. An invoice tells only that something happened.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from billing.errors import EventRefused, MalformedEvent, RemoteNotFound
from billing.gateways.base import Observation
from billing.gateways.razorpay import telling
from billing.gateways.razorpay.reader import Reader
from billing.gateways.reading import identifier, moment, part, text

Row = Mapping[str, Any]
Found = tuple[Observation, ...]
SUBSCRIPTION = frozenset(
    {
        *("authenticated", "activated", "charged", "pending", "halted", "paused", "resumed"),
        *("updated", "completed", "cancelled", "expired"),
    }
)
INVOICE = frozenset({"paid", "expired"})
LINK = frozenset({"paid", "expired", "cancelled"})
REFUND = frozenset({"created", "processed", "failed", "speed_changed"})
PAYS = frozenset({"charged", "activated"})


def observations(payload: Row, reader: Reader) -> Found:
    """Raises MalformedEvent, EventRefused, or GatewayUnavailable when Razorpay had to be asked."""
    kind = text(payload, "event")
    read = _reading_of(kind)
    if read is None:
        return ()
    try:
        return read(payload, happened_at(payload), reader)
    except RemoteNotFound as error:
        raise EventRefused(reason="the gateway itself does not know it") from error


def happened_at(payload: Row) -> datetime:
    """Some events carry their time inside."""
    return moment(payload if "created_at" in payload else part(payload, "payload"), "created_at")


def _reading_of(kind: str) -> Callable[[Row, datetime, Reader], Found] | None:
    if kind.startswith("payment.dispute."):
        return _dispute
    area, _dot, last = kind.partition(".")
    known = {
        "subscription": (SUBSCRIPTION, _subscription),
        "invoice": (INVOICE, _invoice),
        "payment_link": (LINK, _link),
        "refund": (REFUND, _refund),
    }
    names, read = known.get(area, (frozenset(), None))
    return read if last in names else None


def _entity(payload: Row, name: str) -> Row:
    return part(part(part(payload, "payload"), name), "entity")


def _optional(payload: Row, name: str) -> Row | None:
    return _entity(payload, name) if name in part(payload, "payload") else None


def _subscription(payload: Row, at: datetime, reader: Reader) -> Found:
    row = _entity(payload, "subscription")
    money = _optional(payload, "payment")
    pays = money is not None and text(payload, "event").rpartition(".")[2] in PAYS
    paid = telling.event_payment(money, row) if pays and money else None
    return telling.observations(
        row, reader.charge(row), at=at, payments=(paid,) if paid is not None else ()
    )


def _invoice(payload: Row, at: datetime, reader: Reader) -> Found:
    """An invoice of no subscription is not ours: we make none there."""
    row = _entity(payload, "invoice")
    if row.get("subscription_id") is None:
        return ()
    return (reader.subscription(identifier(row, "subscription_id")),)


def _link(payload: Row, at: datetime, reader: Reader) -> Found:
    page = telling.link(_entity(payload, "payment_link"))
    money = _optional(payload, "payment")
    paid = telling.event_payment(money) if money else None
    if page.state == "paid" and paid is None:
        raise MalformedEvent(what="payment")
    return (Observation(page, None, (paid,) if paid is not None else ()),)


def _refund(payload: Row, at: datetime, reader: Reader) -> Found:
    return (Observation(None, None, (), refunds=(telling.refund(_entity(payload, "refund")),)),)


def _dispute(payload: Row, at: datetime, reader: Reader) -> Found:
    found = telling.dispute(_entity(payload, "dispute"), at=at)
    return (Observation(None, None, (), disputes=(found,)),)
