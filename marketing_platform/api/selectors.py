"""API keys of a workspace."""

from django.db.models import QuerySet

from marketing_platform.api.models import ApiKey
from marketing_platform.tenants.models import Tenant


def keys_of(tenant: Tenant) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(tenant=tenant)
