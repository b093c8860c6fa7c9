"""bin/faults effects: is anything lost or sent twice while everything is being killed?

Two real workers, the real dispatcher, a provider that answers badly, and a seeded schedule of kills
(workers and their children, Redis, PostgreSQL). The verdict comes from outside: from the ledger of
the provider and from what was acknowledged to whoever planned it. Two controls that post without
the ledger of effects must fail, or the drill itself is blind.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.machines import Machines

PLANNED_PER_SECOND = 5.0
SECONDS_BETWEEN_KILLS = (1.5, 3.5)
DRAIN_SECONDS = 120.0
VARIANTS = ("safe", "naive", "early")


@dataclass
class Verdict:
    """Of one variant and seed, from outside. `asked`: a person is asked about them."""

    variant: str
    seed: int
    accepted: int
    lost: list[str]
    twice: list[str]
    asked: int
    is_drained: bool
    drain_seconds: float
    faults: dict[str, int]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.is_drained and not self.lost and not self.twice and self.accepted > 0

    @property
    def is_as_expected(self) -> bool:
        """The product loses nothing and doubles nothing; each control shows its own fault."""
        if self.variant == "safe":
            return self.is_good
        return bool(self.twice if self.variant == "naive" else self.lost)

    def line(self) -> str:
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        more = ", ".join(f"{name} {count}" for name, count in self.facts.items())
        return (
            f"  {self.variant:<6} seed {self.seed}: accepted {self.accepted}, "
            f"lost {len(self.lost)}, twice {len(self.twice)}, asked {self.asked}, "
            f"{'drained' if self.is_drained else 'NOT DRAINED'} in {self.drain_seconds:.0f} s"
            f" [{kills}]{f' ({more})' if more else ''}"
        )


class Drill:
    def __init__(self, machines: Machines, seconds: float, drain_seconds: float = DRAIN_SECONDS):
        self.machines, self.seconds, self.drain_seconds = machines, seconds, drain_seconds

    def run(self, variant: str, seed: int) -> Verdict:
        from tests.faults import world

        machines, prefix = self.machines, f"{variant}-{seed}-"
        ledger = machines.var / f"ledger-{prefix}.txt"
        machines.killed = {}
        machines.start_provider(ledger, seed)
        machines.start_workers()
        machines.workers_ready()
        accepted = self._storm(variant, prefix, random.Random(seed))
        self._calm()
        drained, took = self._drain(variant, prefix)
        asked = world.asked(prefix) if variant == "safe" else set()
        facts = world.facts_of(prefix) if variant == "safe" else {}
        machines.stop_children()
        applied = Counter(ledger.read_text().split())
        return Verdict(
            variant=variant,
            seed=seed,
            accepted=len(accepted),
            lost=sorted(key for key in accepted if not applied[key] and key not in asked),
            twice=sorted(key for key, count in applied.items() if count > 1),
            asked=len(asked),
            is_drained=drained,
            drain_seconds=took,
            faults=dict(machines.killed),
            facts=facts,
        )

    def _storm(self, variant: str, prefix: str, chance: random.Random) -> list[str]:
        """Plan steadily while things are killed. Returns what was acknowledged."""
        from tests.faults import world

        accepted, number = [], 0
        ends_at = time.monotonic() + self.seconds
        kill_at = time.monotonic() + chance.uniform(*SECONDS_BETWEEN_KILLS)
        while time.monotonic() < ends_at:
            number += 1
            key = f"{prefix}{number}"
            is_kept = world.plan(key) if variant == "safe" else world.send(f"faults.{variant}", key)
            accepted += [key] if is_kept else []
            if time.monotonic() > kill_at:
                self.machines.kill_something(chance)
                kill_at = time.monotonic() + chance.uniform(*SECONDS_BETWEEN_KILLS)
            self.machines.revive()
            time.sleep(1 / PLANNED_PER_SECOND)
        return accepted

    def _calm(self) -> None:
        address = f"http://127.0.0.1:{self.machines.provider_port}/_calm"
        with urllib.request.urlopen(urllib.request.Request(address, data=b"{}"), timeout=10):
            pass

    def _drain(self, variant: str, prefix: str) -> tuple[bool, float]:
        """Whether everything came to rest in time. Controls rest when no message is left."""
        from tests.faults import world

        began = time.monotonic()
        while time.monotonic() - began < self.drain_seconds:
            self.machines.revive()
            try:
                is_over = world.all_over(prefix) if variant == "safe" else world.nobody_works()
            except Exception as error:
                print(f"  waiting: {error}", file=sys.stderr)
                is_over = False
            if is_over:
                return True, time.monotonic() - began
            time.sleep(1)
        return False, time.monotonic() - began


def drill(
    seeds: list[int], seconds: float, *, variants: tuple[str, ...] = VARIANTS
) -> list[Verdict]:
    """Each seed with the product, then each control once, with the first seed."""
    var = Path(tempfile.mkdtemp(prefix="faults-"))
    machines = Machines(var)
    verdicts: list[Verdict] = []
    try:
        machines.start_servers()
        import django

        django.setup()
        import tests.faults.worker_tasks  # noqa: F401  the kind that is planned
        from tests.faults import world

        began = time.monotonic()
        world.make()
        print(f"  prepared in {time.monotonic() - began:.0f} s in {var}", flush=True)
        runs = [("safe", seed) for seed in seeds if "safe" in variants]
        runs += [(variant, seeds[0]) for variant in variants if variant != "safe"]
        for variant, seed in runs:
            verdicts.append(Drill(machines, seconds).run(variant, seed))
            print(verdicts[-1].line(), flush=True)
    finally:
        machines.stop()
        if verdicts and all(verdict.is_as_expected for verdict in verdicts):
            shutil.rmtree(var, ignore_errors=True)
        else:
            print(f"  logs and ledgers are kept in {var}", flush=True)
    return verdicts


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("name", choices=["effects", "billing"])
    parser.add_argument("--seeds", type=int, default=3, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--only", choices=VARIANTS, help="one variant, for a look at it")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    seeds = list(range(given.first, given.first + given.seeds))
    if given.name == "billing":
        return billing(seeds, given.json)
    print(f"Faults: effects, seeds {seeds}, {given.seconds:.0f} s each", flush=True)
    verdicts = drill(seeds, given.seconds, variants=(given.only,) if given.only else VARIANTS)
    if given.json:
        given.json.write_text(json.dumps([vars(verdict) for verdict in verdicts], indent=1))
    for verdict in verdicts:
        for key in verdict.lost + verdict.twice:
            if verdict.variant == "safe":
                print(f"  wrong: {key} (seed {verdict.seed})")
    is_fine = bool(verdicts) and all(verdict.is_as_expected for verdict in verdicts)
    print("As it must be." if is_fine else "NOT as it must be.", flush=True)
    return 0 if is_fine else 1


def billing(seeds: list[int], file: Path | None) -> int:
    """See billing_drill. What differs before its reconcile is its control."""
    from tests.faults import billing_drill

    print(f"Faults: billing, seeds {seeds}", flush=True)
    verdicts = billing_drill.drill(seeds)
    if file:
        file.write_text(json.dumps([vars(one) for one in verdicts], indent=1))
    for one in verdicts:
        for line in one.after + one.rewritten:
            print(f"  wrong: {line} (seed {one.seed})")
    is_fine = len(verdicts) == len(seeds) and all(one.is_as_expected for one in verdicts)
    print("As it must be." if is_fine else "NOT as it must be.", flush=True)
    return 0 if is_fine else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
