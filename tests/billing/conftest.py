"""The sandbox gateway as a real process, and a hand that signs events."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from billing.gateways.sandbox import signature_of
from billing.models import Checkout, Payment, Subscription
from billing.services import checkout_start
from marketing_platform.core import clock
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from tests.billing.changing_world import remote, subscribed  # noqa: F401
from tests.billing.offers_world import paid  # noqa: F401
from tests.billing.stripe_calls import stripe_gateway, stripe_paid, stripe_sent  # noqa: F401
from tests.twins_razorpay import razorpay_twin, running_razorpay  # noqa: F401
from tests.twins_stripe import running_stripe, stripe_twin  # noqa: F401

TWIN = Path(__file__).parents[1] / "twins" / "sandbox_gateway.py"
SECRET = "a-secret-for-these-tests"
WEBHOOK = "/webhooks/billing/sandbox/"


@dataclass(frozen=True)
class Twin:
    url: str

    def control(self, **faults: Any) -> None:
        httpx.post(
            f"{self.url}/_control", json=faults, trust_env=False, verify=False
        ).raise_for_status()

    def act(self, checkout: Checkout, action: str) -> httpx.Response:
        """Press a button of the pay page: pay, decline or cancel."""
        return httpx.post(checkout.url, data={"action": action}, trust_env=False, verify=False)

    def change(self, subscription_id: str, action: str) -> dict[str, Any]:
        address = f"{self.url}/_control/subscriptions/{subscription_id}"
        return httpx.post(address, json={"action": action}, trust_env=False, verify=False).json()

    def state(self, checkout: Checkout) -> dict[str, Any]:
        """What the gateway says of a checkout; the `data` of its events."""
        headers = {"Authorization": f"Bearer {SECRET}"}
        address = f"{self.url}/v1/checkouts/{checkout.remote_id}"
        return httpx.get(address, headers=headers, trust_env=False, verify=False).json()

    def sent(self) -> list[dict[str, Any]]:
        return httpx.get(f"{self.url}/_control", trust_env=False, verify=False).json()["sent"]


@pytest.fixture(scope="session")
def twin_process() -> Iterator[Twin]:
    environment = {**os.environ, "SANDBOX_GATEWAY_SECRET": SECRET}
    command = [sys.executable, str(TWIN), "--port", "0", "--webhook-url", "http://127.0.0.1:9/"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield Twin(process.stdout.readline().split()[-1])
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture
def twin(twin_process: Twin, settings: Any) -> Twin:
    """The gateway of this test; it keeps its webhooks to itself until told otherwise."""
    settings.SANDBOX_GATEWAY_URL = twin_process.url
    settings.SANDBOX_GATEWAY_SECRET = SECRET
    twin_process.control(
        drop_webhooks=True,
        duplicate=0,
        delay_seconds=0,
        wrong_signature=0,
        shuffle=False,
        fail_after_apply=0,
        slow_seconds=0,
        ahead_seconds=0,
        refunds_wait=False,
    )
    return twin_process


@pytest.fixture
def start(twin: Twin, asha: Any, local_tenant: Any, supplier: Any) -> Callable[..., Checkout]:
    """start(interval="month"): asha's checkout."""

    def make(interval: str = "month", **changes: Any) -> Checkout:
        wanted = {
            "tenant": local_tenant,
            "user_id": asha.pk,
            "return_url": "http://asha-sweets.localhost/billing/return/",
            "now": clock.now(),
        }
        return checkout_start(interval=interval, **(wanted | changes))

    return make


@pytest.fixture
def supplier(db: None) -> Any:
    """Who issues the invoices of this test."""
    from tests.rows.billing import supplier as entered

    return entered()


@pytest.fixture
def event_of() -> Callable[..., dict[str, Any]]:
    """event_of(kind, state, event_id="evt_1"): an event as the gateway writes it."""

    def make(kind: str, state: dict[str, Any], event_id: str = "evt_1") -> dict[str, Any]:
        created = int(datetime.now(UTC).timestamp())
        return {"id": event_id, "type": kind, "created": created, "data": state}

    return make


@pytest.fixture
def deliver(twin: Twin) -> Callable[..., Any]:
    """deliver(event): POST an event as the gateway signs it, `age` seconds ago."""

    def post(
        event: dict[str, Any] | bytes, *, secret: str = SECRET, age: int = 0, path: str = WEBHOOK
    ) -> Any:
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        timestamp = str(int(datetime.now(UTC).timestamp()) - age)
        return Client(HTTP_HOST="localhost").post(
            path,
            raw,
            content_type="application/json",
            headers={
                "Sandbox-Timestamp": timestamp,
                "Sandbox-Signature": f"v1={signature_of(raw, timestamp, secret)}",
            },
        )

    return post


@pytest.fixture
def work_off(db: None) -> Callable[[], int]:
    """Run what billing has due, and what that queued, as the workers would; how many rows ran."""

    def once() -> int:
        due = DueWork.objects.filter(
            task__startswith="billing.", done_at=None, dead_at=None, due_at__lte=clock.now()
        )
        return sum(work_run(pk) for pk in list(due.values_list("pk", flat=True)))

    def run() -> int:
        total = 0
        while ran := once():
            total += ran
        return total

    return run


@pytest.fixture
def book(db: None) -> Callable[[], tuple[Any, ...]]:
    """Everything that money's tables hold, to show that nothing changed."""

    def read() -> tuple[Any, ...]:
        return tuple(
            tuple(model.objects.order_by("pk").values_list())
            for model in (Subscription, Checkout, Payment, InboundEvent, DueWork)
        )

    return read
