"""`bin/run`: everything that the platform needs, started in order and stopped in reverse.

Plain Python, so that PostgreSQL starts while Django is still far away. embedded.py has the servers,
platform_processes.py what is ours, demo_state.py tells whether preparing can be skipped.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from marketing_platform.operations import demo_state, platform_processes, run_summary
from marketing_platform.operations.embedded import Postgres, Valkey, free_port, is_free
from marketing_platform.operations.environment import (
    ROOT,
    TWINS,
    Addresses,
    platform_environment,
    server_environment,
    var_folder,
)
from marketing_platform.operations.privileges import home_of_nobody
from marketing_platform.operations.processes import (
    Child,
    Identity,
    StartFailed,
    end_leftover,
    identity_of,
)

DEFAULT_PORT = 8000
RESTARTS_ALLOWED = 3
MADE_BY_RUNNING = (
    "postgres",
    "valkey",
    "media",
    "demo.json",
    "demo-keys.json",
    "beat",
)


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Supervisor:
    def __init__(self, *, port: int | None, is_reset: bool):
        self.var = var_folder()
        self.wanted_port = port
        self.is_reset = is_reset
        self.children: list[Child] = []
        self.servers: list[Child] = []
        self.restarts: dict[str, int] = {}

    def run(self) -> int:
        """Until asked to stop; the exit code."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._only_one():
            _raise_when_asked_to_stop()
            try:
                self._start()
                self._watch()
            except StopRequested:
                print("\nStopping …", flush=True)
                return 0
            except StartFailed as failure:
                print(f"\n{failure}", failure.tail(), sep="\n", file=sys.stderr, flush=True)
                if failure.log:
                    print(f"The whole log is {failure.log}", file=sys.stderr)
                return 1
            finally:
                self._stop()

    # --- starting

    def _start(self) -> None:
        run_summary.remove(self.var)
        self._end_leftovers()
        if self.is_reset:
            self._reset()
        port = self._public_port()
        # Empty here: static files come from their sources, but their folder must exist.
        for name in ("static", "beat"):
            (self.var / name).mkdir(exist_ok=True)
        with _step("PostgreSQL and Valkey"):
            database_url, redis_url = self._start_servers()
        addresses = Addresses(port, database_url, redis_url, {})
        demo = self._prepared(platform_environment(self.var, addresses))
        # Chosen now: preparing takes long enough for somebody else to take a port.
        ports = {
            twin: free_port(twin.preferred_port) for twin in TWINS if (ROOT / twin.file).exists()
        }
        urls = {twin.url_variable: f"http://127.0.0.1:{port}" for twin, port in ports.items()}
        addresses = replace(addresses, twin_urls=urls)
        environment = platform_environment(self.var, addresses)
        self._start_all(platform_processes.twins(self.var, environment, ports))
        with _step("First page"):
            self._start_web(environment, addresses)
        summary = run_summary.compose(addresses, demo)
        run_summary.write(self.var, summary)
        self._start_all(platform_processes.background(self.var, environment))
        print(run_summary.readable(summary), flush=True)

    def _start_servers(self) -> tuple[str, str]:
        """Both at once; whatever is set in the environment is used instead."""
        environment = server_environment()
        postgres = None if "DATABASE_URL" in os.environ else Postgres(self.var, environment)
        valkey = None if "REDIS_URL" in os.environ else Valkey(self.var, environment)
        for server in (postgres, valkey):
            if server:
                server.start()
                self.servers.append(server.child)
                self._record()
        for server in (valkey, postgres):
            if server:
                server.wait_ready()
        return (
            postgres.url if postgres else os.environ["DATABASE_URL"],
            valkey.url if valkey else os.environ["REDIS_URL"],
        )

    def _prepared(self, environment: Mapping[str, str]) -> run_summary.Demo:
        """Migrated and seeded; skipped for our own database when nothing has changed since."""
        wanted = demo_state.signature()
        known = None if "DATABASE_URL" in os.environ else demo_state.read(self.var, wanted)
        if known is not None:
            return known
        with _step("Tables and demo"):
            log = self.var / "log" / "prepare.log"
            answer = self.var / "prepared.json"
            command = [sys.executable, "manage.py", "demo_prepare", "--output", str(answer)]
            command += ["--reset"] if self.is_reset else []
            with log.open("wb") as output:
                finished = subprocess.run(
                    command, cwd=ROOT, env=environment, stdout=output, stderr=output, check=False
                )
            if finished.returncode:
                raise StartFailed("The tables or the demo could not be prepared.", log)
        demo = json.loads(answer.read_text())
        answer.unlink()
        demo_state.write(self.var, wanted, demo)
        return demo

    def _start_web(self, environment: Mapping[str, str], addresses: Addresses) -> None:
        child = platform_processes.web(self.var, environment, addresses.port)
        self._start_all([child])
        child.wait_until(lambda: platform_processes.first_page_status(addresses) != 0, seconds=90)
        status = platform_processes.first_page_status(addresses)
        if status >= 500:
            raise StartFailed(f"The first page answers {status}.", child.log)

    def _start_all(self, children: list[Child]) -> None:
        for child in children:
            child.start()
            self.children.append(child)
            self._record()

    def _public_port(self) -> int:
        if self.wanted_port is None:
            return free_port(DEFAULT_PORT)
        if not is_free(self.wanted_port):
            raise StartFailed(
                f"Port {self.wanted_port} is taken. Stop what listens there or choose another."
            )
        return self.wanted_port

    def _reset(self) -> None:
        with _step("Clearing the demo"):
            for name in MADE_BY_RUNNING:
                path = self.var / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            shutil.rmtree(home_of_nobody(self.var / "postgres"), ignore_errors=True)

    # --- running

    def _watch(self) -> None:
        """A process of ours that ends is started again, a few times; a server's end ends all."""
        while True:
            time.sleep(0.5)
            for server in self.servers:
                server.check_running()
            for child in self.children:
                try:
                    child.check_running()
                except StartFailed:
                    self._restart(child)

    def _restart(self, child: Child) -> None:
        self.restarts[child.name] = self.restarts.get(child.name, 0) + 1
        if self.restarts[child.name] > RESTARTS_ALLOWED:
            raise StartFailed(f"{child.name} keeps ending.", child.log)
        print(f"{child.name} ended; starting it again (its log: {child.log})", flush=True)
        child.log.replace(child.log.with_suffix(".ended.log"))
        child.start()
        self._record()

    # --- stopping

    def _stop(self) -> None:
        """Ours first, all together; then the servers they use. A second Ctrl-C does not help."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        run_summary.remove(self.var)
        for group in (reversed(self.children), reversed(self.servers)):
            asked = list(group)
            for child in asked:
                child.ask_to_stop()
            for child in asked:
                child.wait_stopped(platform_processes.WORKER_STOP_SECONDS)
        self._record_file().unlink(missing_ok=True)

    # --- what a crash leaves behind

    def _record_file(self) -> Path:
        return self.var / "processes.json"

    def _record(self) -> None:
        """Who we started, so that the next run can end them should we be killed."""
        rows = [
            {"pid": found.pid, "started": found.started, "ending": int(child.ending)}
            for child in [*self.servers, *self.children]
            if (found := identity_of(child.pid))
        ]
        demo_state.write_private(self._record_file(), {"processes": rows})

    def _end_leftovers(self) -> None:
        try:
            rows = json.loads(self._record_file().read_text())["processes"]
        except (FileNotFoundError, ValueError, KeyError):
            return
        ended = [
            end_leftover(Identity(row["pid"], row["started"]), signal.Signals(row["ending"]))
            for row in reversed(rows)
        ]
        if any(ended):
            print(f"Ended {sum(ended)} processes of a run that was killed.", flush=True)
        self._record_file().unlink(missing_ok=True)

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Held by this process for as long as it lives, so a killed run never blocks the next."""
        with (self.var / "run.lock").open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                where = run_summary.running_at(self.var)
                print(f"The platform is already running{where}.", file=sys.stderr)
                raise SystemExit(1) from None
            yield


@contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"  {name:<28}", end="", flush=True)
    yield
    print(f"{time.monotonic() - started:5.1f} s", flush=True)


def _raise_when_asked_to_stop() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        raise StopRequested

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/run", description="Run the whole platform here.")
    parser.add_argument("--port", type=int, help=f"the public port (default {DEFAULT_PORT})")
    parser.add_argument("--reset", action="store_true", help="start the demo afresh")
    options = parser.parse_args(arguments)
    return Supervisor(port=options.port, is_reset=options.reset).run()


if __name__ == "__main__":
    raise SystemExit(main())
