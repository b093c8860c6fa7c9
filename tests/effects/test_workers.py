"""Several workers at one row at the same moment, committed for real."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from marketing_platform.core import clock
from marketing_platform.effects import ledger, running
from marketing_platform.effects.models import Effect, EffectEvent
from marketing_platform.effects.services import effect_cancel, effect_plan, stop_everything
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from tests.effects.conftest import Plan, Provider, connect, lease_over, step, until

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
WORKERS = 6


@pytest.fixture
def at_once(local_tenant: Tenant) -> Iterator[Callable[[Callable[[], Any], int], list[Any]]]:
    """at_once(work, times): in as many threads, begun at the same moment; what each gave."""

    def run(work: Callable[[], Any], times: int = WORKERS) -> list[Any]:
        barrier, given = threading.Barrier(times), []

        def worker() -> None:
            try:
                with tenant_context(local_tenant):
                    connection.ensure_connection()
                    barrier.wait(20)
                    given.append(work())
            finally:
                connection.close()

        threads = [threading.Thread(target=worker) for _number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return given

    yield run


def test_two_workers_of_one_row_send_once(plan: Plan, provider: Provider, at_once: Any) -> None:
    for number in range(4):
        effect = plan(str(number))
        at_once(partial(running.effect_step, effect.pk, effect.step, now=clock.now()))
        effect.refresh_from_db()
        assert effect.state == "confirmed"

    assert [provider.count(str(number)) for number in range(4)] == [1, 1, 1, 1]
    assert provider.settled == ["confirmed"] * 4


def test_without_the_condition_in_the_statement_they_send_twice(
    plan: Plan, provider: Provider, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same workers, with what they read written without asking again."""

    def claim(effect: Effect, *, now: Any, to: str = "", **facts: Any) -> bool:
        Effect.objects.filter(pk=effect.pk).update(state=to or effect.state, **facts)
        effect.refresh_from_db()
        return True

    def move(effect: Effect, to: str, *, now: Any, **_facts: Any) -> bool:
        Effect.objects.filter(pk=effect.pk).update(state="planned")
        return True

    monkeypatch.setattr(running, "claim", claim)
    monkeypatch.setattr(running, "move", move)
    effect = plan()
    at_once(lambda: running.effect_step(effect.pk, effect.step, now=clock.now()))

    assert provider.count("1") > 1


def test_one_key_is_one_effect_however_many_plan_it(plan: Plan, at_once: Any) -> None:
    page = connect("page-2", "google_business")
    now = clock.now()
    facts = {"due_at": now, "expires_at": now + timedelta(hours=1), "connection": page, "now": now}

    def one() -> Any:
        return effect_plan(kind="test.post", key=("diwali",), payload={"key": "d"}, **facts).pk

    assert len(set(at_once(one))) == 1
    assert Effect.objects.count() == 1
    assert EffectEvent.objects.count() == 1


def test_arming_is_committed_before_the_call(plan: Plan, provider: Provider) -> None:
    effect, seen = plan(), []

    def look_from_outside() -> None:
        def other() -> None:
            with tenant_context(tenant):
                seen.append(Effect.objects.get(pk=effect.pk).state)
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)

    tenant = Tenant.objects.get(tier="local")
    provider.on_call = look_from_outside
    step(effect)

    assert seen == ["armed"]


def test_nobody_may_arm_inside_a_transaction_of_theirs(plan: Plan, provider: Provider) -> None:
    effect = plan()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        running.effect_step(effect.pk, effect.step, now=clock.now())

    assert provider.calls == 0


def test_after_the_stop_has_answered_nothing_is_armed(
    plan: Plan, provider: Provider, at_once: Any
) -> None:
    effects = [plan(str(number)) for number in range(8)]
    calls_at_stop: list[int] = []
    turn = iter(range(WORKERS))

    def work() -> None:
        if next(turn) == 0:
            stop_everything(on=True, actor_id=None, now=clock.now())
            armed = Effect.objects.exclude(armed_at=None).count()
            calls_at_stop.append(armed)
            return
        for effect in effects:
            running.effect_step(effect.pk, 0, now=clock.now())

    at_once(work)

    assert Effect.objects.exclude(armed_at=None).count() == calls_at_stop[0]
    states = set(Effect.objects.values_list("state", flat=True))
    assert states <= {"cancelled", "confirmed"}


def test_cancelling_meets_the_worker_that_sends(
    plan: Plan, provider: Provider, at_once: Any
) -> None:
    """Either it was cancelled and never called, or it is told that it goes out."""
    for number in range(6):
        effect = plan(str(number))
        turn = iter(range(2))

        def work(effect: Effect = effect, turn: Any = turn) -> str:
            if next(turn):
                running.effect_step(effect.pk, 0, now=clock.now())
                return "ran"
            try:
                effect_cancel(effect_id=effect.pk, now=clock.now())
            except Exception as error:
                return type(error).__name__
            return "cancelled"

        given = at_once(work, 2)
        effect.refresh_from_db()
        is_cancelled = "cancelled" in given
        assert (effect.state == "cancelled") == is_cancelled
        assert provider.count(str(number)) == (0 if is_cancelled else 1)


KILLS_ITSELF = """
import os, signal, sys, django
django.setup()
from marketing_platform.core import clock
from marketing_platform.effects import running
from marketing_platform.effects.registry import EffectHandler, effect_kind
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

@effect_kind("test.post")
class Dies(EffectHandler):
    def commit(self, effect, client):
        os.kill(os.getpid(), signal.SIGKILL)

running.client_for = lambda connection: object()
with tenant_context(Tenant.objects.get(pk=sys.argv[1])):
    running.effect_step(sys.argv[2], int(sys.argv[3]), now=clock.now())
"""


@pytest.mark.slow
def test_a_real_process_killed_in_the_call_leaves_the_row_armed(
    shop: Tenant, plan: Plan, provider: Provider
) -> None:
    effect = plan()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "marketing_platform.settings.test"}
    command = [sys.executable, "-c", KILLS_ITSELF, str(shop.pk), str(effect.pk), str(effect.step)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False)

    effect.refresh_from_db()
    assert (ended.returncode, effect.state) == (-signal.SIGKILL, "armed")
    assert effect.commit_attempts == 1
    step(effect)
    assert provider.calls == 0


def test_the_lease_is_by_the_databases_clock(plan: Plan, provider: Provider) -> None:
    """A worker whose own clock is an hour ahead takes nothing from one that is at it."""
    effect = plan()
    ledger.claim(effect, now=clock.now(), to="preparing")
    holder = effect.lease_token
    step(effect, clock.now() + timedelta(hours=1))

    assert (provider.calls, effect.lease_token) == (0, holder)
    lease_over(effect)
    until(effect, "confirmed")
    assert provider.calls == 1


def test_a_watch_that_comes_too_early_comes_again(plan: Plan, provider: Provider) -> None:
    """Due work may be run some seconds before its time, so the holder may still be at it."""
    provider.on_call = lambda: step(Effect.objects.get(pk=effect.pk)) and None
    effect = plan()
    step(effect)

    assert (effect.state, provider.calls, provider.looks) == ("confirmed", 1, 0)
