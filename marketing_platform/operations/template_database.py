"""A test database made once per version of the schema, and copied in a moment for every run.

A run, and each of its parallel workers, works in a copy of its own named after its process, so
runs never meet; copies of ended processes are dropped by the next run.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from marketing_platform.operations.processes import identity_of

# Others may still be running on the schema of a minute ago.
KEPT_TEMPLATES = 6
# Copies of one process: for its tests, a template half made, and tests/isolation's world.
KINDS = frozenset({"test", "building", "world"})
# Any constant: the lock that lets one process build while the others wait for it.
_BUILDING = 7_302_811


def version_of(files: Iterable[Path], *words: str) -> str:
    """A short hash of the files' content, whatever their order."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(set(files)):
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def database_url(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def template_ensure(url: str, version: str, build: Callable[[str], None]) -> str:
    """The template of this version; `build` fills a new database, given by name, if there is none.

    Whatever `build` raises leaves no template behind.
    """
    name = f"template_{version}"
    with _server(url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_BUILDING])
        if name in _databases(connection):
            return name
        partial = f"building_{os.getpid()}"
        _drop(connection, partial)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(partial)))
        try:
            build(partial)
        except BaseException:
            _drop(connection, partial)
            raise
        templates = [old for old in _databases(connection) if old.startswith("template_")]
        for old in templates[: -(KEPT_TEMPLATES - 1)]:
            _drop(connection, old)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(partial), sql.Identifier(name)
            )
        )
    return name


def copy_create(url: str, template: str, *, kind: str = "test") -> str:
    """A fresh copy for this process, replacing an earlier one of its kind. Returns its name."""
    name = f"{kind}_{os.getpid()}"
    with _server(url) as connection:
        _drop_copies_of_ended_processes(connection)
        _drop(connection, name)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return name


def copy_drop(url: str, name: str) -> None:
    with _server(url) as connection:
        _drop(connection, name)


def _drop_copies_of_ended_processes(connection: psycopg.Connection) -> None:
    for name in _databases(connection):
        kind, _separator, pid = name.partition("_")
        is_ours = kind in KINDS and pid.isdigit()
        if is_ours and identity_of(int(pid)) is None:
            _drop(connection, name)


def _databases(connection: psycopg.Connection) -> list[str]:
    """Ours and others', the oldest first; PostgreSQL's own templates left out."""
    query = "SELECT datname FROM pg_database WHERE datname !~ '^template[01]$' ORDER BY oid"
    return [name for (name,) in connection.execute(query).fetchall()]


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


@contextmanager
def _server(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url(url, "postgres"), autocommit=True) as connection:
        yield connection
