"""What operators ask of workspaces, in a number of queries that does not grow with them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import sql

from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.errors import UnknownWorkspace
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA, code_version
from marketing_platform.tenants.models import (
    MigrationOutcome,
    Tenant,
    TenantEvent,
    WorkspaceMigration,
)


@dataclass(frozen=True)
class WorkspaceLine:
    """One row of the list. `version`: current, behind, failed (its migration did), or none."""

    slug: str
    tier: str
    state: str
    version: str
    created_at: datetime
    erase_after: datetime | None
    name: str


@dataclass(frozen=True)
class WorkspaceStatus:
    """Everything about one workspace. Bytes with indexes; rows are counted, not estimated."""

    line: WorkspaceLine
    id: str
    schema_name: str
    schema_version: str
    code_version: str
    failure: str
    problems: list[str]
    bytes: int
    rows: dict[str, int]
    migrations: list[dict[str, Any]]
    events: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        whole = asdict(self)
        return {**whole.pop("line"), **whole}


def workspace_named(slug: str) -> Tenant:
    """The workspace of a slug. Raises UnknownWorkspace, which suggests near ones."""
    tenant = Tenant.objects.exclude(tier="public").filter(slug=slug).first()
    if tenant is not None:
        return tenant
    slugs = Tenant.objects.exclude(tier="public").values_list("slug", flat=True)
    near = get_close_matches(slug, list(slugs), n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else " See `manage.py tenants list`."
    raise UnknownWorkspace(slug=slug, hint=hint)


def workspace_lines(
    *, tier: str | None = None, state: str | None = None, is_behind: bool = False
) -> list[WorkspaceLine]:
    """The workspaces that match, by slug. Two queries."""
    rows = Tenant.objects.exclude(tier="public").order_by("slug")
    if tier:
        rows = rows.filter(tier=tier)
    if state:
        rows = rows.filter(state=state)
    failed = set(
        WorkspaceMigration.objects.filter(outcome=MigrationOutcome.FAILED).values_list(
            "tenant_id", "to_version"
        )
    )
    lines = [_line(tenant, failed) for tenant in rows]
    return [line for line in lines if not is_behind or line.version in ("behind", "failed")]


def workspace_status(tenant: Tenant) -> WorkspaceStatus:
    ledger = list(
        WorkspaceMigration.objects.filter(tenant=tenant).order_by("-started_at")[:10].values()
    )
    events = list(
        TenantEvent.objects.filter(tenant=tenant)[:10].values("kind", "reason", "happened_at")
    )
    failed = {
        (row["tenant_id"], row["to_version"])
        for row in ledger
        if row["outcome"] == MigrationOutcome.FAILED
    }
    has_schema = tenant.state in HAVING_SCHEMA
    is_current = tenant.schema_version == _version(tenant.tier)
    size, rows = _contents(tenant.schema_name) if has_schema else (0, {})
    return WorkspaceStatus(
        line=_line(tenant, failed),
        id=str(tenant.pk),
        schema_name=tenant.schema_name,
        schema_version=tenant.schema_version,
        code_version=_version(tenant.tier),
        failure=tenant.failure,
        problems=workspace_complete(tenant) if has_schema and is_current else [],
        bytes=size,
        rows=rows,
        migrations=[{k: v for k, v in row.items() if k != "tenant_id"} for row in ledger],
        events=events,
    )


def _line(tenant: Tenant, failed: set[tuple[Any, str]]) -> WorkspaceLine:
    version = _version(tenant.tier)
    if tenant.state not in HAVING_SCHEMA:
        word = "none"
    elif tenant.schema_version == version:
        word = "current"
    else:
        word = "failed" if (tenant.pk, version) in failed else "behind"
    return WorkspaceLine(
        slug=tenant.slug,
        tier=tenant.tier,
        state=tenant.state,
        version=word,
        created_at=tenant.created_at,
        erase_after=tenant.erase_after,
        name=tenant.name,
    )


def _version(tier: str) -> str:
    return code_version(tier) if tier in settings.TIERS else ""


def _contents(schema: str) -> tuple[int, dict[str, int]]:
    """Bytes of a schema's tables and the rows of each. Two statements."""
    with public_context(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(c.oid) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = %s AND relkind IN ('r', 'p') ORDER BY relname",
            [schema],
        )
        tables = cursor.fetchall()
        if not tables:
            return 0, {}
        counts = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, count(*) FROM {}").format(
                sql.Literal(table), sql.Identifier(schema, table)
            )
            for table, _size in tables
        )
        cursor.execute(counts)
        return sum(size for _table, size in tables), dict(cursor.fetchall())
