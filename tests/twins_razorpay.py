"""Razorpay's twin for tests: `razorpay_twin` runs it in this process, empty, with settings at it.

def test_x(razorpay_twin):
    razorpay_twin.press(url, "pay", "upi"); razorpay_twin.act(sub_id, "halt")
    razorpay_twin.advance(86_400); razorpay_twin.events("subscription.charged")
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.twins_fixtures import RunningTwin, load, start

KEY_ID = "rzp_test_of_these_tests"
KEY_SECRET = "secret_of_these_tests"
WEBHOOK_SECRET = "webhook_of_these_tests"


class RunningRazorpay(RunningTwin):
    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """A control call; see tests/twins/razorpay.py."""
        answer = httpx.post(
            f"{self.url}/_control/{path}", json=body or {}, trust_env=False, verify=False
        )
        answer.raise_for_status()
        return answer.json()

    def press(self, url: str, action: str = "pay", method: str = "upi") -> httpx.Response:
        """A button of the hosted page: pay, decline or abandon."""
        return httpx.post(
            url, data={"action": action, "method": method}, trust_env=False, verify=False
        )

    def pay(self, remote_id: str, method: str = "upi") -> httpx.Response:
        return self.press(f"{self.url}/i/{remote_id}", "pay", method)

    def act(self, subscription_id: str, action: str, **more: str) -> dict[str, Any]:
        """renew, retry, halt, customer_pause, customer_resume, authorise, end, outcome."""
        return self.post(f"subscriptions/{subscription_id}", {"action": action, **more})

    def outcome(self, subscription_id: str, name: str) -> None:
        """What becomes of the debits from now on: succeed or fail."""
        self.act(subscription_id, "outcome", outcome=name)

    def advance(self, seconds: int) -> int:
        return self.post("clock", {"seconds": seconds})["now"]

    def thing(self, number: str) -> dict[str, Any]:
        return self.twin.books.things[number]

    def all(self, entity: str) -> list[dict[str, Any]]:
        return self.twin.books.all(entity)

    def events(self, kind: str = "") -> list[tuple[str, dict[str, Any]]]:
        """(id, body) of every event, oldest first, as it is sent."""
        rows = self.twin.books.events
        return [(n, json.loads(json.dumps(b))) for n, b in rows if kind in ("", b["event"])]

    def signed(self, event: tuple[str, Any], *, secret: str = WEBHOOK_SECRET) -> Any:
        """(raw body, headers) of an event."""
        from billing.gateways.razorpay.signature import EVENT_HEADER, HEADER, signature_of

        number, body = event
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return raw, {HEADER: signature_of(raw, secret), EVENT_HEADER: number}


@pytest.fixture(scope="session")
def running_razorpay() -> Iterator[RunningRazorpay]:
    running = start(load("razorpay").Razorpay)
    razorpay = RunningRazorpay(running.twin, running.server)
    yield razorpay
    razorpay.server.shutdown()
    razorpay.server.server_close()


@pytest.fixture
def razorpay_twin(running_razorpay: RunningRazorpay, settings: Any) -> RunningRazorpay:
    """Razorpay, with `razorpay` among the gateways; it keeps its webhooks to itself."""
    twin = running_razorpay.twin
    twin.reset()
    twin.key_id, twin.key_secret, twin.webhook_secret = KEY_ID, KEY_SECRET, WEBHOOK_SECRET
    twin.webhook_url = ""
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    settings.RAZORPAY_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.RAZORPAY_URL = running_razorpay.url
    settings.BILLING_GATEWAYS = ("razorpay", *settings.BILLING_GATEWAYS)
    return running_razorpay
