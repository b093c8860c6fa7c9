"""Finding workspaces."""

import copy
from uuid import UUID

from django.conf import settings

from marketing_platform.tenants.host_cache import hosts
from marketing_platform.tenants.models import Domain, State, Tenant

SERVING = (State.ACTIVE, State.CLOSING)


def tenant_by_host(host: str) -> Tenant | None:
    """The workspace of a host name without port; None when there is none.

    Of a serving one, what was read by this process up to 30 seconds ago (tenants.host_cache).
    """
    is_known, tenant = hosts.get(host)
    if is_known:
        # Each request has its own: what a page does to the row is not seen by the next.
        return copy.copy(tenant)
    changes = hosts.changes
    row = Domain.objects.select_related("tenant").filter(domain=host).first()
    if row is None:
        hosts.put(host, None, changes=changes)
        return None
    if row.tenant.state in SERVING:
        hosts.put(host, copy.copy(row.tenant), changes=changes)
    return row.tenant


def is_outdated(tenant: Tenant, entered_schema: str) -> bool:
    """Whether a workspace, its row just read, serves no more or lies elsewhere than entered."""
    return tenant.state not in SERVING or tenant.schema_name != entered_schema


def tenant_by_id(tenant_id: UUID | str) -> Tenant | None:
    return Tenant.objects.filter(pk=tenant_id).first()


def tenant_host(tenant: Tenant) -> str:
    """Host and port as a browser writes them."""
    return f"{tenant.slug}.{settings.BASE_DOMAIN}"


def tenant_url(tenant: Tenant, path: str = "/") -> str:
    return f"{settings.PUBLIC_SCHEME}://{tenant_host(tenant)}{path}"
