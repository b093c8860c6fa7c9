"""Is the process alive, and may traffic be sent to it?"""

import logging
import secrets
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg.errors import QueryCanceled
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from marketing_platform.tenants.completeness import (
    INCOMPLETE,
    MISPLACED,
    incomplete_parameters,
    workspace_tables,
)
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA, code_version
from marketing_platform.users.permissions import public_page

logger = logging.getLogger(__name__)

# A balancer waits about three seconds: two for the database's connection (libpq knows no less).
CONNECT_SECONDS = 2
STATEMENT_MILLISECONDS = 200
REDIS_SECONDS = 0.2
BEHIND = (
    "SELECT tier, schema_version, count(*) FROM public.tenants_tenant"
    " WHERE state = ANY(%s) AND tier = ANY(%s) GROUP BY tier, schema_version"
)
Cursor = psycopg.Cursor[tuple[Any, ...]]


@public_page
@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nothing of anybody else."""
    return JsonResponse({"status": "live"})


@public_page
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every dependency answers and the public schema is the code's; else 503 naming why.

    Workspaces behind the code, or lacking a schema or tables, are counted and logged: they are no
    reason to turn all away, and each of them fails closed by itself.
    """
    counts: dict[str, int | None] = {"workspaces_behind": None, "workspaces_incomplete": None}
    checks = {
        "database": "The database does not answer.",
        "redis": redis_failure(),
        "schema": "Not asked.",
    }
    try:
        with _own_connection() as own, own.cursor() as cursor:
            cursor.execute("SELECT 1")
            checks["database"] = ""
            checks["schema"] = schema_failure(cursor)
            if not checks["schema"]:
                counts["workspaces_behind"] = workspaces_behind_count(cursor)
                counts["workspaces_incomplete"] = workspaces_incomplete_count(cursor)
    except psycopg.Error:
        logger.warning("the database does not answer", exc_info=True)
    if counts["workspaces_behind"]:
        logger.warning("workspaces behind the code's migrations: %s", counts["workspaces_behind"])
    if counts["workspaces_incomplete"]:
        logger.error("workspaces that lack tables: %s", counts["workspaces_incomplete"])
    answer = {name: reason or "ok" for name, reason in checks.items()}
    if any(checks.values()):
        logger.warning("not ready: %s", answer)
        return JsonResponse({"status": "not_ready", "checks": answer}, status=503)
    return JsonResponse({"status": "ready", "checks": answer, **counts})


def _own_connection() -> psycopg.Connection[tuple[Any, ...]]:
    """Beside the pool, with short timeouts. Raises psycopg.Error."""
    options = {
        **_connection_parameters(),
        "cursor_factory": psycopg.Cursor,
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": CONNECT_SECONDS * 1000,
        "options": f"-c statement_timeout={STATEMENT_MILLISECONDS}",
    }
    return psycopg.connect(**options, autocommit=True)


def _connection_parameters() -> dict[str, Any]:
    return connection.get_connection_params()


def redis_failure() -> str:
    """A write and its reading: a full or read-only Redis answers reads."""
    written = secrets.token_hex(4)
    try:
        with _own_redis() as redis:
            redis.set("health:ready", written, ex=60)
            found = redis.get("health:ready")
    except RedisError:
        return "Redis does not take writes."
    # Another probe may have written in between; that is an answer as well.
    return "" if found else "Redis forgets what is written."


def _own_redis() -> Redis:
    """With short timeouts and one try."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def schema_failure(cursor: Cursor) -> str:
    try:
        cursor.execute("SELECT app || '.' || name FROM public.django_migrations")
    except psycopg.Error:
        return "The schema version cannot be read."
    missing = sorted(_migrations_of_code() - {name for (name,) in cursor.fetchall()})
    if missing:
        return f"The public schema lacks {', '.join(missing[:5])}."
    try:
        cursor.execute(MISPLACED, {"tables": workspace_tables()})
    except QueryCanceled:
        # A busy server is no reason to call it away.
        logger.warning("public was not searched for workspaces' tables: the database is busy")
        return ""
    misplaced = [name for (name,) in cursor.fetchall()]
    # A workspace that lacks one would read that of everybody.
    return f"In public stand tables of workspaces: {', '.join(misplaced[:5])}." if misplaced else ""


def workspaces_behind_count(cursor: Cursor) -> int | None:
    """Workspaces whose schema is not at the code's migrations; None when a busy server takes too
    long over it. Raises psycopg.Error.
    """
    states = [state.value for state in HAVING_SCHEMA]
    try:
        cursor.execute(BEHIND, [states, list(settings.TIERS)])
    except QueryCanceled:
        logger.warning("the workspaces behind were not counted: the database is busy")
        return None
    return sum(count for tier, version, count in cursor if version != code_version(tier))


def workspaces_incomplete_count(cursor: Cursor) -> int | None:
    """Workspaces at the code's migrations whose schema is missing or has another number of tables
    than their tier's. One statement for all; None when a busy server takes too long over it, which
    is no reason to call it away. Raises psycopg.Error.
    """
    states = [state.value for state in HAVING_SCHEMA]
    try:
        cursor.execute(INCOMPLETE, {**incomplete_parameters(), "states": states})
    except QueryCanceled:
        logger.warning("the workspaces' tables were not counted: the database is busy")
        return None
    row = cursor.fetchone()
    return int(row[0]) if row else 0


@cache
def _migrations_of_code() -> frozenset[str]:
    """The last migration of every app with public tables."""
    from django.apps import apps

    public = set(settings.TENANT_TYPES["public"]["APPS"])
    labels = {config.label for config in apps.get_app_configs() if config.name in public}
    leaves = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes()
    return frozenset(f"{app}.{name}" for app, name in leaves if app in labels)
