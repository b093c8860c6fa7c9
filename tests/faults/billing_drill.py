"""bin/faults billing: are our rows the gateways' after one reconcile, whatever was lost before?

Real workers that are killed, the twins of Razorpay and Stripe with a clock of their own, and
workspaces that pay, fail, cancel, change and are given back over months. One webhook in five is
dropped, and in the last ten days all are, as when a gateway shuts its webhook off; others come up
to three times in any order. Then one reconcile, judged from outside by the twins' books; a second
one must leave every row as it lies in the database. Before the first one there must be differences,
or the drill is blind.
"""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.machines import CELERY, QUIET, Machines

WORKSPACES, MONTHS, LOST = 8, 3, 0.2
HOP = 10 * 86_400
DRAIN_SECONDS = 40.0
HOSTS = {"razorpay": "/webhooks/billing/razorpay/", "stripe": "/webhooks/billing/stripe/"}


class BillingMachines(Machines):
    """Workers of billing's queue only; the drill itself is the clock and the dispatcher."""

    def start_workers(self) -> None:
        for number in (1, 2):
            self._start_worker(f"worker-{number}")

    def _start_worker(self, name: str) -> None:
        self._start(
            name,
            *(*CELERY, "worker", "--queues", "billing,default", "--concurrency", "2"),
            *("--hostname", f"{name}@drill", "--loglevel", "INFO", *QUIET),
            *("--include", "tests.faults.billing_worker"),
        )

    def kill(self, chance: random.Random) -> None:
        fault = self._kill_worker if chance.random() < 0.2 else self._kill_child
        name = fault.__name__.removeprefix("_kill_")
        self.killed[name] = self.killed.get(name, 0) + 1
        fault(chance)


