"""Bringing schemas up to the code's migrations, and telling which version a schema has."""

import hashlib
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q
from django_tenants.utils import quote_schema_name, schema_exists

from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import TierNotDeployed, WorkspaceBusy
from marketing_platform.tenants.models import State, Tenant

HAVING_SCHEMA = (State.ACTIVE, State.BLOCKED, State.CLOSING)


@cache
def code_version(tier: str) -> str:
    """A short hash of all migrations that a tier needs ('public' is one), by name.

    Not of the last ones alone: one that is put between others changes it too.
    """
    loader = MigrationLoader(None, ignore_no_migrations=True)
    plans = (loader.graph.forwards_plan(leaf) for leaf in tier_leaves(loader, tier))
    names = sorted({f"{app}.{name}" for plan in plans for app, name in plan})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


@contextmanager
def workspace_lock(tenant: Tenant, *, wait_seconds: float | None = None) -> Iterator[None]:
    """One at a time per workspace: waits for whoever prepares or migrates it now.

    By its id: a schema's name may change while it is prepared. Raises WorkspaceBusy when it waited
    for longer than `wait_seconds`; None waits for as long as it takes.
    """
    with named_lock(f"workspace:{tenant.pk}", wait_seconds=wait_seconds, busy=tenant.slug):
        yield


@contextmanager
def named_lock(key: str, *, wait_seconds: float | None = None, busy: str = "") -> Iterator[None]:
    """One holder at a time in this database.

    Held by the database session, across the transactions of migrations. Inside a transaction it
    ends with that one, which may be broken and unable to release anything. A connection that is
    closed meanwhile loses the lock; the pool does not give it to others.
    """
    is_released_by_transaction = connection.in_atomic_block
    lock = "advisory_xact_lock" if is_released_by_transaction else "advisory_lock"
    if wait_seconds is None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_{lock}(hashtextextended(%s, 0))", [key])
    else:
        _lock_within(wait_seconds, f"pg_try_{lock}", key, busy or key)
    if is_released_by_transaction:
        yield
        return
    holder = connection.connection
    with connection.kept_from_others() as released:
        try:
            yield
        finally:
            if connection.connection is holder:
                # A session that broke has lost its locks; the workspace may be gone by now.
                with suppress(Error), public_context(), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
                    released()


@contextmanager
def lock_of_its_own(key: str) -> Iterator[None]:
    """As named_lock, on a connection opened for it: for work that closes the usual ones."""
    options = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**options, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        yield


def _lock_within(seconds: float, function: str, key: str, busy: str) -> None:
    until = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key])
            if cursor.fetchone()[0]:
                return
        if time.monotonic() > until:
            raise WorkspaceBusy(workspace=busy)
        time.sleep(0.05)


def workspace_migrate(tenant: Tenant) -> str:
    """Create the schema if missing and migrate it. Returns the version it now has."""
    with public_context():
        if not schema_exists(tenant.schema_name):
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE SCHEMA {quote_schema_name(tenant.schema_name)}")
        # Without public on the search path: the schema's own record of migrations is read, and a
        # migration that reaches for a public table fails here and not in production.
        connection.set_tenant(tenant, include_public=False)
        MigrationRecorder(connection).ensure_schema()
        executor = MigrationExecutor(connection)
        # Only the tier's own apps: the state of all others need not be built for each workspace.
        executor.migrate(tier_leaves(executor.loader, tenant.tier))
        return code_version(tenant.tier)


def public_migrate() -> None:
    with public_context():
        call_command(
            "migrate_schemas", shared=True, interactive=False, verbosity=0, stdout=io.StringIO()
        )


def workspaces_behind() -> list[Tenant]:
    """Workspaces with a schema whose version is not the code's, the oldest first. One query."""
    behind = Q(pk__in=[])
    for tier in settings.TIERS:
        behind |= Q(tier=tier) & ~Q(schema_version=code_version(tier))
    return list(Tenant.objects.filter(behind, state__in=HAVING_SCHEMA).order_by("created_at"))


def undeployed_tiers_refuse() -> None:
    """Raise TierNotDeployed, naming the workspaces, when one of an undeployed tier exists."""
    with connection.cursor() as cursor:
        if Tenant._meta.db_table not in connection.introspection.table_names(cursor):
            return
    rows = Tenant.objects.exclude(tier__in=["public", *settings.TIERS]).exclude(state=State.ERASED)
    names = list(rows.values_list("slug", "tier")[:20])
    if names:
        raise TierNotDeployed(tenants=", ".join(f"{slug} ({tier})" for slug, tier in names))


def tier_leaves(loader: MigrationLoader, tier: str) -> list[tuple[str, str]]:
    """The last migration of every app of a tier ('public' included)."""
    wanted = set(settings.TENANT_TYPES[tier]["APPS"])
    labels = {config.label for config in apps.get_app_configs() if config.name in wanted}
    return [node for node in loader.graph.leaf_nodes() if node[0] in labels]
