"""Stripe's twin for tests: `stripe_twin` runs it in this process, empty, with settings at it.

def test_x(stripe_twin):
    stripe_twin.pay(session_id); stripe_twin.act(sub_id, "renew", outcome="fail")
    stripe_twin.advance(86_400); stripe_twin.events("invoice.paid")
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.twins_fixtures import RunningTwin, load, start

KEY = "sk_test_of_these_tests"
WEBHOOK_SECRET = "whsec_of_these_tests"


class RunningStripe(RunningTwin):
    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """A control call; see tests/twins/stripe_gateway.py."""
        answer = httpx.post(
            f"{self.url}/_control/{path}", json=body or {}, trust_env=False, verify=False
        )
        answer.raise_for_status()
        return answer.json()

    def press(self, url: str, action: str, method: str = "card") -> httpx.Response:
        """A button of the hosted page: pay, decline, process or abandon."""
        return httpx.post(
            url, data={"action": action, "method": method}, trust_env=False, verify=False
        )

    def pay(self, session_id: str, method: str = "card") -> dict[str, Any]:
        return self.post(f"sessions/{session_id}", {"action": "pay", "method": method})

    def act(self, subscription_id: str, action: str, outcome: str = "succeed") -> dict[str, Any]:
        """renew, retry, approve, unpaid, uncollectible, cancel, lose_mandate, dispute, …"""
        body = {"action": action, "outcome": outcome}
        return self.post(f"subscriptions/{subscription_id}", body)

    def advance(self, seconds: int) -> int:
        return self.post("clock", {"seconds": seconds})["now"]

    def outcome(self, subscription_id: str, name: str) -> None:
        """What becomes of the debits from now on."""
        customer = self.thing(subscription_id)["customer"]
        self.post(f"customers/{customer}", {"outcome": name})

    def thing(self, number: str) -> dict[str, Any]:
        return self.twin.books.things[number]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return self.twin.books.all(kind)

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """Every event, oldest first, as it is sent."""
        rows = self.twin.books.all("event")
        return [json.loads(json.dumps(row)) for row in rows if kind in ("", row["type"])]

    def signed(self, event: dict[str, Any], *, age: int = 0, secret: str = WEBHOOK_SECRET) -> Any:
        """(raw body, headers) of an event, signed `age` seconds ago."""
        from billing.gateways.stripe.signature import HEADER, header_of

        raw = json.dumps(event).encode()
        return raw, {HEADER: header_of(raw, str(int(time.time()) - age), secret)}


@pytest.fixture(scope="session")
def running_stripe() -> Iterator[RunningStripe]:
    running = start(load("stripe_gateway").Stripe)
    stripe = RunningStripe(running.twin, running.server)
    yield stripe
    stripe.server.shutdown()
    stripe.server.server_close()


@pytest.fixture
def stripe_twin(running_stripe: RunningStripe, settings: Any, monkeypatch: Any) -> RunningStripe:
    """Stripe, with `stripe` among the gateways; it keeps its webhooks to itself."""
    import stripe

    running_stripe.twin.reset()
    running_stripe.twin.secret_key, running_stripe.twin.webhook_secret = KEY, WEBHOOK_SECRET
    running_stripe.twin.webhook_url = ""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, WEBHOOK_SECRET
    settings.STRIPE_URL = running_stripe.url
    settings.BILLING_GATEWAYS = ("stripe", *settings.BILLING_GATEWAYS)
    # The SDK waits half a second and more before each of its own retries.
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    return running_stripe
