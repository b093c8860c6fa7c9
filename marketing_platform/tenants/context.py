"""Which workspace the present code acts for.

Use `tenant_context`, never `with tenant:` (the library keeps that stack on the class, shared by
threads) and never the library's own schema_context (it knows no tenant type). A generator may not
`yield` inside: the caller would go on in the wrong workspace (an architecture test looks).
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from marketing_platform.tenants.acting import ACTING, PUBLIC, PUBLIC_SCHEMA, acting_for, bound

if TYPE_CHECKING:
    from marketing_platform.tenants.models import Tenant

__all__ = [
    "PUBLIC_SCHEMA",
    "bound",
    "current_schema",
    "current_tenant",
    "each_in",
    "each_in_async",
    "public_context",
    "tenant_context",
]
Part = TypeVar("Part")


def current_schema() -> str:
    return ACTING.get().schema


def current_tenant() -> "Tenant | None":
    """The acting workspace's row, or None on the public side."""
    tenant = ACTING.get().tenant
    # Tools may act for a schema by name, without a row.
    return tenant if hasattr(tenant, "pk") else None


@contextmanager
def tenant_context(tenant: "Tenant", *, include_public: bool = True) -> Iterator[None]:
    """Act for one workspace; the previous one is restored whatever happens."""
    token = ACTING.set(acting_for(tenant, include_public=include_public))
    try:
        yield
    finally:
        ACTING.reset(token)


@contextmanager
def public_context() -> Iterator[None]:
    """Act on the public side."""
    token = ACTING.set(PUBLIC)
    try:
        yield
    finally:
        ACTING.reset(token)


def each_in(tenant: "Tenant", parts: Iterator[Part]) -> Iterator[Part]:
    """The parts of an iterator, each made inside the workspace; never left set in between."""
    while True:
        with tenant_context(tenant):
            part = next(parts, PUBLIC)
        if part is PUBLIC:
            return
        yield part  # type: ignore[misc]


async def each_in_async(tenant: "Tenant", parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
    """As each_in, for the body of an asynchronous answer."""
    while True:
        with tenant_context(tenant):
            part = await anext(parts, PUBLIC)
        if part is PUBLIC:
            return
        yield part  # type: ignore[misc]
