"""The sandbox gateway: a twin process of ours that moves no money (tests/twins/sandbox_gateway.py).

Its contract follows what the real ones do: a checkout with a hosted page, webhooks signed over the
raw body with a timestamp (as Stripe signs: HMAC-SHA256 of "<timestamp>.<body>"), times in whole
seconds, and present state by GET.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import httpx

from billing.engine.lifecycle import State
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
    CheckoutSnapshot,
    Observation,
    PaymentSnapshot,
    SignedEvent,
    StartedCheckout,
    SubscriptionSnapshot,
)
from billing.gateways.reading import (
    identifier,
    moment,
    moment_or_none,
    optional_part,
    part,
    parts,
    storable_json,
    text,
    whole,
)

TIMESTAMP_HEADER = "Sandbox-Timestamp"
SIGNATURE_HEADER = "Sandbox-Signature"
OLDEST_SECONDS = 300
CLOCK_SKEW_SECONDS = 5
TIMEOUT = httpx.Timeout(10, connect=3)
KINDS = ("checkout.", "subscription.")
CHECKOUT_STATES = frozenset({"open", "paid", "declined", "abandoned", "expired"})
SUBSCRIPTION_STATES = {
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "halted": State.SUSPENDED,
    "paused": State.PAUSED,
    "canceled": State.CANCELED,
    "expired": State.EXPIRED,
    "completed": State.ENDED,
}
TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SandboxGateway:
    """`secret` is one secret, or two with a comma between while it is being changed: new, old."""

    code: ClassVar[str] = "sandbox"
    capabilities: ClassVar[Capabilities] = Capabilities(
        retries_failed_payments=False,
        sends_checkout_results=True,
    )

    def __init__(self, *, base_url: str, secret: str, transport: httpx.BaseTransport | None = None):
        self._secrets = tuple(one.strip() for one in secret.split(",") if one.strip())
        if not self._secrets:
            raise ValueError("SANDBOX_GATEWAY_SECRET is empty: anyone could sign events.")
        self._base_url = base_url.rstrip("/")
        self._transport = transport

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        body = {
            "reference": request.reference,
            "amount": request.charge.amount_paise,
            "currency": request.charge.currency,
            "plan": request.charge.plan,
            "interval": request.charge.interval,
            "return_url": request.return_url,
        }
        answer = self._call("POST", "/v1/checkouts", body, key=request.reference)
        try:
            checkout = part(answer, "checkout")
            url = text(checkout, "url", longest=500)
            started = StartedCheckout(remote_id=identifier(checkout, "id"), url=url)
        except MalformedEvent as error:
            raise GatewayUnavailable from error
        if not url.startswith(("http://", "https://")):
            raise GatewayUnavailable
        return started

    def fetch_checkout(self, remote_id: str) -> Observation:
        return self._fetch(f"/v1/checkouts/{remote_id}")

    def fetch_subscription(self, remote_id: str) -> Observation:
        return self._fetch(f"/v1/subscriptions/{remote_id}")

    def parse_webhook(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> SignedEvent:
        timestamp = str(headers.get(TIMESTAMP_HEADER) or "")
        signatures = str(headers.get(SIGNATURE_HEADER) or "")
        if not TIMESTAMP.fullmatch(timestamp) or not self._is_signed(raw, timestamp, signatures):
            raise InvalidSignature
        age = now.timestamp() - int(timestamp)
        if not -CLOCK_SKEW_SECONDS <= age <= OLDEST_SECONDS:
            raise InvalidSignature
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
        if not str(payload.get("type", "")).startswith(KINDS):
            return ()
        return (_observation(part(payload, "data")),)

    def _is_signed(self, raw: bytes, timestamp: str, signatures: str) -> bool:
        """Whether one of up to four `v1=<hex>` signatures was made with one of our secrets."""
        offered = [one.strip() for one in signatures.split(",")[:4]]
        made = [f"v1={signature_of(raw, timestamp, secret)}" for secret in self._secrets]
        matches = [
            hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
            for one in made
            for other in offered
        ]
        return any(matches)

    def _fetch(self, path: str) -> Observation:
        answer = self._call("GET", path)
        try:
            return replace(_observation(answer), is_authoritative=True)
        except MalformedEvent as error:
            raise GatewayUnavailable from error

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str = ""
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._secrets[0]}"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            with httpx.Client(
                base_url=self._base_url,
                timeout=TIMEOUT,
                transport=self._transport,
                trust_env=False,
            ) as client:
                response = client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise GatewayUnavailable from error
        if response.status_code == 404:
            raise RemoteNotFound
        if response.status_code >= 500 or response.status_code == 429:
            raise GatewayUnavailable
        if response.status_code >= 400:
            raise GatewayRefused
        try:
            answer = response.json()
        except ValueError as error:
            raise GatewayUnavailable from error
        if not isinstance(answer, dict):
            raise GatewayUnavailable
        return answer


def signature_of(raw: bytes, timestamp: str, secret: str) -> str:
    """Hex HMAC-SHA256 of '<timestamp>.<raw body>'."""
    signed = timestamp.encode() + b"." + raw
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _observation(answer: Mapping[str, Any]) -> Observation:
    checkout, subscription = part(answer, "checkout"), optional_part(answer, "subscription")
    return Observation(
        checkout=_checkout(checkout),
        subscription=None if subscription is None else _subscription(subscription),
        payments=tuple(_payment(row) for row in parts(answer, "payments")),
    )


def _checkout(row: Mapping[str, Any]) -> CheckoutSnapshot:
    state = text(row, "status")
    if state not in CHECKOUT_STATES:
        raise MalformedEvent(what="checkout.status")
    return CheckoutSnapshot(
        remote_id=identifier(row, "id"),
        reference=text(row, "reference"),
        state=state,
        charge=_charge(row),
    )


def _subscription(row: Mapping[str, Any]) -> SubscriptionSnapshot:
    status = text(row, "status")
    if status not in SUBSCRIPTION_STATES:
        raise MalformedEvent(what="subscription.status")
    paid_count = whole(row, "paid_count")
    if not 0 <= paid_count <= 10_000:
        raise MalformedEvent(what="subscription.paid_count")
    return SubscriptionSnapshot(
        remote_id=identifier(row, "id"),
        state=SUBSCRIPTION_STATES[status],
        charge=_charge(row),
        paid_count=paid_count,
        current_period_start=moment_or_none(row, "current_period_start"),
        current_period_end=moment_or_none(row, "current_period_end"),
        past_due_since=moment_or_none(row, "past_due_since"),
        updated_at=moment(row, "updated"),
    )


def _payment(row: Mapping[str, Any]) -> PaymentSnapshot:
    return PaymentSnapshot(
        remote_id=identifier(row, "id"),
        amount_paise=whole(row, "amount"),
        currency=text(row, "currency"),
        paid_at=moment(row, "created"),
    )


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(
        amount_paise=whole(row, "amount"),
        currency=text(row, "currency"),
        plan=text(row, "plan"),
        interval=text(row, "interval"),
    )
