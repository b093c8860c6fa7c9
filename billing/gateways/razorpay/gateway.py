"""Razorpay as a Gateway. What is asked comes from `asking`, answers go through `telling`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

import httpx

from billing.engine.lifecycle import FINAL
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
    PaymentRequest,
    PayoutSnapshot,
    RefundSnapshot,
    SignedEvent,
    StartedCheckout,
)
from billing.gateways.razorpay import asking, events, telling
from billing.gateways.razorpay.calls import Client
from billing.gateways.razorpay.payouts import payouts_since
from billing.gateways.razorpay.reader import LINK, Reader, Strict
from billing.gateways.razorpay.signature import (
    EVENT_HEADER,
    HEADER,
    event_id_of,
    is_signed,
    signature_check,
)
from billing.gateways.reading import identifier, storable_json, text
from marketing_platform.core import clock

# Pages live for a day; who looks for one whose answer was lost looks no further back.
LOOK_BACK = timedelta(days=3)
OVER = frozenset({"cancelled", "completed", "expired"})
Row = Mapping[str, Any]


class RazorpayGateway:
    """`webhook_secret` is one, or two with a comma between while it is being changed: new, old."""

    code: ClassVar[str] = "razorpay"
    capabilities: ClassVar[Capabilities] = Capabilities(
        retries_failed_payments=True,
        sends_checkout_results=False,
        change_plan="switch",
        can_pause=True,
        can_resume=True,
        has_portal=False,
        has_payment_links=True,
        has_payouts=True,
        is_checkout_idempotent=False,
        can_keep=False,
        page_returns=False,
        methods=("card", "upi", "emandate"),
        limits_paise=MappingProxyType({"upi": 1_00_000_00, "emandate": 1_00_00_000_00}),
    )

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        webhook_secret: str,
        base_url: str,
        transport: httpx.BaseTransport | None = None,
    ):
        self._secrets = tuple(one.strip() for one in webhook_secret.split(",") if one.strip())
        self._key_secret = key_secret.strip()
        if not key_id.strip() or not self._key_secret:
            raise ValueError("RAZORPAY_KEY_ID or RAZORPAY_KEY_SECRET is empty.")
        if not self._secrets:
            raise ValueError("RAZORPAY_WEBHOOK_SECRET is empty: anyone could sign events.")
        self._client = Client(
            key_id=key_id.strip(),
            key_secret=self._key_secret,
            base_url=base_url,
            transport=transport,
        )

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._client)

    # --- pages

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        plan_id = request.remote_plan_id or self.ensure_plan(request.charge, key=request.reference)
        body = asking.subscription(request, plan_id)
        return self._page("subscriptions", body, lambda: self._subscription_page(request.reference))

    def start_payment(self, request: PaymentRequest) -> StartedCheckout:
        return self._page(
            "payment_links", asking.link(request), lambda: self._link_page(request.reference)
        )

    def find_checkout(self, reference: str) -> StartedCheckout | None:
        return self._subscription_page(reference) or self._link_page(reference)

    def fetch_checkout(self, remote_id: str) -> Observation:
        return self._reader.checkout(remote_id)

    def verify_return(self, remote_id: str, params: Mapping[str, str]) -> bool:
        """By the id that we hold, whatever id the browser brought."""
        payment = str(params.get("razorpay_payment_id") or "")
        signed = [payment, remote_id]
        if remote_id.startswith(LINK):
            names = ("razorpay_payment_link_reference_id", "razorpay_payment_link_status")
            signed = [remote_id, *(str(params.get(name) or "") for name in names), payment]
        raw = "|".join(signed).encode("utf-8", "replace")
        offered = str(params.get("razorpay_signature") or "")
        return bool(payment) and is_signed(raw, offered, (self._key_secret,))

    def ensure_plan(self, charge: Charge, *, key: str) -> str:
        """The oldest plan of this name: two who make it at once go on with the same one."""
        found = self._plans(charge)
        if not found:
            self._client.post("plans", asking.plan(charge))
            found = self._plans(charge)
        if not found:
            # Made just now and not listed yet.
            raise GatewayUnavailable
        return found[0]

    def _plans(self, charge: Charge) -> list[str]:
        name = asking.plan_name(charge)
        rows = [row for row in self._client.many("plans") if telling.note(row, "key") == name]
        with Strict():
            if any(telling.charge_of(row) != charge for row in rows):
                raise GatewayRefused
            ordered = sorted((row.get("created_at") or 0, identifier(row, "id")) for row in rows)
        return [number for _made, number in ordered]

    def _page(
        self, path: str, body: Mapping[str, Any], look: Callable[[], StartedCheckout | None]
    ) -> StartedCheckout:
        """Opened once. After a lost answer, or a reference that is taken, what is there counts."""
        try:
            row = self._client.post(path, body)
        except (GatewayUnavailable, GatewayRefused):
            found = look()
            if found is None:
                raise
            return found
        return _started(row)

    def _subscription_page(self, reference: str) -> StartedCheckout | None:
        since = int((clock.now() - LOOK_BACK).timestamp())
        rows = self._client.many("subscriptions", **{"from": since})
        ours = [row for row in rows if telling.note(row, "op_id") == reference]
        return next((_started(row) for row in ours if row.get("status") not in OVER), None)

    def _link_page(self, reference: str) -> StartedCheckout | None:
        rows = self._client.get("payment_links", reference_id=reference).get("payment_links") or []
        ours = [row for row in rows if row.get("reference_id") == reference]
        closed = {"cancelled", "expired"}
        return next((_started(row) for row in ours if row.get("status") not in closed), None)

    # --- webhooks

    def parse_webhook(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> SignedEvent:
        """The signature covers the body alone, so whoever stores events refuses a body twice."""
        signature_check(raw, str(headers.get(HEADER) or ""), self._secrets)
        try:
            payload = storable_json(raw)
            kind = text(payload, "event", longest=80)
        except MalformedEvent as error:
            raise InvalidSignature from error
        event_id = event_id_of(raw, str(headers.get(EVENT_HEADER) or ""))
        return SignedEvent(event_id=event_id, kind=kind, payload=payload)

    def observe(self, payload: Mapping[str, Any]) -> tuple[Observation, ...]:
        return events.observations(payload, self._reader)

    # --- subscriptions

    def fetch_subscription(self, remote_id: str) -> Observation:
        return self._reader.subscription(remote_id)

    def preview_change(self, remote_id: str, charge: Charge, *, at: datetime) -> int:
        """Cards of Indian banks, UPI and e-mandates keep their price."""
        raise GatewayRefused

    def change_plan(self, remote_id: str, charge: Charge, *, at: datetime, key: str) -> Observation:
        raise GatewayRefused

    def cancel(self, remote_id: str, *, at_period_end: bool, key: str) -> Observation:
        body = {"cancel_at_cycle_end": at_period_end}
        try:
            self._client.post(f"subscriptions/{remote_id}/cancel", body)
        except RemoteNotFound:
            raise
        except GatewayRefused:
            # So it is answered for one that has ended already.
            found = self.fetch_subscription(remote_id)
            if found.subscription is None or found.subscription.state not in FINAL:
                raise
            return found
        return _with_cancellation(self.fetch_subscription(remote_id), at_period_end)

    def keep(self, remote_id: str, *, key: str) -> Observation:
        """A cancellation at the end of the period cannot be taken back there."""
        raise GatewayRefused

    def pause(self, remote_id: str, *, key: str) -> Observation:
        """Only an active one: pausing one that was not charged yet would cancel it."""
        status = self._reader.row(remote_id).get("status")
        if status == "active":
            self._client.post(f"subscriptions/{remote_id}/pause", {"pause_at": "now"})
        elif status != "paused":
            raise GatewayRefused
        return self.fetch_subscription(remote_id)

    def resume(self, remote_id: str, *, key: str) -> Observation:
        """What the customer paused in the UPI app only the customer can resume."""
        row = self._reader.row(remote_id)
        if row.get("status") == "paused" and row.get("pause_initiated_by") != "customer":
            self._client.post(f"subscriptions/{remote_id}/resume", {"resume_at": "now"})
        elif row.get("status") != "active":
            raise GatewayRefused
        return self.fetch_subscription(remote_id)

    def manage_url(self, remote_id: str, *, return_url: str) -> str:
        """While a debit waits, the subscription's own page takes a new mandate and debits it. Once
        halted it would take one too, but never debit what is owed: then it is paid anew."""
        row = self._reader.row(remote_id)
        return _started(row).url if row.get("status") == "pending" else ""

    def changed_since(self, since: datetime) -> Iterator[str]:
        """Razorpay does not list by change: all but what was over by then."""
        for row in self._client.many("subscriptions"):
            ended = row.get("ended_at") or row.get("created_at") or 0
            is_over = row.get("status") in OVER
            if not is_over or datetime.fromtimestamp(int(ended), UTC) >= since - LOOK_BACK:
                with Strict():
                    number = identifier(row, "id")
                yield number

    # --- money back, money out

    def refund(
        self, payment_id: str, amount_paise: int, *, reason: str, key: str
    ) -> RefundSnapshot:
        body = asking.refund(amount_paise, reason, key)
        headers = {"X-Refund-Idempotency": asking.idempotency_key(key)}
        known = self._refund_of(payment_id, key)
        if known is not None:
            return known
        try:
            row = self._client.post(f"payments/{payment_id}/refund", body, **headers)
        except (GatewayUnavailable, GatewayRefused):
            found = self._refund_of(payment_id, key)
            if found is None:
                raise
            return found
        with Strict():
            return telling.refund(row)

    def _refund_of(self, payment_id: str, key: str) -> RefundSnapshot | None:
        rows = self.fetch_refunds(payment_id)
        return next((row for row in rows if row.reference == key), None)

    def fetch_refunds(self, payment_id: str) -> tuple[RefundSnapshot, ...]:
        rows = list(self._client.many(f"payments/{payment_id}/refunds"))
        with Strict():
            return tuple(telling.refund(row) for row in rows)

    def payouts_since(self, since: datetime) -> Iterator[PayoutSnapshot]:
        return payouts_since(self._client, since)


def _started(row: Row) -> StartedCheckout:
    with Strict():
        url = text(row, "short_url", longest=500)
        if not url.startswith(("http://", "https://")):
            raise MalformedEvent(what="short_url")
        return StartedCheckout(remote_id=identifier(row, "id"), url=url)


def _with_cancellation(found: Observation, at_period_end: bool) -> Observation:
    """It was taken, and no later answer will tell of it."""
    theirs = found.subscription
    if not at_period_end or theirs is None or theirs.state in FINAL:
        return found
    return replace(found, subscription=replace(theirs, cancel_at_period_end=True))
