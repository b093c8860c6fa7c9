"""The rows of WorkspaceMigration, one for each workspace and version. On the public side."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from marketing_platform.tenants.catalog import schema_fingerprint
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA
from marketing_platform.tenants.models import MigrationOutcome, State, Tenant, WorkspaceMigration

ERROR_LENGTH = 4_000
_BEGIN = """
INSERT INTO tenants_workspacemigration AS row
  (tenant_id, from_version, to_version, outcome, attempts, is_canary, error, started_at)
VALUES (%(tenant)s, %(before)s, %(version)s, %(running)s, 1, %(is_canary)s, '', %(now)s)
ON CONFLICT (tenant_id, to_version) DO UPDATE SET
  outcome = %(running)s, attempts = row.attempts + 1, is_canary = %(is_canary)s, error = '',
  started_at = %(now)s, finished_at = NULL
RETURNING id
"""


def is_behind(tenant: Tenant, version: str) -> bool:
    """Whether it is still to be migrated, now that this run has the workspace to itself."""
    rows = Tenant.objects.filter(pk=tenant.pk, state__in=HAVING_SCHEMA)
    return rows.exclude(schema_version=version).exists()


def begin(tenant: Tenant, version: str, *, is_canary: bool, now: datetime) -> int:
    """The ledger's row for this attempt, by id. What a kill left as running is taken up again."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BEGIN,
            {
                "tenant": tenant.pk,
                "before": tenant.schema_version,
                "version": version,
                "is_canary": is_canary,
                "now": now,
                "running": MigrationOutcome.RUNNING.value,
            },
        )
        return int(cursor.fetchone()[0])


def finish(entry: int, tenant: Tenant, version: str, *, now: datetime) -> None:
    """Done: the workspace has the version. In the transaction that did it."""
    WorkspaceMigration.objects.filter(pk=entry).update(
        outcome=MigrationOutcome.DONE, error="", finished_at=now
    )
    rows = Tenant.objects.filter(pk=tenant.pk, state__in=HAVING_SCHEMA)
    if not rows.update(schema_version=version):
        raise IllegalState(state=State.ERASED.label)


def fail(entry: int, error: str, *, now: datetime) -> None:
    WorkspaceMigration.objects.filter(pk=entry).update(
        outcome=MigrationOutcome.FAILED, error=error[:ERROR_LENGTH], finished_at=now
    )


def canary_choose(tenants: Sequence[Tenant], version: str, *, named: str | None) -> Tenant | None:
    """Who goes first; None when the version is proven on a workspace of the tier already.

    A canary that failed is tried again until it passes or another is named: the others stay as
    they are. Otherwise it is the oldest active one.
    """
    if not tenants:
        return None
    for tenant in tenants:
        if tenant.slug == named:
            return tenant
    rows = WorkspaceMigration.objects.filter(tenant__tier=tenants[0].tier, to_version=version)
    if rows.filter(outcome=MigrationOutcome.DONE).exists():
        return None
    failed = set(
        rows.filter(outcome=MigrationOutcome.FAILED, is_canary=True).values_list(
            "tenant_id", flat=True
        )
    )
    return min(
        tenants,
        key=lambda tenant: (
            tenant.pk not in failed,
            tenant.state != State.ACTIVE,
            tenant.created_at,
        ),
    )


def example_of(tier: str, version: str) -> tuple[str | None, str | None]:
    """Fingerprint and schema of the newest workspace that was migrated to the version."""
    row = (
        WorkspaceMigration.objects.filter(
            tenant__tier=tier,
            tenant__schema_version=version,
            tenant__state__in=HAVING_SCHEMA,
            to_version=version,
            outcome=MigrationOutcome.DONE,
        )
        .order_by("-is_canary", "-finished_at")
        .values_list("tenant__schema_name", flat=True)
        .first()
    )
    if row is None:
        return None, None
    with connection.cursor() as cursor:
        return schema_fingerprint(cursor, row), row
