"""Is the process alive, and may traffic be sent to it?"""

import logging
import secrets
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.core.cache import cache as redis
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.migrations_runner import workspaces_behind
from marketing_platform.users.permissions import public_page

logger = logging.getLogger(__name__)


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
    """200 when every dependency answers and the schemas are the code's; else 503 naming why."""
    failures = {name: reason for name, check in CHECKS.items() if (reason := check())}
    if not failures:
        return JsonResponse({"status": "ready", "checks": dict.fromkeys(CHECKS, "ok")})
    logger.warning("not ready: %s", failures)
    checks = {name: failures.get(name, "ok") for name in CHECKS}
    return JsonResponse({"status": "not_ready", "checks": checks}, status=503)


def database_failure() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return ""


def redis_failure() -> str:
    """A write and its reading: a full or read-only Redis answers reads."""
    written = secrets.token_hex(4)
    try:
        redis.set("health:ready", written, timeout=60)
        found = redis.get("health:ready")
    except RedisError:
        return "Redis does not take writes."
    # Another probe may have written in between; that is an answer as well.
    return "" if found else "Redis forgets what is written."


def schema_failure() -> str:
    try:
        with public_context():
            missing = sorted(_migrations_of_code() - _migrations_of_database())
            behind = len(workspaces_behind())
    except DatabaseError:
        return "The schema version cannot be read."
    if missing:
        return f"The public schema lacks {', '.join(missing[:5])}."
    return f"{behind} workspaces are behind the code's migrations." if behind else ""


@cache
def _migrations_of_code() -> frozenset[str]:
    """The last migration of every app with public tables."""
    from django.apps import apps

    public = set(settings.TENANT_TYPES["public"]["APPS"])
    labels = {config.label for config in apps.get_app_configs() if config.name in public}
    leaves = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes()
    return frozenset(f"{app}.{name}" for app, name in leaves if app in labels)


def _migrations_of_database() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM public.django_migrations")
        return {name for (name,) in cursor.fetchall()}


CHECKS: dict[str, Callable[[], str]] = {
    "database": database_failure,
    "redis": redis_failure,
    "schema": schema_failure,
}
