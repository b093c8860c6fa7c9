"""The rows of WorkspaceMigration, one for each workspace and version. On the public side."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F

from marketing_platform.tenants.catalog import schema_fingerprint
from marketing_platform.tenants.errors import IllegalState
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA
from marketing_platform.tenants.models import MigrationOutcome, State, Tenant, WorkspaceMigration

ERROR_LENGTH = 4_000


def is_behind(tenant: Tenant, version: str) -> bool:
    """Whether it is still to be migrated, now that this run has the workspace to itself."""
    rows = Tenant.objects.filter(pk=tenant.pk, state__in=HAVING_SCHEMA)
    return rows.exclude(schema_version=version).exists()


def begin(tenant: Tenant, version: str, *, is_canary: bool, now: datetime) -> int:
    """The ledger's row for this attempt. What a kill left as running is taken up again."""
    row, is_new = WorkspaceMigration.objects.get_or_create(
        tenant=tenant,
        to_version=version,
        defaults={
            "from_version": tenant.schema_version,
            "outcome": MigrationOutcome.RUNNING,
            "is_canary": is_canary,
            "started_at": now,
        },
    )
    if not is_new:
        WorkspaceMigration.objects.filter(pk=row.pk).update(
            outcome=MigrationOutcome.RUNNING,
            attempts=F("attempts") + 1,
            is_canary=is_canary,
            error="",
            started_at=now,
            finished_at=None,
        )
    return row.pk


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
