"""Two workspaces with something in every table, and a database that lost them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from marketing_platform.operations.backup import workspace_backup
from marketing_platform.tenants import restoring
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from tests.operations.backup.world import database_lost, fill_public, fill_workspace


@pytest.fixture
def filled(local_tenant: Tenant, enterprise_tenant: Tenant) -> dict[str, Tenant]:
    """Both workspaces, with rows in every table of their own and every public one."""
    for tenant in (local_tenant, enterprise_tenant):
        with tenant_context(tenant):
            fill_workspace(tenant)
        fill_public(tenant)
    return {"local": local_tenant, "enterprise": enterprise_tenant}


@pytest.fixture
def lost_database(db: None) -> Callable[[], AbstractContextManager[None]]:
    """with lost_database(): the same server, but a database that knows no workspace, no person."""
    return database_lost


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where backups go."""
    before, settings.BACKUP_DIR = settings.BACKUP_DIR, tmp_path / "backups"
    yield settings.BACKUP_DIR
    settings.BACKUP_DIR = before


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Any:
    """restoring, with handlers of this test alone: one for the people of the filled world."""
    monkeypatch.setattr(restoring, "AFTER_RESTORE", {})
    monkeypatch.setattr(restoring, "SUBJECT_HANDLERS", {})
    return restoring


@pytest.fixture
def shop(filled: dict[str, Tenant]) -> Tenant:
    return filled["local"]


@pytest.fixture
def backup(shop: Tenant, folder: Path) -> Path:
    return workspace_backup(shop, folder / "shop.zip").path
