"""What a workspace may do, in one query: access, and the limits that it bought.

Asked by every page. The query is written out once, as Django takes longer to compose it than the
database to answer it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from billing.engine.access import STAFF_TERMS, Access, AccessFact, access_of, grants
from billing.models import CustomPrice, PlanVersion, StaffTerms, Subscription
from marketing_platform.core import clock
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import State as WorkspaceState
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.registry import REGISTRY

AGREED = "agreed_quotas"
NONE_BOUGHT: Mapping[str, int] = {}
# Quotas are text so that one without any costs no parsing: most plans have none of their own. A
# join or a sort would take the planner longer than all the rest.
FACTS = f"""
SELECT sub.id, sub.state, sub.trial_ends_at, sub.access_until, sub.past_due_since,
       sub.current_period_end, sub.next_attempt_at,
       CASE WHEN sub.state = 'suspended' AND sub.gateway = '' THEN sub.state_changed_at END,
       (SELECT quotas::text FROM {PlanVersion._meta.db_table} WHERE id = sub.plan_version_id)
  FROM {Subscription._meta.db_table} sub
 WHERE sub.tenant_id = %(tenant)s
UNION ALL
SELECT 0, %(terms)s, NULL, until, NULL, NULL, NULL, accepted_at, '{{}}'
  FROM {StaffTerms._meta.db_table} WHERE tenant_id = %(tenant)s
UNION ALL
SELECT id, %(agreed)s, NULL, NULL, NULL, NULL, NULL, effective_from, quotas::text
  FROM {CustomPrice._meta.db_table}
 WHERE tenant_id = %(tenant)s AND effective_from <= %(now)s
   AND (effective_until IS NULL OR effective_until > %(now)s)
"""  # noqa: S608
Row = tuple[Any, ...]


def entitlements_of(tenant: Tenant, *, now: datetime | None = None) -> Entitlements:
    """What the workspace may do. Quotas: those agreed with it, else of its plan's version, else
    the tier's limits; each by its name."""
    now = now or clock.now()
    rows = _rows(tenant, now)
    access = access_of((_fact(row) for row in rows if row[1] != AGREED), now)
    if tenant.state == WorkspaceState.CLOSING:
        # It is read until it is erased; nothing new leaves it.
        access = Access("read_only", is_late=access.is_late)
    quotas = _quotas(tenant, rows, now)
    return Entitlements(
        access=access.level, quotas=quotas, until=access.until, is_late=access.is_late
    )


def quotas_of(tenant: Tenant, *, now: datetime | None = None) -> Mapping[str, int]:
    """The limits of a workspace by name; see entitlements_of."""
    return entitlements_of(tenant, now=now).quotas


def _rows(tenant: Tenant, now: datetime) -> list[Row]:
    acting = current_tenant()
    if acting is not None and acting.pk != tenant.pk:
        raise CrossTenantError
    values = {"tenant": tenant.pk, "terms": STAFF_TERMS, "agreed": AGREED, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(FACTS, values)
        return cursor.fetchall()


def _fact(row: Row) -> AccessFact:
    return AccessFact(*row[1:8])


def _quotas(tenant: Tenant, rows: list[Row], now: datetime) -> Mapping[str, int]:
    limits = REGISTRY[tenant.tier].limits if tenant.tier in REGISTRY else NONE_BOUGHT
    bought, agreed = _of_plan(rows, now), _of_agreement(rows)
    if bought == agreed == "{}":
        return limits
    return {**limits, **json.loads(bought), **json.loads(agreed)}


def _of_plan(rows: Iterable[Row], now: datetime) -> str:
    """Of the newest subscription that gives access now."""
    own = (row for row in rows if row[0] and row[1] != AGREED)
    granting = (row for row in own if grants(_fact(row), now))
    newest = max(granting, key=lambda row: row[0], default=None)
    return "{}" if newest is None else newest[8]


def _of_agreement(rows: Iterable[Row]) -> str:
    """Of the price agreed last that holds now."""
    agreed = (row for row in rows if row[1] == AGREED)
    newest = max(agreed, key=lambda row: (row[7], row[0]), default=None)
    return "{}" if newest is None else newest[8]
