"""Bringing all workspaces up to a release, beside stock django-tenants on the same server.

At each size: a run with nothing to apply, then one with AddField and two indexes. Ours migrates
every workspace; stock is timed on 20 of its tenants and given per tenant, among as many schemas in
a database of its own. What is told apart for ours: the whole `migrate_platform`, with the public
schema and the tier's new snapshot, which cost the same at any size, and the workspaces alone.
"""

import importlib
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from marketing_platform.operations import template_database  # noqa: E402
from tests.benchmarks.stock.client import stock_database, stock_driver  # noqa: E402

LABEL, TIER = "local_occasions", "local"
PACKAGE = "bench_migrations_of_occasions"
SIZES, MORE_SIZES = (100, 300), (1_000,)
STOCK_TENANTS = 20
GOALS = {100: (1.0, 5.0), 1_000: (5.0, 30.0)}
RELEASE = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("{label}", "{before}")]
    operations = [
        migrations.AddField(
            "{model}", "bench_{number}", models.IntegerField(default=0, db_default=0)
        ),
        migrations.AddIndex(
            "{model}", models.Index(fields=["bench_{number}"], name="bench_{number}_one")
        ),
        migrations.AddIndex(
            "{model}", models.Index(fields=["bench_{number}", "id"], name="bench_{number}_two")
        ),
    ]
"""


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` adds 1,000 workspaces."""
    sizes = SIZES + (MORE_SIZES if full else ())
    rows: list[dict] = []
    with tempfile.TemporaryDirectory() as folder, _own_database(), stock_database() as stock_url:
        releases = Releases(Path(folder))
        ours = Ours(releases)
        stock = StockTenants(stock_url, releases, ours.statements)
        for size in sizes:
            ours.fill(size)
            stock.fill(size)
            rows += _measured(size, "nothing to apply", ours.nothing(), stock.nothing())
            releases.add()
            rows += _measured(size, "AddField + 2 indexes", ours.release(), stock.release())
    return rows, _figures(rows)