@dataclass
class Verdict:
    """`before` and `after`: where we and the gateways differ, before and after one reconcile."""

    seed: int
    events: int
    dropped: int
    copies: int
    payments: int
    acts: dict[str, int]
    before: list[str]
    after: list[str]
    rewritten: list[str]
    is_drained: bool
    seconds: float
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def is_as_expected(self) -> bool:
        is_equal = not self.after and not self.rewritten
        return self.is_drained and is_equal and bool(self.before) and self.payments > 0

    def line(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        acts = ", ".join(f"{name} {count}" for name, count in sorted(self.acts.items()))
        return (
            f"  seed {self.seed}: {self.events} events, {self.dropped} dropped, "
            f"{self.copies} further copies, {self.payments} payments; {len(self.before)} "
            f"differences before, {len(self.after)} after, {len(self.rewritten)} rows rewritten by "
            f"the second, {'drained' if self.is_drained else 'NOT DRAINED'}, "
            f"{self.seconds:.0f} s [{kills}] ({acts})"
        )


class Drill:
    def __init__(self, machines: BillingMachines, lives: dict[str, Any], seed: int):
        self.machines, self.lives, self.seed = machines, lives, seed
        self.chance = random.Random(seed)
        self.told = dict.fromkeys(lives, 0)
        self.events = self.dropped = self.copies = 0
        self.acts: Counter[str] = Counter()
        self.is_drained = True
        self.lost = LOST

    def run(self) -> Verdict:
        from tests.faults import billing_books, billing_world

        began = time.monotonic()
        self._subscribe(billing_world)
        for _month in range(MONTHS):
            for tenant, life in zip(self.tenants, self._in_turn(), strict=True):
                self.acts[billing_world.act(tenant, life, self.chance) or "refused"] += 1
            for _hop in range(3):
                self._pass(HOP)
        self.lost = 1.0
        self._pass(HOP)
        before = billing_books.differences(self.lives)
        self._reconcile("first")
        after = billing_books.differences(self.lives) + billing_books.unbalanced()
        rows = billing_books.rows()
        self._reconcile("second")
        rewritten = billing_books.changed(rows, billing_books.rows())
        return Verdict(
            seed=self.seed,
            events=self.events,
            dropped=self.dropped,
            copies=self.copies,
            payments=sum(len(life.money()) for life in self.lives.values()),
            acts=dict(self.acts),
            before=before,
            after=after,
            rewritten=rewritten,
            is_drained=self.is_drained,
            seconds=time.monotonic() - began,
            faults=dict(self.machines.killed),
        )

    def _in_turn(self) -> list[Any]:
        kinds = list(self.lives.values())
        return [kinds[number % len(kinds)] for number in range(len(self.tenants))]

    def _subscribe(self, world: Any) -> None:
        self.tenants = world.tenants()
        for number, (tenant, life) in enumerate(zip(self.tenants, self._in_turn(), strict=True)):
            world.subscribe(tenant, life, "year" if number == WORKSPACES - 1 else "month")
        self._pass(300)

    def _pass(self, seconds: int) -> None:
        """Time passes at both gateways and at ours; the webhooks come, and something is killed."""
        for life in self.lives.values():
            life.pass_time(seconds)
        self.clock_set()
        self._hear()
        if self.chance.random() < 0.5:
            self.machines.kill(self.chance)
        self._drain()

    def clock_set(self) -> None:
        """All three clocks at the one that is furthest."""
        ahead = max(life.offset for life in self.lives.values())
        for life in self.lives.values():
            life.running.twin.books.offset = ahead
        path = Path(os.environ["FAULTS_AHEAD"])
        path.with_suffix(".new").write_text(str(ahead))
        path.with_suffix(".new").replace(path)

    def _hear(self) -> None:
        """One in five is lost; the others come once to three times, in any order."""
        sent: list[tuple[str, Any]] = []
        for code, life in self.lives.items():
            events = life.signed_events()
            fresh, self.told[code] = events[self.told[code] :], len(events)
            self.events += len(fresh)
            for event in fresh:
                if self.chance.random() < self.lost:
                    self.dropped += 1
                    continue
                copies = self.chance.choice((1, 1, 1, 2, 3))
                self.copies += copies - 1
                sent += [(code, event)] * copies
        self.chance.shuffle(sent)
        for code, (raw, headers) in sent:
            self._knock(code, raw, headers)

    @staticmethod
    def _knock(code: str, raw: bytes, headers: dict[str, str]) -> None:
        from django.test import Client

        door = Client(HTTP_HOST="localhost")
        answer = door.post(HOSTS[code], raw, content_type="application/json", headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{code} was answered {answer.status_code}: {answer.content[:300]}")

    def _reconcile(self, name: str) -> None:
        from tests.faults import billing_books

        billing_books.reconcile_order(f"{name}-{self.seed}")
        self._drain()
        self._hear_all()
        self._drain()

    def _hear_all(self) -> None:
        """What the reconcile itself set off is told as ever."""
        for code, life in self.lives.items():
            events = life.signed_events()
            fresh, self.told[code] = events[self.told[code] :], len(events)
            for raw, headers in fresh:
                self._knock(code, raw, headers)

    def _drain(self) -> None:
        from tests.faults import billing_books

        began = time.monotonic()
        while time.monotonic() - began < DRAIN_SECONDS:
            self.machines.revive()
            if not billing_books.push():
                return
            time.sleep(0.1)
        self.is_drained = False


def _lives() -> dict[str, Any]:
    """Both twins in this process, with settings at them; before Django is set up."""
    from tests import twins_razorpay, twins_stripe
    from tests.twins_fixtures import load, start

    razorpay, stripe = start(load("razorpay").Razorpay), start(load("stripe_gateway").Stripe)
    os.environ |= {
        "RAZORPAY_KEY_ID": twins_razorpay.KEY_ID,
        "RAZORPAY_KEY_SECRET": twins_razorpay.KEY_SECRET,
        "RAZORPAY_WEBHOOK_SECRET": twins_razorpay.WEBHOOK_SECRET,
        "RAZORPAY_URL": razorpay.url,
        "STRIPE_SECRET_KEY": twins_stripe.KEY,
        "STRIPE_WEBHOOK_SECRET": twins_stripe.WEBHOOK_SECRET,
        "STRIPE_URL": stripe.url,
    }
    return {
        "razorpay": twins_razorpay.RunningRazorpay(razorpay.twin, razorpay.server),
        "stripe": twins_stripe.RunningStripe(stripe.twin, stripe.server),
    }


def _begin(running: dict[str, Any]) -> dict[str, Any]:
    """The twins empty, on 1 April 2027."""
    from tests import twins_razorpay, twins_stripe
    from tests.billing.lives_at_twins import RazorpayLife, StripeLife, start_of

    one, two = running["razorpay"].twin, running["stripe"].twin
    for twin in (one, two):
        twin.reset()
        twin.webhook_url = ""
        twin.books.offset = start_of()
    one.key_id, one.key_secret = twins_razorpay.KEY_ID, twins_razorpay.KEY_SECRET
    one.webhook_secret = twins_razorpay.WEBHOOK_SECRET
    two.secret_key, two.webhook_secret = twins_stripe.KEY, twins_stripe.WEBHOOK_SECRET
    return {
        "razorpay": RazorpayLife(running["razorpay"], None, None),
        "stripe": StripeLife(running["stripe"], None, None),
    }


def drill(seeds: list[int]) -> list[Verdict]:
    var = Path(tempfile.mkdtemp(prefix="faults-"))
    machines = BillingMachines(var)
    verdicts: list[Verdict] = []
    try:
        machines.start_servers()
        running = _lives()
        os.environ["FAULTS_AHEAD"] = str(var / "ahead")
        (var / "ahead").write_text("0")
        import django

        django.setup()
        from tests.faults import billing_books, billing_worker, billing_world

        assert billing_worker.AHEAD.exists()
        began = time.monotonic()
        billing_world.make(WORKSPACES)
        print(f"  prepared in {time.monotonic() - began:.0f} s in {var}", flush=True)
        for seed in seeds:
            os.environ["DATABASE_URL"] = billing_books.database_of(seed)
            one = Drill(machines, _begin(running), seed)
            one.clock_set()
            machines.killed = {}
            machines.start_workers()
            machines.workers_ready()
            verdicts.append(one.run())
            machines.stop_children()
            print(verdicts[-1].line(), flush=True)
    finally:
        machines.stop()
        if len(verdicts) == len(seeds) and all(one.is_as_expected for one in verdicts):
            shutil.rmtree(var, ignore_errors=True)
        else:
            print(f"  logs are kept in {var}", flush=True)
    return verdicts
