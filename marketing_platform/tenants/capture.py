"""Recording what migrations do to a schema, to do the same to others by plain SQL."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import ClientCursor
from psycopg.sql import Composable

from marketing_platform.tenants.errors import NotReplayable

_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_LITERALS = re.compile(r"'(?:[^']|'')*'")
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|SETVAL)\b", re.IGNORECASE)
_READS = {"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "FETCH", "DECLARE", "CLOSE"}
# The search path and the timeouts belong to whoever replays; a lock belongs to this run.
_OWN = re.compile(
    r"(?:SET\s+(?:LOCAL\s+|SESSION\s+)?(?:search_path|lock_timeout|statement_timeout)"
    r"|LOCK|BEGIN|COMMIT)\b",
    re.IGNORECASE,
)
_SAVEPOINT = re.compile(r"(RELEASE\s+SAVEPOINT|ROLLBACK\s+TO\s+SAVEPOINT|SAVEPOINT)\s+(\S+)", re.I)
_OUR_SCHEMA = re.compile(r"\bt_[0-9a-z]{26}\b")
_PUBLIC = re.compile(r'(?:\bpublic|"public")\s*\.', re.IGNORECASE)
# In the middle of others it would end the replay's transaction, or lead the rest elsewhere.
_LEADS_AWAY = re.compile(
    r"(?:\A|;)\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK(?!\s+TO\b)"
    r"|SET\s+(?:LOCAL\s+|SESSION\s+)?search_path)\b",
    re.IGNORECASE,
)
_WHOLE_SERVER = re.compile(r"\A(?:CREATE|ALTER|DROP)\s+(?:DATABASE|EXTENSION|SCHEMA|ROLE)\b", re.I)


@contextmanager
def statements_captured(connection: BaseDatabaseWrapper) -> Iterator[list[str]]:
    """A list that fills with every statement that changes something, in order.

    Parameters are merged in, so that the text alone does it again. Whatever passes Django's
    cursors is seen: the schema editor with what it defers, RunPython, the migration recorder.
    What a savepoint took back is taken out again. Raises NotReplayable, before the statement is
    run, for one that names a schema: done again elsewhere it would reach this workspace.
    """
    captured: list[str] = []
    savepoints: dict[str, int] = {}

    def record(
        execute: Callable[..., Any], query: Any, params: Any, many: bool, context: Any
    ) -> Any:
        sets = params if many else [params]
        statements = [merged(connection, query, values) for values in sets]
        kept = [statement for statement in statements if changes_something(statement)]
        for statement in kept:
            replayable_or_raise(statement)
        answer = execute(query, params, many, context)
        if not _savepoint(statements, captured, savepoints):
            captured.extend(kept)
        return answer

    with connection.execute_wrapper(record):
        yield captured


def merged(connection: BaseDatabaseWrapper, query: Any, params: Any) -> str:
    """The statement as it stands alone, without a final semicolon."""
    connection.ensure_connection()
    text = query.as_string(connection.connection) if isinstance(query, Composable) else str(query)
    if params:
        text = ClientCursor(connection.connection).mogrify(text, params)
    elif params is not None:
        text = text.replace("%%", "%")
    return _COMMENTS.sub("", text).rstrip().rstrip(";").rstrip()


def changes_something(statement: str) -> bool:
    """Whether doing the same elsewhere needs this statement. A doubt counts as yes."""
    if not statement:
        return False
    if _is_several(statement):
        return True
    if _OWN.match(statement) or _SAVEPOINT.match(statement):
        return False
    plain = _LITERALS.sub("''", statement)
    return _word(statement) not in _READS or bool(_WRITES.search(_without_row_locks(plain)))


def may_be_left_out(text: str) -> bool:
    """Whether a statement may count as none of the changes, though a function in it makes one."""
    statement = _COMMENTS.sub("", text)
    return _word(statement) in _READS or bool(_OWN.match(statement) or _SAVEPOINT.match(statement))


def replayable_or_raise(statement: str) -> None:
    """Raise NotReplayable when the statement is bound to one schema or to the whole server."""
    if _OUR_SCHEMA.search(statement):
        raise NotReplayable(statement=statement[:200], why="it names a workspace's schema")
    if _PUBLIC.search(_LITERALS.sub("''", statement)):
        raise NotReplayable(statement=statement[:200], why="it names the public schema")
    if _is_several(statement) and _LEADS_AWAY.search(_LITERALS.sub("''", statement)):
        raise NotReplayable(statement=statement[:200], why="it leaves the transaction or schema")
    if _WHOLE_SERVER.match(statement):
        raise NotReplayable(statement=statement[:200], why="it is not about one schema")


def _is_several(statement: str) -> bool:
    return ";" in _LITERALS.sub("''", statement)


def _word(statement: str) -> str:
    return re.split(r"\W", statement, maxsplit=1)[0].upper()


def _without_row_locks(statement: str) -> str:
    return re.sub(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", "", statement, flags=re.IGNORECASE)


def _savepoint(statements: Sequence[str], captured: list[str], savepoints: dict[str, int]) -> bool:
    """Follow savepoints; True when the statement was one."""
    found = _SAVEPOINT.match(statements[0]) if len(statements) == 1 else None
    if found is None or _is_several(statements[0]):
        return False
    act, name = found.group(1).upper(), found.group(2)
    if act == "SAVEPOINT":
        savepoints[name] = len(captured)
    elif act.startswith("ROLLBACK"):
        del captured[savepoints.get(name, 0) :]
    return True
