"""A pooler that mixes sessions is refused; proven against Debian's PgBouncer in both modes."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from marketing_platform.operations.embedded import free_port
from marketing_platform.operations.privileges import account_for
from marketing_platform.operations.processes import Child
from marketing_platform.tenants.backend import pooler
from marketing_platform.tenants.backend.base import DatabaseWrapper
from marketing_platform.tenants.backend.errors import PoolerRefused
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 8
ignore_startup_parameters = extra_float_digits,options
"""


@pytest.fixture(scope="session")
def pgbouncer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Debian's PgBouncer, unpacked and not installed. In CI its absence fails."""
    if found := shutil.which("pgbouncer"):
        return Path(found)
    folder = tmp_path_factory.mktemp("pgbouncer")
    program = folder / "usr" / "sbin" / "pgbouncer"
    if shutil.which("apt-get"):
        _unpack(folder)
    if program.exists():
        return program
    message = "pgbouncer is missing: apt-get install pgbouncer"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _unpack(folder: Path) -> None:
    def download() -> int:
        command = ["apt-get", "download", "-qq", *PACKAGES]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(command, cwd=folder, timeout=300, check=False, **quiet).returncode

    if download() and not os.geteuid():
        subprocess.run(["apt-get", "update", "-qq"], timeout=300, check=False)
        download()
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)


@pytest.fixture
def pooled(pgbouncer: Path, tmp_path: Path) -> Iterator[Callable[[str], dict[str, Any]]]:
    """pooled(mode): the settings of the test database behind a PgBouncer of that mode."""
    running: list[Child] = []

    def start(mode: str) -> dict[str, Any]:
        settings = connection.settings_dict
        listen = free_port(6500 + os.getpid() % 400)
        file = tmp_path / f"{mode}.ini"
        file.write_text(
            CONFIGURATION.format(
                host=settings["HOST"] or "127.0.0.1",
                port=settings["PORT"] or 5432,
                user=settings["USER"],
                password=settings["PASSWORD"],
                listen=listen,
                mode=mode,
            )
        )
        account = account_for(binaries=pgbouncer.parent, data=tmp_path)
        account.give(file)
        libraries = ":".join(str(path) for path in pgbouncer.parents[2].glob("usr/lib/*"))
        child = Child(
            name="pgbouncer",
            command=[str(pgbouncer), str(file)],
            log=tmp_path / f"{mode}.log",
            environment={**os.environ, "LD_LIBRARY_PATH": libraries},
            folder=tmp_path,
            prefix=account.prefix,
        )
        child.start()
        running.append(child)
        behind = {**settings, "HOST": "127.0.0.1", "PORT": str(listen), "OPTIONS": {}}
        _wait(child, behind)
        return behind

    yield start
    for child in running:
        child.stop()


def _wait(child: Child, settings: dict[str, Any]) -> None:
    for _ in range(100):
        child.check_running()
        try:
            psycopg.connect(**_parameters(settings)).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PgBouncer does not answer")


def _parameters(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "dbname": settings["NAME"],
    }


@pytest.fixture
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooler, "_asked_at", float("-inf"))


def _wrapper(settings: dict[str, Any]) -> DatabaseWrapper:
    return DatabaseWrapper(settings, alias="default")


def test_a_direct_connection_is_taken(asked_anew: None) -> None:
    pooler.pooler_refuse(_parameters(connection.settings_dict))


def test_transaction_mode_is_refused_at_start(
    pooled: Callable[[str], dict[str, Any]], asked_anew: None
) -> None:
    with pytest.raises(PoolerRefused, match="session mode"):
        pooler.pooler_refuse(_parameters(pooled("transaction")))


def test_session_mode_is_noticed_and_taken(
    pooled: Callable[[str], dict[str, Any]], asked_anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooler, "AT_START_SECONDS", 0.3)
    parameters = _parameters(pooled("session"))
    with psycopg.connect(**parameters) as client:
        assert pooler._is_behind_pooler(client)

    pooler.pooler_refuse(parameters)


def test_a_new_connection_of_a_running_process_is_refused_too(
    pooled: Callable[[str], dict[str, Any]], asked_anew: None
) -> None:
    wrapper = _wrapper(pooled("transaction"))
    with pytest.raises(PoolerRefused), wrapper.cursor() as cursor:
        cursor.execute("SELECT 1")
    # The refused connection cannot be used all the same.
    with pytest.raises(Exception, match="closed"), wrapper.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_new_connections_are_asked_once_a_minute(
    asked_anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(pooler, "_is_behind_pooler", lambda raw: asked.append(raw) or False)
    for _ in range(3):
        wrapper = _wrapper(connection.settings_dict)
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT 1")
        wrapper.close()

    assert len(asked) == 1


def test_control_behind_transaction_mode_the_wrong_workspace_is_read(
    pooled: Callable[[str], dict[str, Any]],
    local_tenant: Any,
    enterprise_tenant: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the refusal prevents: with the question switched off, reads go wrong."""
    monkeypatch.setattr(pooler, "_is_behind_pooler", lambda raw: False)
    behind = pooled("transaction")
    one, other = _wrapper(behind), _wrapper(behind)
    wrong = 0
    for _ in range(20):
        for wrapper, tenant in ((one, local_tenant), (other, enterprise_tenant)):
            with tenant_context(tenant), wrapper.cursor() as cursor:
                cursor.execute("SELECT current_schema()")
                wrong += cursor.fetchone()[0] != tenant.schema_name
    one.close()
    other.close()

    assert wrong > 0
