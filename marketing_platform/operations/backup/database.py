"""Tables as streams of text, the same from every server, with their sha256."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from django.db import connection
from psycopg import sql

# Written by migrating, never by loading.
MIGRATIONS = "django_migrations"
SETTINGS = (
    "SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC';"
    " SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
Sink = Callable[[bytes], Any]


@dataclass(frozen=True)
class Table:
    """A table's own columns (those the database computes left out) and its order."""

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]


@dataclass(frozen=True)
class Counted:
    rows: int
    sha256: str


@contextmanager
def own_connection(*, is_reading: bool) -> Iterator[psycopg.Connection[Any]]:
    """One transaction beside Django's; reading, it sees one moment and can write nothing."""
    with psycopg.connect(**connection.get_connection_params()) as raw:
        if is_reading:
            raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            raw.read_only = True
        with raw.transaction():
            raw.execute(SETTINGS)
            yield raw


def one(raw: psycopg.Connection[Any], query: LiteralString, *values: Any) -> tuple[Any, ...]:
    """The one row of a query that always has one."""
    row = raw.execute(query, values).fetchone()
    if row is None:
        raise LookupError(query)
    return row


def tables_of(raw: psycopg.Connection[Any], schema: str) -> list[Table]:
    rows = raw.execute(
        """
        SELECT c.relname::text,
            (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attgenerated = ''),
            (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey, a.attnum))
             FROM pg_index i JOIN pg_attribute a
               ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> %s
        ORDER BY c.relname
        """,
        [schema, MIGRATIONS],
    ).fetchall()
    return [Table(name, tuple(columns), tuple(key or columns)) for name, columns, key in rows]


def table_read(raw: psycopg.Connection[Any], schema: str, table: Table, sink: Sink) -> Counted:
    """Stream the rows, in the order of the primary key, as COPY's text."""
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(table.columns), sql.Identifier(schema, table.name), _names(table.order)
    )
    return stream_read(raw, statement, sink)


def stream_read(raw: psycopg.Connection[Any], statement: sql.Composable, sink: Sink) -> Counted:
    digest = hashlib.sha256()
    with raw.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for part in copy:
                digest.update(part)
                sink(bytes(part))
        return Counted(cursor.rowcount, digest.hexdigest())


def table_write(
    raw: psycopg.Connection[Any], schema: str, table: Table, parts: Iterator[bytes]
) -> int:
    """Load what table_read streamed. Returns the number of rows."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(schema, table.name), _names(table.columns)
    )
    with raw.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for part in parts:
                copy.write(part)
        return cursor.rowcount


def sequences_of(raw: psycopg.Connection[Any], schema: str) -> dict[str, int]:
    """The last number that each sequence gave; 0 when it gave none."""
    names = raw.execute(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind = 'S' ORDER BY c.relname",
        [schema],
    ).fetchall()
    read = sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}")
    found = {}
    for (name,) in names:
        row = raw.execute(read.format(sql.Identifier(schema, name))).fetchone()
        found[name] = row[0] if row else 0
    return found


def sequences_raise(raw: psycopg.Connection[Any], schema: str, least: dict[str, int]) -> None:
    """No number that was given before is given again."""
    present = sequences_of(raw, schema)
    for name, number in least.items():
        if name in present and number > present[name]:
            quoted = sql.Identifier(schema, name).as_string(raw)
            raw.execute("SELECT setval(%s, %s)", [quoted, number])


def migrations_of(raw: psycopg.Connection[Any], schema: str) -> list[list[str]]:
    """[app, name] of every applied migration, sorted."""
    rows = raw.execute(
        sql.SQL("SELECT app, name FROM {} ORDER BY app, name").format(
            sql.Identifier(schema, MIGRATIONS)
        )
    ).fetchall()
    return [list(row) for row in rows]


def _names(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
