"""Calls through Stripe's SDK: plain values in and out, and its many errors as our three."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import stripe

from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound

TIMEOUT_SECONDS = 20
RETRIES = 2
PAGE = 100
Row = Mapping[str, Any]
# The SDK writes each address at INFO, with the e-mail address of a customer in it.
logging.getLogger("stripe").setLevel(logging.WARNING)


class ReplayedFailure(GatewayUnavailable):
    """Stripe keeps the first answer of an idempotency key, a failure of its own too."""


class Client:
    """One connection. `v1` is the SDK's; each call of it goes through `one`, `made` or `many`."""

    def __init__(self, *, key: str, base_url: str):
        session = requests.Session()
        # Neither proxies nor a .netrc of the machine: they would see or change our key.
        session.trust_env = False
        address = base_url.rstrip("/")
        self._stripe = stripe.StripeClient(
            key,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS, session=session),
            base_addresses={"api": address} if address else {},
        )

    @property
    def v1(self) -> Any:
        return self._stripe.v1

    def one(self, call: Callable[..., Any], *arguments: Any) -> Row:
        """What a GET answers."""
        return _told(call, *arguments).to_dict(for_json=True)

    def dated(self, call: Callable[..., Any], *arguments: Any) -> tuple[Row, datetime]:
        """What a GET answers, and Stripe's own time of it in whole seconds."""
        found = _told(call, *arguments)
        return found.to_dict(for_json=True), _answered_at(found)

    def made(self, call: Callable[..., Any], *arguments: Any, key: str) -> Row:
        """What a POST answers; the same key with the same parameters answers the first result."""
        return _told(call, *arguments, {"idempotency_key": key}).to_dict(for_json=True)

    def many(self, call: Callable[..., Any], *arguments: Any) -> Iterator[Row]:
        """Every row of a list, page by page; the last argument is its parameters."""
        *before, params = arguments
        after: dict[str, str] = {}
        while True:
            page = self.one(call, *before, {"limit": PAGE, **params, **after})
            rows = page.get("data") or []
            yield from rows
            if not page.get("has_more") or not rows:
                return
            after = {"starting_after": str(rows[-1].get("id", ""))}


def _told(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        found = call(*arguments)
    except stripe.StripeError as error:
        raise _ours(error) from error
    except (AttributeError, TypeError, RecursionError) as error:
        # The SDK stumbles over JSON that is no object.
        raise GatewayUnavailable from error
    if not isinstance(found, stripe.StripeObject):
        raise GatewayUnavailable
    return found


def _ours(error: stripe.StripeError) -> GatewayUnavailable | GatewayRefused:
    status = error.http_status or 0
    if status >= 500:
        headers = {str(name).lower(): value for name, value in (error.headers or {}).items()}
        is_replayed = headers.get("idempotent-replayed") == "true"
        return ReplayedFailure() if is_replayed else GatewayUnavailable()
    # 409: another call with this key is on its way. Below 400: an answer that is not JSON.
    # Nor is an error without Stripe's own words from Stripe: something between us answered.
    if status < 400 or status in {409, 429} or not isinstance(error.json_body, dict):
        return GatewayUnavailable()
    if status == 404 or error.code == "resource_missing":
        return RemoteNotFound()
    return GatewayRefused()


def refused_parameter(error: GatewayRefused) -> str:
    """Which parameter Stripe would not take; empty when it does not say."""
    return str(getattr(error.__cause__, "param", "") or "")


def refusal_code(error: GatewayRefused) -> str:
    return str(getattr(error.__cause__, "code", "") or "")


def _answered_at(found: Any) -> datetime:
    try:
        return parsedate_to_datetime(found.last_response.headers["Date"]).astimezone(UTC)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise GatewayUnavailable from error
