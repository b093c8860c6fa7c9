"""Our PostgreSQL backend: the acting workspace decides the search path of every statement.

Over django-tenants' backend, whose defects it leaves behind (reference: docs/tenancy.md):
- the tenant is not kept on the connection but in a ContextVar (tenants.acting), so that threads,
  coroutines and connections opened in the middle of a request all agree;
- `search_path` is set before a statement, not before a cursor, and only when it is another one than
  the server has; what the server has is remembered on the driver's connection and forgotten
  whenever a rollback may have undone it;
- a schema that does not exist raises SchemaMissing and never falls back to public;
- callbacks of on_commit run for the workspace that registered them;
- a connection that served many workspaces is replaced when it is given back: PostgreSQL keeps
  about 1 MB per workspace touched in each of its processes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.base import CursorDebugWrapper as DjangoCursorDebugWrapper
from django.db.backends.postgresql.base import DatabaseWrapper as DjangoWrapper
from django.db.backends.utils import CursorWrapper as DjangoCursorWrapper
from django_tenants.postgresql_backend.base import DatabaseWrapper as StockWrapper
from django_tenants.postgresql_backend.base import FakeTenant, _check_schema_name
from django_tenants.postgresql_backend.introspection import DatabaseSchemaIntrospection
from psycopg import Connection, sql
from psycopg.pq import TransactionStatus

from marketing_platform.tenants.acting import ACTING, PUBLIC, PUBLIC_SCHEMA, acting_for, bound
from marketing_platform.tenants.backend.errors import SchemaMissing
from marketing_platform.tenants.backend.pooler import pooler_refuse_sometimes

# Attributes of ours on the driver's connection: they live and die with the server's session.
PATH, SCHEMAS = "_platform_path", "_platform_schemas"


class _Placed:
    """A cursor whose statements run on the acting workspace's search path."""

    db: "DatabaseWrapper"
    cursor: Any

    def _execute(self, *arguments: Any) -> Any:
        self.db.search_path_apply()
        return super()._execute(*arguments)  # type: ignore[misc]

    def _executemany(self, *arguments: Any) -> Any:
        self.db.search_path_apply()
        return super()._executemany(*arguments)  # type: ignore[misc]

    def callproc(self, *arguments: Any, **named: Any) -> Any:
        self.db.search_path_apply()
        return super().callproc(*arguments, **named)  # type: ignore[misc]

    def stream(self, *arguments: Any, **named: Any) -> Any:
        self.db.search_path_apply()
        yield from self.cursor.stream(*arguments, **named)

    def copy(self, *arguments: Any, **named: Any) -> Any:
        self.db.search_path_apply()
        return self.cursor.copy(*arguments, **named)


class CursorWrapper(_Placed, DjangoCursorWrapper):
    pass


class CursorDebugWrapper(_Placed, DjangoCursorDebugWrapper):
    pass


