"""What every payment gateway is to us: a few calls that are handed and return plain values.

A gateway never sees our database and decides nothing. Its word is an Observation; billing compares
it with our own rows before anything is granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from billing.engine.lifecycle import State


@dataclass(frozen=True)
class Charge:
    """What is asked or paid: paise including GST, currency, tier of the plan, month or year."""

    amount_paise: int
    currency: str
    plan: str
    interval: str


@dataclass(frozen=True)
class CheckoutRequest:
    """`reference` is our checkout's id; it is also the idempotency key of the call."""

    reference: str
    charge: Charge
    return_url: str


@dataclass(frozen=True)
class StartedCheckout:
    remote_id: str
    url: str


@dataclass(frozen=True)
class CheckoutSnapshot:
    """`state` is one of open, paid, declined, abandoned, expired."""

    remote_id: str
    reference: str
    state: str
    charge: Charge


@dataclass(frozen=True)
class SubscriptionSnapshot:
    remote_id: str
    state: State
    charge: Charge
    paid_count: int
    current_period_start: datetime | None
    current_period_end: datetime | None
    past_due_since: datetime | None
    updated_at: datetime


@dataclass(frozen=True)
class PaymentSnapshot:
    remote_id: str
    amount_paise: int
    currency: str
    paid_at: datetime


@dataclass(frozen=True)
class Observation:
    """What the gateway says of one checkout and what came of it.

    `is_authoritative`: read from the gateway just now, not from an event of some time ago.
    """

    checkout: CheckoutSnapshot | None
    subscription: SubscriptionSnapshot | None
    payments: tuple[PaymentSnapshot, ...]
    is_authoritative: bool = False


@dataclass(frozen=True)
class SignedEvent:
    """A webhook whose signature holds. `payload` can be stored as JSON as it is."""

    event_id: str
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Capabilities:
    """What the pages may offer with this gateway."""

    retries_failed_payments: bool
    sends_checkout_results: bool
    can_change_plan: bool
    can_pause: bool


class Gateway(Protocol):
    """One payment gateway. Calls raise GatewayUnavailable, GatewayRefused or RemoteNotFound."""

    code: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        """Open a pay page; the same reference answers the same page."""

    def parse_webhook(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> SignedEvent:
        """Check the signature over the raw body. Raises InvalidSignature for any doubt or junk."""

    def observe(self, payload: Mapping[str, Any]) -> tuple[Observation, ...]:
        """Read a stored event; () for a kind we do not use. Raises MalformedEvent."""

    def fetch_checkout(self, remote_id: str) -> Observation:
        """The present state of a checkout, with its subscription and payments."""

    def fetch_subscription(self, remote_id: str) -> Observation:
        """The present state of a subscription, with its checkout and payments."""
