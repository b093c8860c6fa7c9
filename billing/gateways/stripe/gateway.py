"""Stripe as a Gateway. Parameters come from `asking`, answers go through `telling`."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from billing.errors import (
    GatewayRefused,
    GatewayUnavailable,
    InvalidSignature,
    MalformedEvent,
    RemoteNotFound,
)
from billing.gateways.base import (
    Capabilities,
    Charge,
    CheckoutRequest,
    Observation,
    Payer,
    PaymentRequest,
    PayoutSnapshot,
    RefundSnapshot,
    SignedEvent,
    StartedCheckout,
)
from billing.gateways.reading import identifier, storable_json, text, whole
from billing.gateways.stripe import asking, catalogue, events, telling
from billing.gateways.stripe.calls import Client, ReplayedFailure, refused_parameter
from billing.gateways.stripe.payouts import payouts_since
from billing.gateways.stripe.reader import Reader, Strict
from billing.gateways.stripe.signature import HEADER, signature_check
from marketing_platform.core import clock

# Stripe keeps events for 30 days; before that, every subscription is looked at.
EVENTS_KEPT = timedelta(days=29)
# Stripe asks for 48 hours; the page is opened and paid a little later.
SHORTEST_TRIAL = timedelta(hours=49)
LARGEST_UPI_MANDATE_PAISE = 1_00_000_00
Row = Mapping[str, Any]
T = TypeVar("T")


class StripeGateway:
    """`webhook_secret` is one, or two with a comma between while it is being changed: new, old."""

    code: ClassVar[str] = "stripe"
    capabilities: ClassVar[Capabilities] = Capabilities(
        retries_failed_payments=True,
        sends_checkout_results=True,
        change_plan="in_place",
        can_pause=True,
        can_resume=True,
        has_portal=True,
        has_payment_links=True,
        has_payouts=True,
        shortest_start=SHORTEST_TRIAL,
        methods=asking.METHODS,
        limits_paise=MappingProxyType({"upi": LARGEST_UPI_MANDATE_PAISE}),
    )

    def __init__(self, *, secret_key: str, webhook_secret: str, base_url: str = ""):
        self._secrets = tuple(one.strip() for one in webhook_secret.split(",") if one.strip())
        if not secret_key.strip():
            raise ValueError("STRIPE_SECRET_KEY is empty.")
        if not self._secrets:
            raise ValueError("STRIPE_WEBHOOK_SECRET is empty: anyone could sign events.")
        self._key, self._base_url = secret_key.strip(), base_url

    @cached_property
    def _client(self) -> Client:
        return Client(key=self._key, base_url=self._base_url)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._client)

    @property
    def _v1(self) -> Any:
        return self._client.v1

    # --- pages

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        price_id = request.remote_plan_id or self.ensure_plan(request.charge, key=request.reference)
        customer_id = self._customer(request.payer)
        params = asking.subscription_page(request, price_id=price_id, customer_id=customer_id)
        return self._page(request.reference, params)

    def start_payment(self, request: PaymentRequest) -> StartedCheckout:
        params = asking.payment_page(request, customer_id=self._customer(request.payer))
        return self._page(request.reference, params)

    def find_checkout(self, reference: str) -> StartedCheckout | None:
        row = self._reader.open_session(reference)
        return _started(row) if row else None

    def fetch_checkout(self, remote_id: str) -> Observation:
        return self._reader.checkout(remote_id)

    def verify_return(self, remote_id: str, params: Mapping[str, str]) -> bool:
        """Stripe signs nothing here: the page is only recognised by its own long id."""
        brought = str(params.get(asking.RETURN_PARAMETER) or "")
        return hmac.compare_digest(brought.encode("utf-8", "replace"), remote_id.encode())

    def _page(self, reference: str, params: dict[str, Any]) -> StartedCheckout:
        def create(key: str) -> Row:
            return self._client.made(self._v1.checkout.sessions.create, params, key=key)

        key = f"checkout:{reference}"
        try:
            return _started(self._once(lambda: self._reader.open_session(reference), create, key))
        except GatewayRefused as error:
            if refused_parameter(error) != "expires_at":
                raise
        # A page is open for 24 hours at most by Stripe's clock; ours may differ, or ask for more.
        del params["expires_at"]
        key = f"{key}:a-day"
        return _started(self._once(lambda: self._reader.open_session(reference), create, key))

    def ensure_plan(self, charge: Charge, *, key: str) -> str:
        """A price never changes at Stripe and is found by its name; `key` is not needed."""
        return catalogue.price_id(self._client, charge)

    def _customer(self, payer: Payer | None) -> str:
        return catalogue.customer_id(self._client, payer) if payer else ""

    # --- webhooks

    def parse_webhook(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> SignedEvent:
        signature_check(raw, str(headers.get(HEADER) or ""), self._secrets, now)
        try:
            payload = storable_json(raw)
            return SignedEvent(
                event_id=identifier(payload, "id"),
                kind=text(payload, "type", longest=80),
                payload=payload,
            )
        except MalformedEvent as error:
            raise InvalidSignature from error

    def observe(self, payload: Mapping[str, Any]) -> tuple[Observation, ...]:
        return events.observations(payload, self._reader)

    # --- subscriptions

    def fetch_subscription(self, remote_id: str) -> Observation:
        return self._reader.subscription(remote_id)

    def preview_change(self, remote_id: str, charge: Charge, *, at: datetime) -> int:
        price_id = self.ensure_plan(charge, key="")
        params = asking.change_preview(remote_id, self._item(remote_id), price_id, at)
        row = self._client.one(self._v1.invoices.create_preview, params)
        with Strict():
            return whole(row, "amount_due")

    def change_plan(self, remote_id: str, charge: Charge, *, at: datetime, key: str) -> Observation:
        """Paid: the new price is there. Not paid yet: the old one is, until the invoice is."""
        price_id = self.ensure_plan(charge, key=key)
        params = asking.change(self._item(remote_id), price_id, at)
        return self._update(remote_id, params, f"change:{key}")

    def cancel(self, remote_id: str, *, at_period_end: bool, key: str) -> Observation:
        if at_period_end:
            return self._update(remote_id, {"cancel_at_period_end": True}, f"cancel:{key}")
        params = {"prorate": False, "invoice_now": False}
        try:
            self._client.made(self._v1.subscriptions.cancel, remote_id, params, key=f"end:{key}")
        except RemoteNotFound:
            # So it is answered for one that has ended already; the look below tells.
            return self.fetch_subscription(remote_id)
        return self.fetch_subscription(remote_id)

    def keep(self, remote_id: str, *, key: str) -> Observation:
        return self._update(remote_id, {"cancel_at_period_end": False}, f"keep:{key}")

    def pause(self, remote_id: str, *, key: str) -> Observation:
        """Nothing is debited until it is resumed: the invoices of that time are voided."""
        params = {"pause_collection": {"behavior": "void"}}
        return self._update(remote_id, params, f"pause:{key}")

    def resume(self, remote_id: str, *, key: str) -> Observation:
        return self._update(remote_id, {"pause_collection": ""}, f"resume:{key}")

    def manage_url(self, remote_id: str, *, return_url: str) -> str:
        with Strict():
            customer_id = telling.id_of(self._reader.row(remote_id), "customer")
        params = {
            "customer": customer_id,
            "return_url": return_url,
            "flow_data": {"type": "payment_method_update"},
        }
        row = self._client.one(self._v1.billing_portal.sessions.create, params)
        with Strict():
            return _address(row)

    def changed_since(self, since: datetime) -> Iterator[str]:
        if since < clock.now() - EVENTS_KEPT:
            rows = self._client.many(self._v1.subscriptions.list, {"status": "all"})
            yield from (str(row.get("id", "")) for row in rows)
            return
        params = {
            "types": list(asking.EVENTS_THAT_CHANGE),
            "created": {"gte": asking.seconds(since)},
        }
        seen = {""}
        for event in self._client.many(self._v1.events.list, params):
            number = _subscription_of(event)
            if number not in seen:
                seen.add(number)
                yield number

    def _item(self, remote_id: str) -> str:
        row = self._reader.row(remote_id)
        with Strict():
            return identifier(telling.item_of(row), "id")

    def _update(self, remote_id: str, params: dict[str, Any], key: str) -> Observation:
        self._client.made(self._v1.subscriptions.update, remote_id, params, key=key)
        return self.fetch_subscription(remote_id)

    # --- money back, money out

    def refund(
        self, payment_id: str, amount_paise: int, *, reason: str, key: str
    ) -> RefundSnapshot:
        params = asking.refund(payment_id, amount_paise, reason, key)

        def ours() -> RefundSnapshot | None:
            return next(
                (row for row in self.fetch_refunds(payment_id) if row.reference == key), None
            )

        def create(idempotency_key: str) -> RefundSnapshot:
            row = self._client.made(self._v1.refunds.create, params, key=idempotency_key)
            with Strict():
                return telling.refund(row)

        # Stripe forgets keys after a day or more; the refund itself it does not forget.
        return ours() or self._once(ours, create, f"refund:{key}")

    def fetch_refunds(self, payment_id: str) -> tuple[RefundSnapshot, ...]:
        rows = self._client.many(self._v1.refunds.list, {"payment_intent": payment_id})
        with Strict():
            return tuple(telling.refund(row) for row in rows)

    def payouts_since(self, since: datetime) -> Iterator[PayoutSnapshot]:
        return payouts_since(self._client, since)

    # --- calls

    def _once(self, look: Callable[[], T | None], create: Callable[[str], T], key: str) -> T:
        """Create with this key, whatever got lost on the way.

        A failure of Stripe's own is kept under its key and comes again with it. If nothing came of
        that first call, the next key makes a new one.
        """
        try:
            return create(key)
        except GatewayUnavailable as error:
            found = look()
            if found is not None:
                return found
            if not isinstance(error, ReplayedFailure):
                raise
        return create(f"{key}:again")


def _started(row: Row) -> StartedCheckout:
    with Strict():
        return StartedCheckout(remote_id=identifier(row, "id"), url=_address(row))


def _address(row: Row) -> str:
    url = text(row, "url", longest=500)
    if not url.startswith(("http://", "https://")):
        raise MalformedEvent(what="url")
    return url


def _subscription_of(event: Row) -> str:
    """Of which subscription an event tells; '' for none."""
    thing = telling.soft(telling.soft(event, "data"), "object")
    try:
        if thing.get("object") == "subscription":
            return identifier(thing, "id")
        if thing.get("object") == "invoice":
            return telling.subscription_id_of(thing)
        return telling.id_of(thing, "subscription")
    except MalformedEvent:
        return ""
