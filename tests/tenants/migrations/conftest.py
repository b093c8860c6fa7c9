"""Workspaces of one small table whose migrations a test writes: nothing is added to the product.

The app local_occasions lends its label; its migrations come from a folder of the test.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.tenants import migrations_runner
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.services import tenant_reserve

LABEL = "local_occasions"
HEAD = """from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
import secrets


class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [{dependency}]
    operations = [
        {operations}
    ]


"""
INITIAL = """migrations.CreateModel("Note", [
    ("id", models.BigAutoField(primary_key=True)),
    ("text", models.CharField(max_length=40, default="")),
])"""


@dataclass
class Release:
    """The migrations of the code, which a test adds to, and the workspaces that have them."""

    folder: Path
    package: str
    names: list[str] = field(default_factory=list)

    def add(self, operations: str, *, atomic: bool = True, after: str = "") -> str:
        """Write the next migration; the code's version changes with it."""
        name = f"{len(self.names) + 1:04d}_step"
        dependency = f'("{LABEL}", "{self.names[-1]}")' if self.names else ""
        text = HEAD.format(atomic=atomic, dependency=dependency, operations=operations) + after
        (self.folder / f"{name}.py").write_text(text)
        self.names.append(name)
        self.reload()
        return name

    def remove_last(self) -> None:
        name = self.names.pop()
        (self.folder / f"{name}.py").unlink()
        sys.modules.pop(f"{self.package}.{name}", None)
        self.reload()

    def reload(self) -> None:
        for module in [name for name in sys.modules if name.startswith(f"{self.package}.")]:
            del sys.modules[module]
        importlib.invalidate_caches()
        migrations_runner.code_version.cache_clear()

    def workspaces(self, count: int, *, prefix: str = "shop") -> list[Tenant]:
        """Active workspaces at the present version, each with one note."""
        return [self.workspace(f"{prefix}-{number:03d}") for number in range(1, count + 1)]

    def workspace(self, slug: str) -> Tenant:
        tenant = tenant_reserve(
            tier="local", name=slug, language="en", actor_id=None, now=clock.now(), slug=slug
        )
        version = migrations_runner.workspace_migrate(tenant)
        Tenant.objects.filter(pk=tenant.pk).update(state=State.ACTIVE, schema_version=version)
        query(tenant, f"INSERT INTO {LABEL}_note (text) VALUES (%s)", slug)
        tenant.refresh_from_db()
        return tenant


def query(tenant: Tenant, statement: str, *values: Any) -> list[tuple]:
    """Rows of a statement in a workspace; none if it gives none."""
    with tenant_context(tenant), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def ask() -> Callable[..., list[tuple]]:
    return query


@pytest.fixture
def release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Iterator[Release]:
    package = f"throwaway_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    types = {**settings.TENANT_TYPES, "local": {**settings.TENANT_TYPES["local"]}}
    types["local"]["APPS"] = ["local.occasions"]
    monkeypatch.setattr(settings, "TENANT_TYPES", types)
    monkeypatch.setattr(settings, "MIGRATION_MODULES", {LABEL: package})
    # The world's own workspaces have nothing to do with it.
    Tenant.objects.filter(state=State.ACTIVE).update(state=State.PENDING)
    made = Release(folder, package)
    made.add(INITIAL)
    yield made
    made.reload()
    migrations_runner.code_version.cache_clear()
