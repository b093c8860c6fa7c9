"""The servers, workers, clock and provider of a drill, and how each is killed."""

import os
import random
import signal
import sys
import time
from pathlib import Path

from marketing_platform.operations.embedded import Postgres, Valkey, free_port
from marketing_platform.operations.processes import Child, kill_group

ROOT = Path(__file__).resolve().parents[2]
CELERY = ("-m", "celery", "-A", "marketing_platform.celery")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


class Machines:
    """Started once for a drill. The servers keep their ports and their data over a kill."""

    def __init__(self, var: Path):
        self.var = var
        self.postgres = Postgres(var, os.environ)
        self.valkey = Valkey(var, os.environ)
        self.children: dict[str, Child] = {}
        self.provider_port = free_port(8990)
        self.killed: dict[str, int] = {}

    def start_servers(self) -> None:
        for server in (self.postgres, self.valkey):
            server.start()
        for server in (self.postgres, self.valkey):
            server.wait_ready()
        os.environ |= {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "FAULTS_PROVIDER_PORT": str(self.provider_port),
            "PLATFORM_VAR": str(self.var),
            "PLATFORM_TIERS": "local",
            "DJANGO_SETTINGS_MODULE": "marketing_platform.settings.test",
        }

    def start_provider(self, ledger: Path, seed: int) -> None:
        self._start(
            "provider",
            *(str(ROOT / "tests" / "faults" / "provider.py"), "--port", str(self.provider_port)),
            *("--ledger", str(ledger), "--seed", str(seed)),
        )

    def start_workers(self) -> None:
        for number in (1, 2):
            self._start_worker(f"worker-{number}")
        self._start("beat", *CELERY, "beat", "--pidfile=", "-s", str(self.var / "beat-schedule"))

    def workers_ready(self, seconds: float = 60) -> None:
        for number in (1, 2):
            child = self.children[f"worker-{number}"]
            child.wait_until(
                lambda child=child: " ready." in child.log.read_text(), seconds=seconds
            )

    def kill_something(self, chance: random.Random) -> None:
        """One fault, by weight; what was killed is started again at once."""
        faults = (self._kill_child, self._kill_worker, self._kill_redis, self._kill_postgres)
        [fault] = chance.choices(faults, weights=(5, 3, 2, 1))
        name = fault.__name__.removeprefix("_kill_")
        self.killed[name] = self.killed.get(name, 0) + 1
        fault(chance)

    def stop_children(self) -> None:
        for child in self.children.values():
            if child.process is not None and child.process.poll() is None:
                kill_group(child.pid)
            child.wait_stopped(5)
        self.children.clear()

    def stop(self) -> None:
        self.stop_children()
        for server in (self.valkey, self.postgres):
            server.stop()

    def revive(self) -> None:
        """Start again whatever ended by itself because a server was away."""
        for name, child in list(self.children.items()):
            if child.process is not None and child.process.poll() is not None:
                child.start()
                self.killed[f"{name} ended"] = self.killed.get(f"{name} ended", 0) + 1

    def _kill_child(self, chance: random.Random) -> None:
        parent = self.children[f"worker-{chance.choice((1, 2))}"].pid
        try:
            task = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            return
        if task:
            self._signal(int(chance.choice(task)), signal.SIGKILL)

    def _kill_worker(self, chance: random.Random) -> None:
        name = f"worker-{chance.choice((1, 2))}"
        kill_group(self.children[name].pid)
        self.children[name].wait_stopped(5)
        self._start_worker(name)

    def _kill_redis(self, chance: random.Random) -> None:
        self._signal(self.valkey.child.pid, signal.SIGKILL)
        self.valkey.child.wait_stopped(5)
        time.sleep(chance.uniform(0, 1))
        self.valkey.child.start()
        self.valkey.wait_ready()

    def _kill_postgres(self, _chance: random.Random) -> None:
        """As a crash: nothing is written out, the log is replayed."""
        self._signal(self.postgres.child.pid, signal.SIGQUIT)
        self.postgres.child.wait_stopped(20)
        self.postgres.child.start()
        self.postgres.wait_ready()

    @staticmethod
    def _signal(pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return

    def _start_worker(self, name: str) -> None:
        self._start(
            name,
            *(*CELERY, "worker", "--queues", "local,default", "--concurrency", "2"),
            *("--hostname", f"{name}@drill", "--loglevel", "INFO", *QUIET),
            *("--include", "tests.faults.worker_tasks"),
        )

    def _start(self, name: str, *command: str) -> None:
        child = Child(
            name=name,
            command=[sys.executable, *command],
            log=self.var / "log" / f"{name}.log",
            environment=dict(os.environ),
            folder=ROOT,
        )
        child.start()
        self.children[name] = child
