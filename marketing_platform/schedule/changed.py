"""Something changed that a workspace's summary tells; whoever changes it says so here."""

from datetime import datetime, timedelta

from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import Tenant

SUMMARISE = "people.summarise"


def workspace_changed(*, now: datetime, tenant: Tenant | None = None) -> None:
    """Called inside the workspace, or with it. All changes of one minute are counted once, at its
    end.
    """
    tenant = tenant or current_tenant()
    if tenant is None:
        return
    due_at = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    key = f"summary:{tenant.pk}:{due_at:%Y-%m-%dT%H:%M}"
    work_schedule(task=SUMMARISE, tenant=tenant, due_at=due_at, key=key)
