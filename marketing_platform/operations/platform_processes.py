"""Which processes make up the running platform, in their order. Plain Python."""

import http.client
import sys
from collections.abc import Mapping
from pathlib import Path

from marketing_platform.operations.environment import ROOT, Addresses, Twin
from marketing_platform.operations.processes import Child
from marketing_platform.tiers.registry import deployed

BLOCKING_THREADS = 6
# Enough for a worker to finish what it is doing; longer work survives being cut short.
WORKER_STOP_SECONDS = 12.0


def twins(var: Path, environment: Mapping[str, str], ports: Mapping[Twin, int]) -> list[Child]:
    """The providers' stand-ins, each on its port."""
    return [
        _child(twin.name, [str(ROOT / twin.file), "--port", str(port)], var, environment)
        for twin, port in ports.items()
    ]


def web(var: Path, environment: Mapping[str, str], port: int) -> Child:
    command = [
        *("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(BLOCKING_THREADS), "--no-ws"),
        "marketing_platform.wsgi:application",
    ]
    return _child("web", command, var, environment)


def background(var: Path, environment: Mapping[str, str]) -> list[Child]:
    """Two workers, so that a long optimisation never delays a shop's post, and the clock."""
    tiers = deployed()
    quick = ",".join([*(["local"] if "local" in tiers else []), "billing", "default"])
    children = [_worker("worker", quick, 2, var, environment)]
    if "enterprise" in tiers:
        children.append(_worker("worker-enterprise", "enterprise", 1, var, environment, nice=True))
    beat = ["-m", "celery", "-A", "marketing_platform.celery", "beat", "--pidfile="]
    schedule = ["--schedule", str(var / "beat" / "schedule"), "--loglevel", "WARNING"]
    return [*children, _child("beat", [*beat, *schedule], var, environment)]


def first_page_status(addresses: Addresses) -> int:
    """The HTTP status of the landing page; 0 while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", addresses.port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Accept": "text/html"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _worker(
    name: str,
    queues: str,
    concurrency: int,
    var: Path,
    environment: Mapping[str, str],
    *,
    nice: bool = False,
) -> Child:
    command = [
        *("-m", "celery", "-A", "marketing_platform.celery", "worker", "--queues", queues),
        *("--concurrency", str(concurrency), "--hostname", f"{name}@%h", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    child = _child(name, command, var, environment)
    child.prefix = ("nice", "-n", "10") if nice else ()
    return child


def _child(name: str, command: list[str], var: Path, environment: Mapping[str, str]) -> Child:
    return Child(
        name=name,
        command=[sys.executable, *command],
        log=var / "log" / f"{name.replace(' ', '-')}.log",
        environment=environment,
        folder=ROOT,
    )
