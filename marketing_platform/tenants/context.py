"""Which workspace the present code acts for.

Use `tenant_context`, never `with tenant:` (the library keeps that stack on the class, shared by
threads) and never the library's own schema_context (it knows no tenant type).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

PUBLIC_SCHEMA = "public"


def current_schema() -> str:
    return connection.schema_name


def current_tenant() -> "Tenant | None":
    """The acting workspace's row, or None on the public side."""
    tenant = connection.tenant
    if tenant is None or connection.schema_name == PUBLIC_SCHEMA or not hasattr(tenant, "pk"):
        return None
    return tenant


@contextmanager
def tenant_context(tenant: "Tenant") -> Iterator[None]:
    """Act for one workspace; the previous one is restored whatever happens."""
    previous = connection.tenant
    connection.set_tenant(tenant)
    try:
        yield
    finally:
        _restore(previous)


@contextmanager
def public_context() -> Iterator[None]:
    """Act on the public side."""
    previous = connection.tenant
    connection.set_schema_to_public()
    try:
        yield
    finally:
        _restore(previous)


def _restore(previous: object) -> None:
    if previous is None:
        connection.set_schema_to_public()
    else:
        connection.set_tenant(previous)
