"""Noticing a connection pooler, and refusing one that mixes sessions.

A pooler in transaction mode hands one server session to many clients, so that a search path set
for one workspace is used by another. That a server *reports* search_path proves nothing (PgBouncer
before PostgreSQL 18 reports it and leaks all the same), so it is tried: two clients with two
search paths, their reads interleaved. Behind none, or one in session mode, no read is wrong.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import OperationalError, connection
from psycopg import ClientCursor, Connection

from marketing_platform.tenants.backend.errors import PoolerRefused

logger = logging.getLogger(__name__)

AT_START_SECONDS = 2.0
AGAIN_SECONDS = 0.2
ASKED_AGAIN_AFTER = 60.0
PATHS = ("pg_catalog", "information_schema")
_lock = threading.Lock()
_asked_at = float("-inf")


def pooler_refuse_at_start() -> None:
    """For the start of a web server or worker; without a database there is nothing to refuse."""
    try:
        pooler_refuse(connection.get_connection_params())
    except PoolerRefused:
        raise
    except (psycopg.OperationalError, OperationalError):
        logger.warning("the database could not be asked for a pooler")


def pooler_refuse(parameters: dict[str, Any]) -> None:
    """At start-up: raise PoolerRefused behind a pooler that mixes sessions."""
    with psycopg.connect(**_plain(parameters)) as connection:
        if _is_behind_pooler(connection):
            _interleave(parameters, AT_START_SECONDS)


def pooler_refuse_sometimes(
    connection: Connection[Any], parameters: Callable[[], dict[str, Any]]
) -> None:
    """For a new connection, at most once a minute in a process: the server may have changed."""
    global _asked_at
    with _lock:
        now = time.monotonic()
        if now - _asked_at < ASKED_AGAIN_AFTER:
            return
        _asked_at = now
    try:
        if _is_behind_pooler(connection):
            _interleave(parameters(), AGAIN_SECONDS)
    except BaseException:
        with _lock:
            _asked_at = float("-inf")  # the next connection is asked at once
        raise


def _is_behind_pooler(connection: Connection[Any]) -> bool:
    """Whether the process that answers is not the one that greeted us."""
    with ClientCursor(connection) as cursor:
        row = cursor.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    if not connection.autocommit:
        connection.rollback()
    return row is None or _number(row) != connection.info.backend_pid


def _number(row: Any) -> int:
    return row[0] if isinstance(row, tuple) else next(iter(row.values()))


def _interleave(parameters: dict[str, Any], seconds: float) -> None:
    plain = _plain(parameters)
    with psycopg.connect(**plain) as one, psycopg.connect(**plain) as other:
        clients = ((one, PATHS[0]), (other, PATHS[1]))
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for client, path in clients:
                client.execute(f"SET search_path = {path}")
            for client, path in clients:
                found = client.execute("SHOW search_path").fetchone()
                if found is None or found[0] != path:
                    raise PoolerRefused(
                        "A connection pooler in transaction mode stands before PostgreSQL: it would"
                        " mix the workspaces. Use session mode or connect directly (docs/tenancy)."
                    )


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """The driver's own parameters, without Django's cursors and adapters."""
    left_out = {"cursor_factory", "context", "pool", "autocommit"}
    kept = {name: value for name, value in parameters.items() if name not in left_out}
    return {**kept, "autocommit": True}
