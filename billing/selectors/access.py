"""What a workspace may do, in one query, and, where somebody asks for them, its limits in another.

Asked by every page. The queries are written out once, as Django takes longer to compose them than
the database to answer; each table more costs the planner a third of the whole, which is why limits,
that few requests look at, wait until they are asked for.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property, partial
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

NONE_BOUGHT: Mapping[str, int] = {}
# In the order of AccessFact, between the row's id and its plan version.
FACTS = f"""
SELECT sub.id, sub.state, sub.trial_ends_at, sub.access_until, sub.past_due_since,
       sub.current_period_end, sub.next_attempt_at,
       CASE WHEN sub.state = 'suspended' AND sub.gateway = '' THEN sub.state_changed_at END,
       sub.gateway <> '' AND sub.mandate IN ('confirmed', 'pending', 'needs_afa'),
       sub.plan_version_id
  FROM {Subscription._meta.db_table} sub
 WHERE sub.tenant_id = %(tenant)s
UNION ALL
SELECT 0, '{STAFF_TERMS}', NULL, until, NULL, NULL, NULL, accepted_at, FALSE, NULL
  FROM {StaffTerms._meta.db_table} WHERE tenant_id = %(tenant)s
"""  # noqa: S608
# The plan's first, then what was agreed last: the later one counts.
LIMITS = f"""
SELECT 0 AS place, quotas::text FROM {PlanVersion._meta.db_table} WHERE id = %(version)s
UNION ALL
(SELECT 1, quotas::text FROM {CustomPrice._meta.db_table}
  WHERE tenant_id = %(tenant)s AND effective_from <= %(now)s
    AND (effective_until IS NULL OR effective_until > %(now)s)
  ORDER BY effective_from DESC, id DESC LIMIT 1)
ORDER BY place
"""  # noqa: S608
Row = tuple[Any, ...]


class Limits(Mapping[str, int]):
    """Limits by name, read at their first use."""

    def __init__(self, read: Callable[[], Mapping[str, int]]):
        self._read = read

    @cached_property
    def _all(self) -> Mapping[str, int]:
        return self._read()

    def __getitem__(self, name: str) -> int:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def entitlements_of(tenant: Tenant, *, now: datetime | None = None) -> Entitlements:
    """What the workspace may do. Quotas: those agreed with it, else of its plan's version, else
    the tier's limits; each by its name."""
    now = now or clock.now()
    rows = _rows(tenant, FACTS, {})
    access = access_of((_fact(row) for row in rows), now)
    if tenant.state == WorkspaceState.CLOSING:
        # It is read until it is erased; nothing new leaves it.
        access = Access("read_only", is_late=access.is_late)
    return Entitlements(
        access=access.level,
        quotas=Limits(partial(_limits, tenant, _version(rows, now), now)),
        until=access.until,
        is_late=access.is_late,
    )


def quotas_of(tenant: Tenant, *, now: datetime | None = None) -> Mapping[str, int]:
    """The limits of a workspace by name; see entitlements_of."""
    return entitlements_of(tenant, now=now).quotas


def _rows(tenant: Tenant, query: str, values: dict[str, Any]) -> list[Row]:
    acting = current_tenant()
    if acting is not None and acting.pk != tenant.pk:
        raise CrossTenantError
    with connection.cursor() as cursor:
        cursor.execute(query, {"tenant": tenant.pk, **values})
        return cursor.fetchall()


def _fact(row: Row) -> AccessFact:
    return AccessFact(*row[1:9])


def _version(rows: Iterable[Row], now: datetime) -> int | None:
    """Of the newest subscription that gives access now."""
    granting = (row for row in rows if row[0] and grants(_fact(row), now))
    newest = max(granting, key=lambda row: row[0], default=None)
    return None if newest is None else newest[9]


def _limits(tenant: Tenant, version: int | None, now: datetime) -> Mapping[str, int]:
    limits = REGISTRY[tenant.tier].limits if tenant.tier in REGISTRY else NONE_BOUGHT
    rows = _rows(tenant, LIMITS, {"version": version, "now": now})
    bought = [json.loads(quotas) for _place, quotas in rows if quotas != "{}"]
    return {name: count for found in (limits, *bought) for name, count in found.items()}
