"""Reading public rows of every workspace. Importable only from admin and operations (contract)."""

from django.db import models

from marketing_platform.tenants.models import TenantOwned, TenantOwnedQuerySet


def across_tenants(model: type[TenantOwned]) -> models.QuerySet:
    """All rows of a TenantOwned model, whatever workspace is acting."""
    return TenantOwnedQuerySet(model)