class Releases:
    """The migrations of one app, with one more at each release."""

    def __init__(self, folder: Path):
        self.folder = folder / PACKAGE
        source = ROOT / "local" / "occasions" / "migrations"
        shutil.copytree(source, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.names = sorted(path.stem for path in self.folder.glob("[0-9]*.py"))
        self.parent = str(folder)
        sys.path.insert(0, self.parent)

    def add(self) -> None:
        from django.apps import apps
        from django.conf import settings

        from marketing_platform.tenants.migrations_runner import code_version

        model = next(apps.get_app_config(LABEL).get_models())._meta.model_name
        number = len(self.names) + 1
        name = f"{number:04d}_bench"
        (self.folder / f"{name}.py").write_text(
            RELEASE.format(label=LABEL, before=self.names[-1], model=model, number=number)
        )
        self.names.append(name)
        settings.MIGRATION_MODULES = {LABEL: PACKAGE}
        importlib.invalidate_caches()
        code_version.cache_clear()


class Ours:
    def __init__(self, releases: Releases):
        from marketing_platform.tenants.snapshot import snapshot_current

        self.releases = releases
        self._command()
        snapshot = snapshot_current(TIER)
        assert snapshot is not None
        self.statements = snapshot.statements

    def fill(self, size: int) -> None:
        """Active workspaces from the snapshot until there are `size`."""
        from django.conf import settings

        from marketing_platform.core import clock
        from marketing_platform.tenants.models import Domain, State, Tenant
        from marketing_platform.tenants.slugs import new_schema_name
        from marketing_platform.tenants.snapshot import snapshot_apply

        now = clock.now()
        for number in range(Tenant.objects.filter(tier=TIER).count(), size):
            slug = f"bench-{number:05d}"
            tenant = Tenant.objects.create(
                schema_name=new_schema_name(),
                tier=TIER,
                slug=slug,
                name=slug,
                state=State.ACTIVE,
                state_changed_at=now,
                created_at=now,
            )
            Domain.objects.create(domain=f"{slug}.{settings.BASE_HOST}", tenant=tenant)
            assert snapshot_apply(tenant)

    def nothing(self) -> dict[str, float]:
        from marketing_platform.tenants.migration_executor import workspaces_migrate
        from marketing_platform.tenants.migrations_runner import code_version, workspaces_behind

        def look() -> None:
            code_version.cache_clear()
            assert not workspaces_migrate(workspaces_behind()).outcomes

        command = statistics.median(_timed(self._command) for _ in range(3))
        return {"command": command, "workspaces": statistics.median(_timed(look) for _ in range(3))}

    def release(self) -> dict[str, float]:
        """The command, of which the workspaces' part is timed by itself."""
        from marketing_platform.tenants.management.commands import migrate_platform
        from marketing_platform.tenants.migration_executor import RunReport

        inner: list[float] = []
        executor = migrate_platform.workspaces_migrate

        def timed(*arguments: Any, **named: Any) -> RunReport:
            began = time.perf_counter()
            report = executor(*arguments, **named)
            inner.append(time.perf_counter() - began)
            assert not report.failed
            return report

        migrate_platform.workspaces_migrate = timed
        try:
            return {"command": _timed(self._command), "workspaces": inner[0]}
        finally:
            migrate_platform.workspaces_migrate = executor

    def _command(self) -> None:
        from django.core.management import call_command

        call_command("migrate_platform", verbosity=0, stdout=io.StringIO())


class StockTenants:
    """Twenty that are timed, and as many bystanders as the size asks for."""

    def __init__(self, url: str, releases: Releases, statements: str):
        self.url, self.releases, self.statements = url, releases, statements
        with stock_driver(url) as stock:
            self.schemas = stock.do("create", tier=TIER, count=STOCK_TENANTS)["schemas"]

    def fill(self, size: int) -> None:
        with stock_driver(self.url) as stock:
            missing = size - stock.do("count")["tenants"]
            if missing > 0:
                stock.do("fill", tier=TIER, count=missing, statements=self.statements)

    def nothing(self) -> float:
        return self._timed_again()

    def release(self) -> float:
        return self._timed_again()

    def _timed_again(self) -> float:
        modules: dict[str, str] = {}
        if len(self.releases.names) > 1:
            modules = {LABEL: PACKAGE}
        environment = {
            "STOCK_MIGRATION_MODULES": json.dumps(modules),
            "PYTHONPATH": self.releases.parent,
        }
        with stock_driver(self.url, **environment) as stock:
            return statistics.median(stock.do("migrate", schemas=self.schemas)["seconds"])


def _measured(size: int, what: str, ours: dict[str, float], stock: float) -> list[dict]:
    return [
        {
            "what": what,
            "workspaces": size,
            "command s": ours["command"],
            "workspaces alone s": ours["workspaces"],
            "ms each": ours["workspaces"] / size * 1000,
            "stock ms each": stock * 1000,
            "stock for all s": stock * size,
            "times faster": stock * size / ours["command"],
        }
    ]


def _figures(rows: list[dict]) -> dict[str, Any]:
    figures: dict[str, Any] = {"stock_tenants_timed": STOCK_TENANTS}
    is_within = True
    for row in rows:
        kind = "nothing" if row["what"].startswith("nothing") else "release"
        figures[f"{kind}_{row['workspaces']}_command_s"] = round(row["command s"], 3)
        figures[f"{kind}_{row['workspaces']}_ms_each"] = round(row["ms each"], 2)
        figures[f"{kind}_{row['workspaces']}_stock_ms_each"] = round(row["stock ms each"], 1)
        if row["workspaces"] in GOALS:
            goal = GOALS[row["workspaces"]][kind == "release"]
            is_within = is_within and row["command s"] <= goal
    figures["is_within_target"] = is_within
    return figures


@contextmanager
def _own_database() -> Iterator[None]:
    from django.db import connections

    server = os.environ["DATABASE_URL"]
    name = f"bench_migrations_{os.getpid()}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(
        template_database.database_url(server, "postgres"), autocommit=True
    ) as admin:
        admin.execute(drop)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        database = connections["default"].settings_dict
        database.update(NAME=name, OPTIONS={})
        try:
            yield
        finally:
            connections.close_all()
            admin.execute(drop)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
