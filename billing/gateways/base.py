"""What every payment gateway is to us: a few calls that are handed and return plain values.

A gateway never sees our database and decides nothing. Its word is an Observation; billing compares
it with our own rows before anything is granted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol

from billing.engine.lifecycle import State


@dataclass(frozen=True)
class Charge:
    """What is asked or paid: paise including GST, currency, tier of the plan, month or year."""

    amount_paise: int
    currency: str
    plan: str
    interval: str


@dataclass(frozen=True)
class Payer:
    """Who pays, as the gateway's page and its receipts name them; empty where not known."""

    account: str
    name: str = ""
    email: str = ""
    phone: str = ""
    gstin: str = ""
    state_code: str = ""
    # A subscription of this payer at the same gateway, if there was one: it knows the customer.
    known_by: str = ""


@dataclass(frozen=True)
class CheckoutRequest:
    """`reference` is our checkout's id; it is also the idempotency key of the call.

    `starts_at`: the first charge comes then, and only the mandate is made now. `remote_plan_id` is
    what `ensure_plan` answered. `method` asks for one (upi, card, emandate); empty: any.
    """

    reference: str
    charge: Charge
    return_url: str
    payer: Payer | None = None
    starts_at: datetime | None = None
    remote_plan_id: str = ""
    mandate_limit_paise: int | None = None
    method: str = ""
    description: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class PaymentRequest:
    """One payment by link, for an invoice; `reference` is our checkout's id. `method`: offer it
    alone, where the gateway can."""

    reference: str
    amount_paise: int
    currency: str
    description: str
    return_url: str
    payer: Payer | None = None
    expires_at: datetime | None = None
    method: str = ""


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
    cancel_at_period_end: bool | None = None
    mandate: "MandateSnapshot | None" = None
    # Of subscriptions with a finite number of charges; None: without end.
    remaining_count: int | None = None
    paused_by: str = ""
    # The gateway will try the failed charge again by itself, next at this time.
    next_attempt_at: datetime | None = None


@dataclass(frozen=True)
class MandateSnapshot:
    """`state` is one of none, pending, confirmed, paused, lost, needs_afa.

    `since`: the gateway shows no mandate, only the account behind it, known to it since then.
    """

    state: str
    method: str = ""
    limit_paise: int | None = None
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class PaymentSnapshot:
    remote_id: str
    amount_paise: int
    currency: str
    paid_at: datetime
    method: str = ""
    remote_invoice_id: str = ""
    period_start: datetime | None = None
    period_end: datetime | None = None


@dataclass(frozen=True)
class RefundSnapshot:
    """`state` is one of asked, processed, failed; `reference` is our refund's id, if it is ours."""

    remote_id: str
    payment_id: str
    amount_paise: int
    state: str
    reference: str = ""


@dataclass(frozen=True)
class DisputeSnapshot:
    remote_id: str
    payment_id: str
    amount_paise: int
    state: str
    reason: str
    updated_at: datetime


@dataclass(frozen=True)
class PayoutItemSnapshot:
    """`kind` is payment, refund, adjustment (`remote_id` is the dispute's, where it is one's) or
    payout: an earlier one that came back. `amount_paise` is positive when it is ours."""

    kind: str
    remote_id: str
    amount_paise: int
    fee_paise: int
    fee_tax_paise: int


@dataclass(frozen=True)
class PayoutSnapshot:
    """What reached the bank under one UTR: the items less fee and GST on the fee."""

    remote_id: str
    utr: str
    state: str
    amount_paise: int
    fee_paise: int
    fee_tax_paise: int
    paid_on: date
    items: tuple[PayoutItemSnapshot, ...]


@dataclass(frozen=True)
class Observation:
    """What the gateway says of one checkout and what came of it.

    `is_authoritative`: read from the gateway just now, not from an event of some time ago.
    """

    checkout: CheckoutSnapshot | None
    subscription: SubscriptionSnapshot | None
    payments: tuple[PaymentSnapshot, ...]
    is_authoritative: bool = False
    refunds: tuple[RefundSnapshot, ...] = ()
    disputes: tuple[DisputeSnapshot, ...] = ()


@dataclass(frozen=True)
class SignedEvent:
    """A webhook whose signature holds. `payload` can be stored as JSON as it is."""

    event_id: str
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Capabilities:
    """What the pages may offer with this gateway.

    `change_plan`: in_place (the gateway prorates), switch (a new mandate first, then the old is
    cancelled), or none. `methods`: of mandates. `limits_paise`: the largest mandate by method.
    """

    retries_failed_payments: bool
    sends_checkout_results: bool
    change_plan: Literal["in_place", "switch", "none"] = "none"
    can_pause: bool = False
    can_resume: bool = False
    has_portal: bool = False
    has_payment_links: bool = False
    has_payouts: bool = False
    # Opening a page twice with one reference answers the first; otherwise look before repeating.
    is_checkout_idempotent: bool = True
    # A cancellation for the end of the period can be taken back.
    can_keep: bool = True
    # The page for a subscription sends the customer back to us; else ours waits beside it.
    page_returns: bool = True
    # A first charge that is put off lies at least this far ahead.
    shortest_start: timedelta = timedelta(0)
    methods: tuple[str, ...] = ()
    limits_paise: Mapping[str, int] = field(default_factory=dict)


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

    def ensure_plan(self, charge: Charge, *, key: str) -> str:
        """The gateway's immutable plan of this price (with GST); '' where it needs none."""

    def find_checkout(self, reference: str) -> StartedCheckout | None:
        """The page opened with this reference, after an answer was lost."""

    def start_payment(self, request: PaymentRequest) -> StartedCheckout:
        """A link for one payment. It is then a checkout without a subscription."""

    def verify_return(self, remote_id: str, params: Mapping[str, str]) -> bool:
        """Whether what the browser brought back was signed for `remote_id`. It grants nothing."""

    def preview_change(self, remote_id: str, charge: Charge, *, at: datetime) -> int:
        """Paise with GST that an in-place change to this price would charge at that time."""

    def change_plan(self, remote_id: str, charge: Charge, *, at: datetime, key: str) -> Observation:
        """Change the price in place, prorated as previewed for `at`. GatewayRefused for others."""

    def cancel(self, remote_id: str, *, at_period_end: bool, key: str) -> Observation:
        """Cancel now or at the end of the paid period."""

    def keep(self, remote_id: str, *, key: str) -> Observation:
        """Take back a cancellation at the end of the period."""

    def pause(self, remote_id: str, *, key: str) -> Observation: ...

    def resume(self, remote_id: str, *, key: str) -> Observation: ...

    def refund(
        self, payment_id: str, amount_paise: int, *, reason: str, key: str
    ) -> RefundSnapshot:
        """Give back a part; the same key never gives back twice."""

    def fetch_refunds(self, payment_id: str) -> tuple[RefundSnapshot, ...]: ...

    def manage_url(self, remote_id: str, *, return_url: str) -> str:
        """The gateway's page to repair or change the payment method; '' where it has none."""

    def changed_since(self, since: datetime) -> Iterator[str]:
        """Ids of all our subscriptions that may have changed since then; too many is no harm."""

    def payouts_since(self, since: datetime) -> Iterator[PayoutSnapshot]: ...
