"""A shop with customers, a connected number, and Meta's twin in a thread of this process."""

import contextvars
import hashlib
import hmac
import itertools
import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from marketing_platform.core import clock

TWINS = Path(__file__).resolve().parents[3] / "twins"
SECRET = "an-app-secret-of-tests"
NUMBER, ACCOUNT = "500600700800", "900800700600"
# A Monday, 11:30 in India.
NOON = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class Aside:
    """A client whose requests leave the test in the workspace in which it acts."""

    def __init__(self, client):
        self.client = client

    def get(self, *arguments, **options):
        return contextvars.copy_context().run(self.client.get, *arguments, **options)

    def post(self, *arguments, **options):
        return contextvars.copy_context().run(self.client.post, *arguments, **options)


@pytest.fixture
def time_is(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of everything below the edge; `time_is.go(hours=1)` moves it."""
    moment = Clock(NOON)
    monkeypatch.setattr(clock, "now", moment)
    return moment


@pytest.fixture
def twin(settings: Any) -> Iterator[Any]:
    sys.path.insert(0, str(TWINS))
    try:
        from meta import Meta
        from twin_server import Server

        meta = Meta()
    finally:
        sys.path.remove(str(TWINS))
    settings.META_APP_SECRET = SECRET
    server = Server(meta)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    settings.CONNECTIONS_MODE = "sandbox"
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, "whatsapp": server.url, "meta": server.url}
    yield meta
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connected(in_local_workspace: Any, time_is: Clock, twin: Any) -> Any:
    """The workspace's own number at the twin."""
    from marketing_platform.connections.services import connection_save

    return connection_save(
        provider="whatsapp",
        account_id=NUMBER,
        account_name="Asha Sweets",
        credentials={"access_token": f"whatsapp-token-{NUMBER}"},
        details={"phone_number_id": NUMBER, "waba_id": ACCOUNT},
        scopes=(),
        actor_id=None,
        now=time_is(),
    )


@pytest.fixture
def customer_new(in_local_workspace: Any) -> Callable[..., Any]:
    """customer_new(name="Meena", agreed=True): numbers are counted up."""
    numbers = itertools.count(10)

    def make(name: str = "Meena", *, agreed: bool = True, since: datetime | None = None) -> Any:
        from local.customers.models import ConsentEvent, Customer

        at = since or NOON - timedelta(days=60)
        row = Customer.objects.create(
            name=name, phone=f"+9199999000{next(numbers):02d}", created_at=at
        )
        if agreed:
            ConsentEvent.objects.create(
                customer=row,
                purpose="whatsapp_marketing",
                action="granted",
                wording="Yes, send me offers of Asha Sweets on WhatsApp.",
                source="counter",
                happened_at=at,
                recorded_at=at,
            )
        return row

    return make


@pytest.fixture
def template(in_local_workspace: Any) -> Any:
    """An approved message with two variables."""
    from local.automation.whatsapp.models import MessageTemplate

    return MessageTemplate.objects.create(
        name="diwali",
        title="Diwali",
        language="en_IN",
        category="marketing",
        body="Namaste {{name}}, our fresh {{sweet}} is ready at the shop for you.",
        footer="Reply STOP to stop.",
        examples={"name": "Asha", "sweet": "kaju katli"},
        state="approved",
        created_at=NOON,
        state_at=NOON,
    )


@pytest.fixture
def known_at_meta(twin: Any, template: Any) -> None:
    """The template, approved, at the twin too."""
    twin.whatsapp.known[("diwali", "en_IN")] = {
        "id": "77",
        "name": "diwali",
        "language": "en_IN",
        "category": "MARKETING",
        "status": "APPROVED",
        "components": [{"type": "BODY", "text": template.body}],
    }


@pytest.fixture
def propose(template: Any, time_is: Clock) -> Callable[..., Any]:
    def make(**changes: Any) -> Any:
        from local.automation.whatsapp.services.campaigns import CampaignWish, campaign_propose
        from marketing_platform.core.money import Rupees

        facts: dict[str, Any] = {
            "title": "Diwali",
            "template_id": template.pk,
            "segment": "all_agreed",
            "values": {"name": "ji", "sweet": "kaju katli"},
            "way": "api",
            "starts_at": time_is(),
            "cap": Rupees.of(300),
            "cap_people": 500,
        }
        return campaign_propose(wish=CampaignWish(**(facts | changes)), now=time_is())

    return make


@pytest.fixture
def approve(time_is: Clock) -> Callable[[Any], Any]:
    def do(campaign: Any) -> Any:
        from local.automation.whatsapp.services.campaigns import campaign_approve

        return campaign_approve(
            campaign_id=campaign.pk, content=campaign.content_hash, actor_id=None, now=time_is()
        )

    return do


@pytest.fixture
def run_effects(time_is: Clock) -> Callable[[], int]:
    """Take every effect that is due one step on, until nothing is due; how many steps."""

    def run() -> int:
        from marketing_platform.effects.models import Effect
        from marketing_platform.effects.running import effect_step

        steps = 0
        while True:
            due = Effect.objects.filter(ended_at=None, next_at__lte=time_is()).exclude(
                state="needs_check"
            )
            found = list(due.values_list("pk", "step"))
            if not found or steps > 500:
                return steps
            for pk, step in found:
                effect_step(pk, step, now=time_is())
                steps += 1

    return run


@pytest.fixture
def run_campaign(run_effects: Callable[[], int], time_is: Clock) -> Callable[[Any], None]:
    """Plan its lots and let them out."""

    def run(campaign: Any) -> None:
        from local.automation.whatsapp.services.sending import campaign_step

        while campaign_step(campaign_id=campaign.pk, now=time_is()):
            run_effects()
        run_effects()

    return run


def signed(body: Any, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    mark = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return raw, {"X-Hub-Signature-256": f"sha256={mark}"}


def delivery(value: dict[str, Any], *, field: str = "messages", number: str = NUMBER) -> Any:
    """One entry with one change, as Meta sends it."""
    metadata = {"display_phone_number": "+91 20 2612 3456", "phone_number_id": number}
    change = {
        "field": field,
        "value": {"messaging_product": "whatsapp", "metadata": metadata} | value,
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "changes": [change]}],
    }


