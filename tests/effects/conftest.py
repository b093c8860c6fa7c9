"""A provider inside the process that keeps a ledger of what it applied, and fails when told to."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects import gates, looking, registry, running
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import Committed, EffectHandler, Verdict, effect_kind
from marketing_platform.effects.services import effect_plan
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

Plan = Callable[..., Effect]
# Due work may be run that much before its time.
EARLY = timedelta(seconds=5)


class Killed(BaseException):
    """What no handler of errors catches: the process is gone."""


def failure(kind: str, outcome: str, *, retry_after: float | None = None) -> ProviderFailure:
    return ProviderFailure(
        kind, provider="Facebook", outcome=outcome, retry_after=retry_after, detail="too long"
    )


class Provider:
    """`before` and `after` are raised around applying, one for each call of commit in turn."""

    def __init__(self) -> None:
        self.ledger: list[tuple[str, str]] = []
        self.calls, self.looks, self.prepared = 0, 0, 0
        self.before: list[BaseException | None] = []
        self.after: list[BaseException | None] = []
        self.preparing: list[BaseException | None] = []
        self.settled: list[str] = []
        self.asked: list[str] = []
        self.can_look = True
        self.on_call: Callable[[], None] = lambda: None

    def post(self, account: str, key: str) -> str:
        self.calls += 1
        self.on_call()
        self._raise(self.before)
        self.ledger.append((account, key))
        self._raise(self.after)
        return f"post-{len(self.ledger)}"

    def count(self, key: str) -> int:
        return [sent for _account, sent in self.ledger].count(key)

    @staticmethod
    def _raise(script: list[BaseException | None]) -> None:
        error = script.pop(0) if script else None
        if error is not None:
            raise error


class Post(EffectHandler):
    provider = "meta"
    label = "Test post"

    def prepare(self, effect: Effect, client: Any) -> dict[str, Any]:
        client.provider.prepared += 1
        client.provider._raise(client.provider.preparing)
        return {"photo": "uploaded"}

    def commit(self, effect: Effect, client: Any) -> Committed:
        return Committed(client.provider.post(client.account_id, effect.payload["key"]), {"ok": 1})

    def verify(self, effect: Effect, client: Any) -> Verdict:
        client.provider.looks += 1
        if not client.provider.can_look:
            return Verdict.STILL_UNKNOWN
        found = client.provider.count(effect.payload["key"])
        return Verdict.CONFIRMED("found") if found else Verdict.NOT_APPLIED

    def settled(self, effect: Effect) -> None:
        PROVIDERS[-1].settled.append(effect.state)

    def asks(self, effect: Effect) -> None:
        PROVIDERS[-1].asked.append(str(effect.pk))


class Client:
    def __init__(self, connection: Connection, provider: Provider):
        self.account_id, self.provider = connection.account_id, provider


PROVIDERS: list[Provider] = []


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()
    PROVIDERS.append(made)
    before = dict(registry.HANDLERS)
    effect_kind("test.post")(Post)
    for module in (running, looking):
        monkeypatch.setattr(module, "client_for", lambda connection: Client(connection, made))
    yield made
    PROVIDERS.pop()
    registry.HANDLERS.clear()
    registry.HANDLERS.update(before)


@pytest.fixture
def shop(local_tenant: Tenant, provider: Provider) -> Iterator[Tenant]:
    with tenant_context(local_tenant):
        yield local_tenant


def connect(account_id: str = "page-1", provider: str = "meta") -> Connection:
    return Connection.objects.create(
        provider=provider,
        account_id=account_id,
        account_name="Asha Sweets",
        state=gates.CONNECTED,
        sealed=b"not opened here",
        connected_at=clock.now(),
    )


@pytest.fixture
def page(shop: Tenant) -> Connection:
    return connect()


@pytest.fixture
def plan(page: Connection) -> Plan:
    """plan(key="1", due_at=…, expires_at=…): a planned post, due now."""

    def make(key: str = "1", **facts: Any) -> Effect:
        now = clock.now()
        facts = {"due_at": now, "connection": page, "now": now, "subject": f"Post {key}"} | facts
        facts.setdefault("expires_at", facts["due_at"] + timedelta(hours=12))
        return effect_plan(kind="test.post", key=(key,), payload={"key": key}, **facts)

    return make


def step(effect: Effect, now: datetime | None = None) -> Effect:
    """Its latest step, as a worker takes it. What is still open afterwards must be looked at again,
    whoever holds it: that is asked after every step of every test.
    """
    effect.refresh_from_db()
    before = effect.step
    running.effect_step(effect.pk, effect.step, now=now or clock.now())
    effect.refresh_from_db()
    if effect.is_open and not effect.needs_person:
        assert effect.step > before, "nobody comes again"
        queued = DueWork.objects.get(
            arguments__effect_id=str(effect.pk), arguments__step=effect.step
        )
        assert queued.due_at == effect.next_at
        is_held = effect.leased_until is not None
        assert not is_held or effect.next_at > effect.leased_until + EARLY
    return effect


def until(effect: Effect, *states: str, steps: int = 12) -> Effect:
    """Take steps, each at its time, until it is in one of the states."""
    for _number in range(steps):
        if effect.state in states:
            return effect
        step(effect, max(effect.next_at, clock.now()))
    raise AssertionError(f"it stays {effect.state} after {steps} steps")


def lease_over(effect: Effect) -> None:
    """As if the worker that holds it had been silent for its whole lease."""
    Effect.objects.filter(pk=effect.pk).update(leased_until=Now() - timedelta(seconds=1))
