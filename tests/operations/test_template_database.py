import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from marketing_platform.operations import template_database, testing
from marketing_platform.operations.embedded import Postgres
from marketing_platform.operations.environment import server_environment
from marketing_platform.operations.template_database import (
    copy_create,
    copy_drop,
    database_url,
    template_ensure,
    version_of,
)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own: old templates are dropped here."""
    postgres = Postgres(tmp_path_factory.mktemp("pg"), server_environment(), is_disposable=True)
    postgres.start()
    try:
        postgres.wait_ready()
        yield postgres.url
    finally:
        postgres.stop()


@pytest.fixture
def server(own_server: str) -> Iterator[str]:
    yield own_server
    for name in databases(own_server):
        copy_drop(own_server, name)


def fill(url: str, name: str) -> None:
    with psycopg.connect(database_url(url, name)) as connection:
        connection.execute("CREATE TABLE shop AS SELECT 'Asha Sweets' AS name")


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in rows} - {"postgres", "template0", "template1", "platform"}


def test_a_template_is_built_once_and_copied(server: str) -> None:
    built = []

    def build(name: str) -> None:
        built.append(name)
        fill(server, name)

    assert template_ensure(server, "v1", build) == "template_v1"
    assert template_ensure(server, "v1", build) == "template_v1"
    copy = copy_create(server, "template_v1")
    with psycopg.connect(database_url(server, copy)) as connection:
        assert connection.execute("SELECT name FROM shop").fetchone() == ("Asha Sweets",)
    copy_drop(server, copy)

    assert len(built) == 1
    assert databases(server) == {"template_v1"}


def test_a_build_that_fails_leaves_nothing_and_the_oldest_versions_go(server: str) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("no such table")

    with pytest.raises(RuntimeError):
        template_ensure(server, "v1", fail)
    assert databases(server) == set()

    kept = template_database.KEPT_TEMPLATES
    for number in range(kept + 1):
        template_ensure(server, f"v{number}", lambda name: fill(server, name))
    assert databases(server) == {f"template_v{number}" for number in range(1, kept + 1)}


def test_copies_of_ended_processes_are_dropped(server: str) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    template_ensure(server, "v1", lambda name: fill(server, name))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE test_{ended.pid}")
    copy = copy_create(server, "template_v1")

    assert databases(server) == {"template_v1", copy}


def test_parallel_runs_use_different_redis_databases() -> None:
    script = (
        "import os, sys\n"
        "from marketing_platform.operations import testing\n"
        "print(testing.own_redis(os.environ['REDIS_URL']), flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(3)]
    chosen = {each.stdout.readline().strip() for each in running}
    for each in running:
        each.communicate("")

    assert len(chosen) == 3
    assert testing.own_redis(os.environ["REDIS_URL"]) not in chosen


def test_a_version_changes_with_content_and_words(tmp_path: object) -> None:
    path = tmp_path / "0001_initial.py"
    path.write_text("a")
    first = version_of([path], "local")
    path.write_text("b")

    assert first != version_of([path], "local") != version_of([path], "enterprise")
    assert template_database.version_of([path], "local") == version_of([path], "local")
