"""Finding workspaces."""

from uuid import UUID

from django.conf import settings

from marketing_platform.tenants.models import Domain, State, Tenant

SERVING = (State.ACTIVE, State.CLOSING)


def tenant_by_host(host: str) -> Tenant | None:
    """The workspace of a host name without port; None when there is none."""
    row = Domain.objects.select_related("tenant").filter(domain=host).first()
    return row.tenant if row else None


def tenant_by_id(tenant_id: UUID | str) -> Tenant | None:
    return Tenant.objects.filter(pk=tenant_id).first()


def tenant_host(tenant: Tenant) -> str:
    """Host and port as a browser writes them."""
    return f"{tenant.slug}.{settings.BASE_DOMAIN}"


def tenant_url(tenant: Tenant, path: str = "/") -> str:
    return f"{settings.PUBLIC_SCHEME}://{tenant_host(tenant)}{path}"
