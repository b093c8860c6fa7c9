"""A Life at each gateway's twin, as fixtures: razorpay_life, stripe_life, sandbox_life."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from billing.models import Checkout, Subscription
from marketing_platform.core import clock
from tests.billing.lives import BEGAN, Life, Signed


class RazorpayLife(Life):
    code = "razorpay"

    @property
    def offset(self) -> int:
        return self.running.twin.books.offset

    def pass_time(self, seconds: int) -> None:
        self.running.advance(seconds)

    def press(self, page: Checkout, method: str = "upi") -> None:
        assert self.running.press(page.url, "pay", method).status_code in {200, 303}

    def signed_events(self) -> list[Signed]:
        return [self.running.signed(one) for one in self.running.events()]

    def debits(self, remote_id: str, outcome: str) -> None:
        self.running.outcome(remote_id, outcome)

    def money(self) -> Counter[str]:
        """Without the few rupees that try a mandate: they are no payment of ours."""
        rows = self.running.all("payment")
        links = {
            one["payment_id"]
            for link in self.running.all("payment_link")
            for one in link["payments"] or []
        }
        kept = [row for row in rows if row["invoice_id"] or row["id"] in links]
        return Counter({row["id"]: row["amount"] for row in kept if row["captured"]})

    def given_back(self) -> Counter[str]:
        ours = self.money()
        found: Counter[str] = Counter()
        for row in self.running.all("refund"):
            if row["status"] == "processed" and row["payment_id"] in ours:
                found[row["payment_id"]] += row["amount"]
        return found

    def never_ended_before(self, new: Subscription, old: Subscription) -> None:
        """The old subscription's end came after the new one's mandate."""
        seen = [
            (body["event"], body["payload"].get("subscription", {}).get("entity", {}).get("id"))
            for _number, body in self.running.events()
        ]
        agreed = seen.index(("subscription.authenticated", new.gateway_subscription_id))
        assert agreed < seen.index(("subscription.cancelled", old.gateway_subscription_id))


class StripeLife(Life):
    code = "stripe"

    @property
    def offset(self) -> int:
        return self.running.twin.books.offset

    def pass_time(self, seconds: int) -> None:
        self.running.advance(seconds)

    def press(self, page: Checkout, method: str = "card") -> None:
        assert self.running.press(page.url, "pay", method).status_code in {200, 303}

    def signed_events(self) -> list[Signed]:
        from billing.gateways.stripe.signature import HEADER, header_of

        at = str(int(clock.now().timestamp()))
        raws = [json.dumps(event).encode() for event in self.running.events()]
        return [
            (raw, {HEADER: header_of(raw, at, self.running.twin.webhook_secret)}) for raw in raws
        ]

    def debits(self, remote_id: str, outcome: str) -> None:
        self.running.outcome(remote_id, outcome)

    def money(self) -> Counter[str]:
        rows = self.running.all("payment_intent")
        return Counter({row["id"]: row["amount"] for row in rows if row["status"] == "succeeded"})

    def given_back(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self.running.all("refund"):
            if row["status"] == "succeeded":
                found[row["payment_intent"]] += row["amount"]
        return found


class SandboxLife(Life):
    """Its server in this process; nothing falls due by itself, `charge` does it."""

    code = "sandbox"
    ahead = 0

    @property
    def offset(self) -> int:
        return int(self.running.ledger.ahead)

    def pass_time(self, seconds: int) -> None:
        self.running.ledger.ahead += seconds

    def press(self, page: Checkout, method: str = "upi") -> None:
        answer = httpx.post(page.url, data={"action": "pay"}, trust_env=False)
        assert answer.status_code == 303

    def act(self, remote_id: str, action: str) -> None:
        address = f"{self.running.url}/_control/subscriptions/{remote_id}"
        httpx.post(address, json={"action": action}, trust_env=False).raise_for_status()
        self.settle()

    def signed_events(self) -> list[Signed]:
        from billing.gateways.sandbox import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature_of

        at, found = str(int(clock.now().timestamp())), []
        for event in self.running.made:
            raw = json.dumps(event).encode()
            signature = signature_of(raw, at, self.running.webhooks.secret)
            found.append((raw, {TIMESTAMP_HEADER: at, SIGNATURE_HEADER: f"v1={signature}"}))
        return found

    def status(self, remote_id: str) -> str:
        return str(self.running.ledger.subscriptions[remote_id]["status"])

    def money(self) -> Counter[str]:
        rows = self.running.ledger.payments.values()
        return Counter({row["id"]: row["amount"] for row in rows})

    def given_back(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self.running.ledger.refunds.values():
            if row["status"] == "processed":
                found[row["payment"]] += row["amount"]
        return found


def begun(life: Life, monkeypatch: Any) -> Life:
    """The twin's clock on 1 April 2027, and ours with it."""
    monkeypatch.setattr(clock, "now", life.now)
    return life


def start_of(offset_at: datetime = BEGAN) -> int:
    return int(offset_at.timestamp()) - int(time.time())


@pytest.fixture
def razorpay_life(
    razorpay_twin: Any, local_tenant: Any, asha: Any, supplier: Any, monkeypatch: Any
) -> RazorpayLife:
    razorpay_twin.twin.books.offset = start_of()
    life = RazorpayLife(razorpay_twin, local_tenant, asha)
    begun(life, monkeypatch)
    return life


@pytest.fixture
def stripe_life(
    stripe_twin: Any,
    stripe_sent: Any,
    local_tenant: Any,
    asha: Any,
    supplier: Any,
    monkeypatch: Any,
) -> StripeLife:
    stripe_twin.twin.books.offset = start_of()
    life = StripeLife(stripe_twin, local_tenant, asha)
    begun(life, monkeypatch)
    return life


@pytest.fixture
def sandbox_life(
    settings: Any, local_tenant: Any, asha: Any, supplier: Any, monkeypatch: Any
) -> Iterator[SandboxLife]:
    """A server of its own, whose events are kept instead of sent."""
    from tests.twins_fixtures import load

    server = load("sandbox_gateway").Server(0, "secret-of-this-life", "http://127.0.0.1:9/")
    server.url, server.made = server.ledger.public_url, []
    monkeypatch.setattr(server.webhooks, "send", lambda kind, data: _keep(server, kind, data))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    settings.SANDBOX_GATEWAY_URL = server.url
    settings.SANDBOX_GATEWAY_SECRET = "secret-of-this-life"
    server.ledger.ahead = start_of()
    life = SandboxLife(server, local_tenant, asha)
    begun(life, monkeypatch)
    yield life
    server.shutdown()
    server.server_close()


def _keep(server: Any, kind: str, data: Any) -> None:
    number = f"evt_{len(server.made):06d}"
    event = {"id": number, "type": kind, "created": server.ledger.now(), "data": data}
    server.made.append(json.loads(json.dumps(event)))