def status(wamid: str, kind: str, **more: Any) -> dict[str, Any]:
    told = {"id": wamid, "status": kind, "timestamp": str(int(NOON.timestamp()))}
    return told | {"recipient_id": "919999900010"} | more


def message(wamid: str, text: str, *, phone: str = "919999900010", at: datetime = NOON) -> Any:
    plain = {"from": phone, "id": wamid, "timestamp": str(int(at.timestamp()))}
    return plain | {"type": "text", "text": {"body": text}}


@pytest.fixture
def post_webhook(settings: Any, db: None) -> Callable[..., Any]:
    """Post as Meta does, to the public host."""
    settings.META_APP_SECRET = SECRET

    def post(body: Any, *, secret: str = SECRET, headers: dict[str, str] | None = None) -> Any:
        raw, mark = signed(body, secret)
        return Client(HTTP_HOST=settings.BASE_HOST).post(
            "/webhooks/whatsapp/",
            raw,
            content_type="application/json",
            headers=mark if headers is None else headers,
        )

    return post


@pytest.fixture
def tell(post_webhook: Callable[..., Any], local_tenant: Any, time_is: Clock) -> Callable[..., Any]:
    """Post and let the workspace's work run. Answers the stored event."""

    def do(body: Any) -> Any:
        from local.automation.whatsapp.services.receiving import delivery_apply
        from marketing_platform.inbox.models import InboundEvent
        from marketing_platform.tenants.context import public_context, tenant_context

        with public_context():
            answer = post_webhook(body)
            assert answer.status_code == 200, answer.content
            event = InboundEvent.objects.filter(provider="whatsapp").order_by("-pk").first()
        with tenant_context(local_tenant):
            delivery_apply(event_id=event.pk, now=time_is())
        event.refresh_from_db()
        return event

    return do
