"""Does a workspace have every table that its code expects, and do all of them?"""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from marketing_platform.tenants.catalog import objects_differ, schema_fingerprint, schema_objects
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.migrations_runner import code_version
from marketing_platform.tenants.models import SchemaSnapshot, Tenant
from marketing_platform.tenants.slugs import new_schema_name
from marketing_platform.tenants.snapshot import schema_replay, snapshot_current

RECORD = "django_migrations"

# Whose version is another is behind, and counted as such. Parameters: tiers, versions, tables.
INCOMPLETE = """
SELECT count(*) FROM public.tenants_tenant t
JOIN unnest(%(tiers)s::text[], %(versions)s::text[], %(tables)s::int[])
  AS expected (tier, version, tables)
  ON expected.tier = t.tier AND expected.version = t.schema_version
LEFT JOIN pg_namespace n ON n.nspname = t.schema_name
LEFT JOIN (
  SELECT relnamespace, count(*) AS tables FROM pg_class WHERE relkind IN ('r', 'p') GROUP BY 1
) found ON found.relnamespace = n.oid
WHERE t.state = ANY(%(states)s) AND found.tables IS DISTINCT FROM expected.tables
"""
MISPLACED = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relkind IN ('r', 'p') AND relname = ANY(%(tables)s) ORDER BY relname
"""


@cache
def expected_tables(tier: str) -> frozenset[str]:
    """The tables of the models of a tier's apps, and the record of migrations."""
    wanted = set(settings.TENANT_TYPES[tier]["APPS"])
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_config.name in wanted
        and model._meta.managed
        and not model._meta.proxy
        and not model._meta.swapped
    ]
    return frozenset({RECORD, *(model._meta.db_table for model in models)})


def workspace_complete(tenant: Tenant) -> list[str]:
    """What the workspace's schema lacks or has too much, one line each; empty when it is complete.

    Exact against the tier's snapshot; without a current one, by the names of the tables.
    """
    with public_context(), connection.cursor() as cursor:
        snapshot = snapshot_current(tenant.tier)
        if snapshot is None:
            return _tables_differ(tenant)
        if schema_fingerprint(cursor, tenant.schema_name) == snapshot.fingerprint:
            return []
        found = schema_objects(cursor, tenant.schema_name)
        return objects_differ(_objects_of(snapshot), found)


def incomplete_parameters() -> dict[str, list[object]]:
    """For INCOMPLETE, apart from the states."""
    tiers = list(settings.TIERS)
    return {
        "tiers": tiers,
        "versions": [code_version(tier) for tier in tiers],
        "tables": [len(expected_tables(tier)) for tier in tiers],
    }


def workspace_tables() -> list[str]:
    """Every table that belongs into workspaces alone."""
    names = frozenset().union(*(expected_tables(tier) for tier in settings.TIERS))
    return sorted(names - {RECORD})


def _tables_differ(tenant: Tenant) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)",
            [tenant.schema_name],
        )
        found = {f"table {name}": "" for (name,) in cursor.fetchall()}
    return objects_differ({f"table {name}": "" for name in expected_tables(tenant.tier)}, found)


def _objects_of(snapshot: SchemaSnapshot) -> dict[str, str]:
    """What a complete schema is made of: one is made to look at, and rolled back."""
    name = new_schema_name()
    with transaction.atomic():
        schema_replay(name, snapshot.statements)
        with connection.cursor() as cursor:
            objects = schema_objects(cursor, name)
        transaction.set_rollback(True)
    return objects
