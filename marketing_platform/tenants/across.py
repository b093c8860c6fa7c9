"""Reading public rows of every workspace. Importable only from admin and operations (contract)."""

from django.db import models

from marketing_platform.tenants.owned import TenantOwned, TenantOwnedQuerySet


def across_tenants(model: type[TenantOwned]) -> models.QuerySet:
    """All rows of a TenantOwned model, whatever workspace is acting."""
    rows = TenantOwnedQuerySet(model)
    rows.query.is_across = True
    return rows
