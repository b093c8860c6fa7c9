"""Reading a workspace's company."""

from enterprise.clients.models import EnterpriseClient
from marketing_platform.tenants.models import Tenant


def client_of(tenant: Tenant) -> EnterpriseClient | None:
    return EnterpriseClient.objects.filter(tenant=tenant).first()
