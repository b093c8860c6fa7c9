"""PostgreSQL and Valkey for test runs: started once, kept for the next run, shared by workers.

`python -m marketing_platform.operations.testing start|stop|status`. Plain Python.
"""

import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from redis import Redis

from marketing_platform.operations.embedded import Postgres, Valkey
from marketing_platform.operations.processes import Identity, StartFailed, end_leftover, identity_of

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "test"
RECORD = ROOT / "var" / "test-services.json"
REDIS_DATABASES = 64


@dataclass(frozen=True)
class Services:
    """Where the test services listen. None: configured from outside, so never stopped by us."""

    database_url: str
    redis_url: str
    postgres: Identity | None = None
    valkey: Identity | None = None

    def is_running(self) -> bool:
        ours = [identity for identity in (self.postgres, self.valkey) if identity]
        return all(identity.is_alive() for identity in ours)


def services_start(environment: MutableMapping[str, str]) -> Services:
    """The running services, started if need be, written into `environment`.

    DATABASE_URL and REDIS_URL that are set already are used as they are.
    """
    with _lock():
        found = _recorded()
        if found is None or not found.is_running():
            _end(found)
            found = _start(environment)
            RECORD.write_text(json.dumps(asdict(found)))
    return Services(
        environment.setdefault("DATABASE_URL", found.database_url),
        environment.setdefault("REDIS_URL", found.redis_url),
        found.postgres,
        found.valkey,
    )


def services_stop() -> bool:
    """Ends what `services_start` started; False when nothing ran."""
    with _lock():
        found = _recorded()
        RECORD.unlink(missing_ok=True)
        return _end(found)


def services_running() -> bool:
    found = _recorded()
    return found is not None and found.is_running()


def own_redis(url: str) -> str:
    """One of the server's databases for this process alone, so that parallel runs do not meet.

    Who has which is noted in database 0; one whose process has ended is free again.
    """
    server = url.rpartition("/")[0]
    me = identity_of(os.getpid())
    with _lock(), Redis.from_url(f"{server}/0") as register:
        for turn in range(REDIS_DATABASES - 1):
            number = (os.getpid() + turn) % (REDIS_DATABASES - 1) + 1
            owner = json.loads(register.get(f"taken:{number}") or "null")
            if owner is None or owner == asdict(me) or not Identity(**owner).is_alive():
                register.set(f"taken:{number}", json.dumps(asdict(me)))
                return f"{server}/{number}"
    raise StartFailed("every database of the test server is in use")


def _start(environment: MutableMapping[str, str]) -> Services:
    # Kept for the next run, so they do not end with this process.
    postgres = Postgres(VAR, environment, is_disposable=True, dies_with_parent=False)
    valkey = Valkey(VAR, environment, is_disposable=True, dies_with_parent=False)
    wanted = [
        *([postgres] if "DATABASE_URL" not in environment else []),
        *([valkey] if "REDIS_URL" not in environment else []),
    ]
    try:
        for server in wanted:
            server.start()
        for server in wanted:
            server.wait_ready()
    except BaseException:
        for server in wanted:
            server.stop()
        raise
    return Services(
        postgres.url if postgres in wanted else environment["DATABASE_URL"],
        valkey.url if valkey in wanted else environment["REDIS_URL"],
        identity_of(postgres.child.pid) if postgres in wanted else None,
        identity_of(valkey.child.pid) if valkey in wanted else None,
    )


def _end(services: Services | None) -> bool:
    if services is None:
        return False
    ended = [
        end_leftover(identity, ending)
        for identity, ending in (
            (services.valkey, signal.SIGTERM),
            (services.postgres, signal.SIGINT),
        )
        if identity
    ]
    return any(ended)


def _recorded() -> Services | None:
    try:
        kept = json.loads(RECORD.read_text())
        identities = {
            name: Identity(**kept[name]) if kept[name] else None for name in ("postgres", "valkey")
        }
        return Services(kept["database_url"], kept["redis_url"], **identities)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _lock() -> Iterator[None]:
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    with RECORD.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    action = arguments[0] if arguments else "status"
    try:
        if action == "start":
            services_start(os.environ)
        elif action == "stop":
            services_stop()
    except StartFailed as failure:
        print(failure, failure.tail(), sep="\n", file=sys.stderr)
        return 1
    print("running" if services_running() else "stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
