"""How fast a webhook is answered while fifty arrive at once; and no gateway is asked meanwhile.

The product's own server as `bin/run` starts it, in a database of its own; events are signed as the
sandbox gateway signs. The gateway's address is one that counts who calls it.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from billing.gateways.sandbox import signature_of
from marketing_platform.operations import template_database
from marketing_platform.operations.embedded import free_port
from marketing_platform.operations.environment import ROOT
from marketing_platform.operations.platform_processes import BLOCKING_THREADS

AT_ONCE, ROUNDS, MOST_MS = 50, 10, 500
SECRET = "a-secret-for-the-benchmark"
WEBHOOK = "/webhooks/billing/sandbox/"
EVENT = {
    "checkout": {"id": "chk_bench", "status": "open", "reference": "x", "amount": 117_882,
                 "currency": "INR", "plan": "local", "interval": "month"},
    "subscription": None,
    "payments": [],
}  # fmt: skip


def run(full: bool = False) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows to read and figures; `full` sends four times as many."""
    rounds = ROUNDS * (4 if full else 1)
    with _own_database() as url, _gateway() as (calls, gateway), _site(url, gateway) as address:
        _burst(address, AT_ONCE, "warm")
        new = [took for turn in range(rounds) for took in _burst(address, AT_ONCE, f"new{turn}")]
        again = [took for _turn in range(rounds) for took in _burst(address, AT_ONCE, "new0")]
        stored = _stored(url)
    rows = [_row("new events", new), _row("events that came before", again)]
    return rows, {
        "p99_ms": max(row["p99 ms"] for row in rows),
        "at_once": AT_ONCE,
        "stored": stored,
        "gateway_calls": len(calls),
        "load_average": round(os.getloadavg()[0], 1),
        "is_within_target": (
            max(row["p99 ms"] for row in rows) <= MOST_MS
            and not calls
            and stored == AT_ONCE * (rounds + 1)
        ),
    }


def _row(name: str, times: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(times, n=100)
    return {
        "what": name,
        "count": len(times),
        "p50 ms": round(cuts[49]),
        "p99 ms": round(cuts[98]),
        "most ms": round(max(times)),
    }


def _burst(address: str, count: int, name: str) -> list[float]:
    """Milliseconds of each answer, all sent at the same moment over connections of their own.

    On bare sockets and written out before: what the sender takes is not the server's time.
    """
    gate = threading.Barrier(count)
    where = ("127.0.0.1", int(address.rpartition(":")[2]))

    def send(number: int) -> float:
        request = _request(f"{name}-{number}")
        with socket.create_connection(where, timeout=30) as connection:
            gate.wait()
            began = time.perf_counter()
            connection.sendall(request)
            answer = connection.recv(65_536)
            took = (time.perf_counter() - began) * 1_000
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"answered {answer[:300]!r}")
        return took

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(send, range(count)))


def _request(event_id: str) -> bytes:
    raw = json.dumps({"id": event_id, "type": "checkout.opened", "data": EVENT}).encode()
    timestamp = str(int(time.time()))
    lines = [
        f"POST {WEBHOOK} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(raw)}",
        f"Sandbox-Timestamp: {timestamp}",
        f"Sandbox-Signature: v1={signature_of(raw, timestamp, SECRET)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + raw


@contextmanager
def _gateway() -> Iterator[tuple[list[str], str]]:
    """An address that notes every caller."""
    calls: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        with suppress(OSError):
            while True:
                connection, caller = listener.accept()
                calls.append(str(caller))
                connection.close()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield calls, f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


@contextmanager
def _site(url: str, gateway: str) -> Iterator[str]:
    port = free_port(8970)
    environment = os.environ | {
        "DATABASE_URL": url,
        "SANDBOX_GATEWAY_URL": gateway,
        "SANDBOX_GATEWAY_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += [
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        str(BLOCKING_THREADS),
        "--no-ws",
    ]
    command += ["marketing_platform.wsgi:application"]
    log = ROOT / "var" / "log" / "bench-webhooks.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _await(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.HTTPError):
            httpx.get(f"{address}{WEBHOOK}", headers={"Host": "localhost"}, trust_env=False)
            return
        time.sleep(0.2)
    raise RuntimeError("the server did not start; see var/log/bench-webhooks.log")


def _stored(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM inbox_inboundevent").fetchone()[0]


@contextmanager
def _own_database() -> Iterator[str]:
    server, name = os.environ["DATABASE_URL"], f"bench_{os.getpid()}"
    with psycopg.connect(
        template_database.database_url(server, "postgres"), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        kept = connections["default"].settings_dict["NAME"]
        try:
            connections["default"].settings_dict["NAME"] = name
            call_command("migrate_platform", verbosity=0)
            connections["default"].close()
            yield template_database.database_url(server, name)
        finally:
            connections["default"].close()
            connections["default"].settings_dict["NAME"] = kept
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


def main() -> int:
    import django

    django.setup()
    rows, figures = run(full="--full" in sys.argv)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    print(figures)
    return 0 if figures["is_within_target"] else 1


if __name__ == "__main__":
    sys.exit(main())
