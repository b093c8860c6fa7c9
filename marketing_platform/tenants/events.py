"""Writing down what happened to a workspace."""

from datetime import datetime
from uuid import UUID

from marketing_platform.tenants.host_cache import tenant_forget
from marketing_platform.tenants.models import Tenant, TenantEvent


def tenant_event(
    tenant: Tenant,
    kind: str,
    *,
    now: datetime,
    reason: str = "",
    actor_id: UUID | None = None,
) -> TenantEvent:
    """One entry of the workspace's history, in the caller's transaction.

    What is worth one may have changed its state or addresses, so hosts are looked up again.
    """
    event = TenantEvent.objects.create(
        tenant=tenant, kind=kind, reason=reason, actor_id=actor_id, happened_at=now
    )
    tenant_forget(tenant.pk)
    return event