class DatabaseWrapper(StockWrapper):
    # How often a search path was set by this wrapper: for measurements.
    search_path_sets = 0

    def __init__(self, *args: Any, **kwargs: Any):
        # Not the stock one's: it would make every new connection act for public.
        DjangoWrapper.__init__(self, *args, **kwargs)
        self.introspection = DatabaseSchemaIntrospection(self)

    # --- who acts; the names are the library's

    @property
    def schema_name(self) -> str:
        return ACTING.get().schema

    @property
    def tenant(self) -> Any:
        return ACTING.get().tenant or FakeTenant(PUBLIC_SCHEMA, tenant_type=PUBLIC_SCHEMA)

    @property
    def include_public_schema(self) -> bool:
        return PUBLIC_SCHEMA in ACTING.get().path

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """For the library's commands; code of ours uses tenant_context."""
        _check_schema_name(tenant.schema_name)
        ACTING.set(acting_for(tenant, include_public=include_public))

    def set_schema_to_public(self) -> None:
        ACTING.set(PUBLIC)

    # --- the search path

    def search_path_apply(self) -> None:
        """Have the server use the acting workspace's search path. Raises SchemaMissing.

        Called before every statement; whoever uses the driver's own cursors calls it first.
        """
        self.ensure_connection()
        raw, wanted = self.connection, ACTING.get().path
        if getattr(raw, PATH, None) == wanted:
            return
        if raw.info.transaction_status == TransactionStatus.INERROR:
            return  # only a rollback can follow, and it undoes whatever was set
        setattr(raw, PATH, None)
        self._search_path_set(raw, wanted)
        setattr(raw, PATH, wanted)

    def _search_path_set(self, raw: Connection[Any], path: tuple[str, ...]) -> None:
        self.search_path_sets += 1
        schema = path[0]
        names = sql.SQL(", ").join(sql.Identifier(name) for name in path)
        with self.wrap_database_errors, raw.cursor() as cursor:
            if schema == PUBLIC_SCHEMA:
                cursor.execute(sql.SQL("SET search_path = {}").format(names))
                return
            cursor.execute(
                sql.SQL(
                    "SELECT pg_catalog.set_config('search_path', {}, false)"
                    " WHERE pg_catalog.to_regnamespace({}) IS NOT NULL"
                ).format(
                    sql.Literal(names.as_string(raw)),
                    sql.Literal(sql.Identifier(schema).as_string(raw)),
                )
            )
            if cursor.rowcount != 1:
                raise SchemaMissing(f"the schema {schema} does not exist")
        self._schemas_touched(raw).add(schema)

    def _schemas_touched(self, raw: Connection[Any]) -> set[str]:
        touched: set[str] | None = getattr(raw, SCHEMAS, None)
        if touched is None:
            touched = set()
            setattr(raw, SCHEMAS, touched)
        return touched

    def _search_path_forget(self) -> None:
        if self.connection is not None:
            setattr(self.connection, PATH, None)

    # --- where the server may forget it

    def _commit(self) -> None:
        # Committing a failed transaction rolls it back without a word.
        raw = self.connection
        if raw is not None and raw.info.transaction_status == TransactionStatus.INERROR:
            self._search_path_forget()
        try:
            super()._commit()
        except BaseException:
            self._search_path_forget()
            raise

    def _rollback(self) -> None:
        self._search_path_forget()
        super()._rollback()

    def rollback(self) -> None:
        DjangoWrapper.rollback(self)

    def savepoint_rollback(self, sid: str) -> None:
        try:
            DjangoWrapper.savepoint_rollback(self, sid)
        finally:
            self._search_path_forget()

    def close(self) -> None:
        DjangoWrapper.close(self)

    def _close(self) -> None:
        raw = self.connection
        if raw is not None and not raw.closed:
            if raw.info.transaction_status != TransactionStatus.IDLE:
                self._search_path_forget()  # the pool rolls it back
            if self._is_worn(raw):
                # Its best time is over: the pool replaces it, a direct one is closed anyway.
                raw._expire_at = 0.0
        super()._close()

    def _is_worn(self, raw: Connection[Any]) -> bool:
        return len(self._schemas_touched(raw)) >= settings.SCHEMAS_PER_CONNECTION

    def close_if_worn(self) -> None:
        """For work that goes from workspace to workspace, between two of them."""
        raw = self.connection
        if raw is not None and not self.in_atomic_block and self._is_worn(raw):
            self.close()

    @contextmanager
    def kept_from_others(self) -> Iterator[Callable[[], None]]:
        """The session holds something of its own, as a lock: given back, it is not used again.

        Unless it was released, which the caller says by calling what is handed out.
        """
        raw = self.connection
        expires_at = getattr(raw, "_expire_at", None)
        raw._expire_at = 0.0

        def released() -> None:
            if expires_at is not None:
                raw._expire_at = expires_at

        yield released

    # --- cursors and callbacks

    def _cursor(self, name: str | None = None) -> Any:
        return DjangoWrapper._cursor(self, name)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return CursorWrapper(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        return CursorDebugWrapper(cursor, self)

    def on_commit(self, func: Callable[[], Any], robust: bool = False) -> None:
        super().on_commit(bound(func) if callable(func) else func, robust=robust)

    def _configure_connection(self, connection: Connection[Any]) -> Any:
        commit = super()._configure_connection(connection)
        try:
            pooler_refuse_sometimes(connection, self.get_connection_params)
        except BaseException:
            connection.close()
            raise
        return commit
