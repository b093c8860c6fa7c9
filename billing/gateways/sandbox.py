"""The sandbox gateway: a twin process of ours that moves no money (tests/twins/sandbox_gateway.py).

Its contract follows what the real ones do: a checkout with a hosted page, webhooks signed over the
raw body with a timestamp (as Stripe signs: HMAC-SHA256 of "<timestamp>.<body>"), times in whole
seconds, and present state by GET.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

import httpx

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
from billing.gateways.reading import identifier, part, parts, storable_json, text, whole
from billing.gateways.sandbox_reading import observation_of, payout_of, refund_of

TIMESTAMP_HEADER = "Sandbox-Timestamp"
SIGNATURE_HEADER = "Sandbox-Signature"
OLDEST_SECONDS = 300
CLOCK_SKEW_SECONDS = 5
TIMEOUT = httpx.Timeout(10, connect=3)
KINDS = ("checkout.", "subscription.", "refund.", "dispute.")
TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SandboxGateway:
    """`secret` is one secret, or two with a comma between while it is being changed: new, old."""

    code: ClassVar[str] = "sandbox"
    capabilities: ClassVar[Capabilities] = Capabilities(
        retries_failed_payments=False,
        sends_checkout_results=True,
        change_plan="in_place",
        can_pause=True,
        can_resume=True,
        has_portal=True,
        has_payment_links=True,
        has_payouts=True,
        methods=("card", "upi", "emandate"),
        limits_paise=MappingProxyType({"upi": 10_000_000, "emandate": 1_000_000_000}),
    )

    def __init__(self, *, base_url: str, secret: str, transport: httpx.BaseTransport | None = None):
        self._secrets = tuple(one.strip() for one in secret.split(",") if one.strip())
        if not self._secrets:
            raise ValueError("SANDBOX_GATEWAY_SECRET is empty: anyone could sign events.")
        self._base_url = base_url.rstrip("/")
        self._transport = transport

    def start_checkout(self, request: CheckoutRequest) -> StartedCheckout:
        body: dict[str, Any] = {
            "reference": request.reference,
            "amount": request.charge.amount_paise,
            "currency": request.charge.currency,
            "plan": request.charge.plan,
            "interval": request.charge.interval,
            "return_url": request.return_url,
        }
        extras = {
            "starts_at": int(request.starts_at.timestamp()) if request.starts_at else None,
            "mandate_limit": request.mandate_limit_paise,
            "method": request.method,
        }
        body |= {name: value for name, value in extras.items() if value}
        return _started(self._call("POST", "/v1/checkouts", body, key=request.reference))

    def start_payment(self, request: PaymentRequest) -> StartedCheckout:
        body = {
            "reference": request.reference,
            "amount": request.amount_paise,
            "currency": request.currency,
            "description": request.description,
            "return_url": request.return_url,
        }
        return _started(self._call("POST", "/v1/payment_links", body, key=request.reference))

    def find_checkout(self, reference: str) -> StartedCheckout | None:
        try:
            return _started(self._call("GET", "/v1/checkouts", query={"reference": reference}))
        except RemoteNotFound:
            return None

    def ensure_plan(self, charge: Charge, *, key: str) -> str:
        """Prices are part of each subscription here."""
        return ""

    def verify_return(self, remote_id: str, params: Mapping[str, str]) -> bool:
        result, offered = params.get("result", ""), params.get("signature", "")
        made = [return_signature(remote_id, result, secret) for secret in self._secrets]
        given = offered.encode("utf-8", "replace")
        return any([hmac.compare_digest(one.encode(), given) for one in made])

    def preview_change(self, remote_id: str, charge: Charge, *, at: datetime) -> int:
        answer = self._call("POST", f"/v1/subscriptions/{remote_id}/preview", _change(charge, at))
        with _Strict():
            return whole(answer, "due")

    def change_plan(self, remote_id: str, charge: Charge, *, at: datetime, key: str) -> Observation:
        return self._move(remote_id, "change", _change(charge, at), key)

    def cancel(self, remote_id: str, *, at_period_end: bool, key: str) -> Observation:
        return self._move(remote_id, "cancel", {"at_period_end": at_period_end}, key)

    def keep(self, remote_id: str, *, key: str) -> Observation:
        return self._move(remote_id, "keep", {}, key)

    def pause(self, remote_id: str, *, key: str) -> Observation:
        return self._move(remote_id, "pause", {}, key)

    def resume(self, remote_id: str, *, key: str) -> Observation:
        return self._move(remote_id, "resume", {}, key)

    def refund(
        self, payment_id: str, amount_paise: int, *, reason: str, key: str
    ) -> RefundSnapshot:
        body = {"amount": amount_paise, "reason": reason, "reference": key}
        answer = self._call("POST", f"/v1/payments/{payment_id}/refunds", body, key=f"refund:{key}")
        with _Strict():
            return refund_of(part(answer, "refund"))

    def fetch_refunds(self, payment_id: str) -> tuple[RefundSnapshot, ...]:
        answer = self._call("GET", f"/v1/payments/{payment_id}/refunds")
        with _Strict():
            return tuple(refund_of(row) for row in parts(answer, "refunds"))

    def manage_url(self, remote_id: str, *, return_url: str) -> str:
        body = {"return_url": return_url}
        answer = self._call("POST", f"/v1/subscriptions/{remote_id}/manage", body)
        with _Strict():
            return _web_address(answer)

    def changed_since(self, since: datetime) -> Iterator[str]:
        query = {"since": str(int(since.timestamp()))}
        answer = self._call("GET", "/v1/subscriptions", query=query)
        with _Strict():
            yield from [identifier(row, "id") for row in parts(answer, "subscriptions")]

    def payouts_since(self, since: datetime) -> Iterator[PayoutSnapshot]:
        query = {"since": str(int(since.timestamp()))}
        answer = self._call("GET", "/v1/payouts", query=query)
        with _Strict():
            yield from [payout_of(row) for row in parts(answer, "payouts")]

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
        return (observation_of(part(payload, "data")),)

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
        return _present(self._call("GET", path))

    def _move(self, remote_id: str, action: str, body: dict[str, Any], key: str) -> Observation:
        path = f"/v1/subscriptions/{remote_id}/{action}"
        return _present(self._call("POST", path, body, key=key))

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: str = "",
        query: dict[str, str] | None = None,
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
                # It is on this machine.
                verify=False,  # noqa: S501
            ) as client:
                response = client.request(method, path, json=body, params=query, headers=headers)
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


def return_signature(remote_id: str, result: str, secret: str) -> str:
    """Hex HMAC-SHA256 of '<checkout>|<result>', as the pay page adds it to the way back."""
    return hmac.new(secret.encode(), f"{remote_id}|{result}".encode(), hashlib.sha256).hexdigest()


class _Strict:
    """An answer of another shape is an answer that we did not get."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MalformedEvent):
            raise GatewayUnavailable from error


def _present(answer: Mapping[str, Any]) -> Observation:
    with _Strict():
        return replace(observation_of(answer), is_authoritative=True)


def _started(answer: Mapping[str, Any]) -> StartedCheckout:
    with _Strict():
        checkout = part(answer, "checkout")
        return StartedCheckout(remote_id=identifier(checkout, "id"), url=_web_address(checkout))


def _web_address(row: Mapping[str, Any]) -> str:
    url = text(row, "url", longest=500)
    if not url.startswith(("http://", "https://")):
        raise GatewayUnavailable
    return url


def _change(charge: Charge, at: datetime) -> dict[str, Any]:
    return {
        "amount": charge.amount_paise,
        "plan": charge.plan,
        "interval": charge.interval,
        "at": int(at.timestamp()),
    }
