"""From the decision to try or pay to a workspace that is ready."""

from datetime import datetime
from typing import Any

from django.db import transaction

from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.tenants.services import tenant_move, workspace_provision


def workspace_prepare(*, tenant: Tenant, reason: str, now: datetime) -> bool:
    """The decision is made (trial, verified event, staff terms): prepare the workspace once.

    The work is queued in the same transaction. Returns False when it was under way or done.
    """
    with transaction.atomic():
        locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if locked.state not in {State.PENDING, State.FAILED}:
            return False
        tenant_move(locked, State.PREPARING, reason=reason, now=now)
        attempt = TenantEvent.objects.filter(tenant=locked, kind=State.PREPARING).count()
        work_schedule(
            task="tenants.provision",
            arguments={"tenant_id": str(locked.pk)},
            key=f"provision:{locked.pk}:{attempt}",
        )
    tenant.refresh_from_db()
    return True


@work_handler("tenants.provision")
def provision(_tenant: None, *, tenant_id: str, **_unused: Any) -> None:
    workspace_provision(Tenant.objects.get(pk=tenant_id))
