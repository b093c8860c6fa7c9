from collections.abc import Iterator

import pytest

from marketing_platform.tenants import guard
from marketing_platform.tenants.acting import ACTING
from marketing_platform.tenants.models import Tenant
from tests.tenants import guard_models


@pytest.fixture
def two(local_tenant: Tenant, enterprise_tenant: Tenant) -> tuple[Tenant, Tenant]:
    """Two workspaces with rows of equal keys in the tables of guard_models."""
    guard_models.tables_make(local_tenant, enterprise_tenant)
    return local_tenant, enterprise_tenant


@pytest.fixture
def guard_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For controls: what happens is what the guard prevents."""
    monkeypatch.setattr(guard, "require_acting", lambda _what, _schema: ACTING.get().schema)
    monkeypatch.setattr(guard, "relation_check", lambda _one, _other: None)
    monkeypatch.setattr(guard.WorkspaceQuery, "meet", lambda _query, _schema: None)
    yield
