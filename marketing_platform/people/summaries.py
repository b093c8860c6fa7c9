"""Each workspace's public summary: written inside the workspace, read for a person's own list."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from billing.selectors import next_charge
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.selectors import connections_failing, connections_to_sign_in
from marketing_platform.core import clock
from marketing_platform.effects.selectors import stuck_effects
from marketing_platform.people.models import WorkspaceSummary
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import spec

COUNTED = [
    *("waiting", "sign_in_again", "charge_on", "charge_paise"),
    *("stuck", "failing", "updated_at"),
]


def summary_write(*, tenant: Tenant, now: datetime) -> None:
    """Called inside the workspace. Of two at once the later one stays, and both are whole."""
    waiting = spec(tenant.tier).waiting
    charge = next_charge(tenant)
    row = WorkspaceSummary(
        tenant=tenant,
        waiting=resolve(waiting)(clock.today(now)) if waiting else 0,
        sign_in_again=[PROVIDERS[code].label for code in connections_to_sign_in()],
        charge_on=clock.today(charge.at) if charge else None,
        charge_paise=charge.paise if charge else None,
        stuck=stuck_effects(now=now).count(),
        failing=connections_failing(),
        updated_at=now,
    )
    WorkspaceSummary.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["tenant"], update_fields=COUNTED
    )


def summaries_of(tenant_ids: Iterable[UUID]) -> dict[UUID, WorkspaceSummary]:
    """One query for all of them; a workspace that was not counted yet is left out."""
    rows = WorkspaceSummary.objects.filter(tenant__in=list(tenant_ids))
    return {row.tenant_id: row for row in rows}
