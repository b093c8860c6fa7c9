"""From the committed decision to a workspace that is active, beside stock django-tenants.

Runs in a database of its own on the test services, with a real Celery worker. `hop` is the time
from the commit to the worker having claimed the work. Stock's time is create_schema alone: the row
and its host are not counted there, and no Celery hop.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from psycopg import sql

from marketing_platform.operations import template_database, testing
from marketing_platform.operations.environment import ROOT
from tests.benchmarks.stock.client import stock_installation

RUNS, STOCK_RUNS = 20, 20
POOL_MS, COLD_MS, TIMES_STOCK, MOST_TABLES, MOST_MB = 50, 500, 20, 60, 2.5
WORKER = [
    *("-m", "celery", "-A", "marketing_platform.celery", "worker", "--queues", "default"),
    *("--concurrency", "1", "--loglevel", "WARNING"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
]


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` makes as many workspaces by migrations as by all else."""
    found: dict[str, dict[str, Any]] = {}
    with _own_database() as url:
        for tier in settings.TIERS:
            found[tier] = _in_process(tier, RUNS if full else 5)
        with _worker(url):
            for tier in settings.TIERS:
                found[tier] |= _through_worker(tier)
        for tier in settings.TIERS:
            found[tier] |= _size(tier)
    with stock_installation() as stock:
        for tier in settings.TIERS:
            found[tier]["stock"] = _ms(stock.do("create", tier=tier, count=STOCK_RUNS)["seconds"])
    figures = {tier: _figures(kept) for tier, kept in found.items()}
    return [row for tier, kept in found.items() for row in _rows(tier, kept)], {
        **figures,
        "load_average": os.getloadavg()[0],
        "is_within_target": all(each["is_within_target"] for each in figures.values()),
    }


def _in_process(tier: str, migrated: int) -> dict[str, list[float]]:
    """Milliseconds of workspace_provision alone: from the pool, by snapshot, by migrations."""
    from marketing_platform.tenants.models import SchemaSnapshot
    from marketing_platform.tenants.services import workspace_provision
    from marketing_platform.tenants.snapshot import snapshot_ensure

    def provision() -> float:
        tenant = _preparing(tier)
        return _timed(lambda: workspace_provision(tenant))

    _fill_pool(tier, RUNS + 1)
    provision()
    kept = {"pool": [provision() for _ in range(RUNS)]}
    provision()
    kept["snapshot"] = [provision() for _ in range(RUNS)]
    SchemaSnapshot.objects.filter(tier=tier).delete()
    kept["migrate"] = [provision() for _ in range(migrated)]
    kept["build"] = [_timed(lambda: snapshot_ensure(tier))]
    return kept


def _through_worker(tier: str) -> dict[str, list[float]]:
    """Milliseconds from the commit until another session reads `active`."""
    _fill_pool(tier, RUNS + 1)
    first = _decided(tier)
    pooled = [_decided(tier) for _ in range(RUNS)]
    cold = [_decided(tier) for _ in range(RUNS)]
    return {
        "first": [first[0]],
        "pool_hop": [total for total, _hop in pooled],
        "hop": [hop for _total, hop in pooled],
        "cold_hop": [total for total, _hop in cold],
    }


def _decided(tier: str) -> tuple[float, float]:
    """One decision as a trial makes it; total and hop in milliseconds."""
    from marketing_platform.core import clock
    from marketing_platform.schedule.models import DueWork
    from marketing_platform.schedule.provisioning import workspace_prepare
    from marketing_platform.schedule.services import LEASE

    tenant = _reserved(tier)
    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.time()))
        workspace_prepare(tenant=tenant, reason="bench", now=clock.now())
    _wait_active(tenant)
    total = time.time() - committed[0]
    work = DueWork.objects.filter(task="tenants.provision").latest("pk")
    claimed = (work.leased_until - LEASE).timestamp()
    return total * 1000, (claimed - committed[0]) * 1000


def _wait_active(tenant: Any) -> None:
    """On a connection of its own, seldom enough to leave the processor to the worker."""
    asked = "SELECT state = 'active' FROM tenants_tenant WHERE id = %s"
    until = time.monotonic() + 60
    with psycopg.connect(os.environ["BENCH_DATABASE_URL"], autocommit=True) as own:
        while time.monotonic() < until:
            if own.execute(asked, [tenant.pk], prepare=True).fetchone() == (True,):
                return
            time.sleep(0.003)
    raise RuntimeError("the worker did not prepare the workspace within a minute")


def _reserved(tier: str) -> Any:
    from marketing_platform.core import clock
    from marketing_platform.tenants.services import tenant_reserve

    slug = f"bench-{time.monotonic_ns()}"
    return tenant_reserve(
        tier=tier, name="Bench", language="en", actor_id=None, now=clock.now(), slug=slug
    )


def _preparing(tier: str) -> Any:
    from marketing_platform.tenants.models import State, Tenant

    tenant = _reserved(tier)
    Tenant.objects.filter(pk=tenant.pk).update(state=State.PREPARING)
    tenant.refresh_from_db()
    return tenant


def _fill_pool(tier: str, wanted: int) -> None:
    from marketing_platform.core import clock
    from marketing_platform.tenants.pool import pool_refill
    from marketing_platform.tenants.snapshot import snapshot_ensure

    snapshot_ensure(tier)
    settings.WORKSPACE_POOL = {tier: wanted}
    pool_refill(tier, now=clock.now())
    settings.WORKSPACE_POOL = {}


def _size(tier: str) -> dict[str, Any]:
    """Tables and megabytes, indexes included, of the workspace made last."""
    from marketing_platform.tenants.models import Tenant

    schema = Tenant.objects.filter(tier=tier, state="active").latest("created_at").schema_name
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE relkind = 'r'), sum(pg_total_relation_size(oid))"
            " FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = %s::regnamespace",
            [schema],
        )
        tables, size = cursor.fetchone()
    return {"tables": tables, "megabytes": round(float(size) / 2**20, 2)}


# --- a database and a worker of its own


@contextmanager
def _own_database() -> Iterator[str]:
    server, name = os.environ["DATABASE_URL"], f"bench_{os.getpid()}"
    redis = testing.own_redis(os.environ["REDIS_URL"])
    settings.REDIS_URL = settings.CELERY_BROKER_URL = os.environ["REDIS_URL"] = redis
    with psycopg.connect(
        template_database.database_url(server, "postgres"), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            connections["default"].settings_dict["NAME"] = name
            call_command("migrate_platform", verbosity=0)
            url = template_database.database_url(server, name)
            os.environ["BENCH_DATABASE_URL"] = url
            yield url
        finally:
            connections["default"].close()
            connections["default"].close_pool()
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


@contextmanager
def _worker(url: str) -> Iterator[None]:
    log = Path(ROOT / "var" / "log" / "bench-provisioning-worker.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *WORKER],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            stdout=output,
            stderr=output,
        )
        try:
            _wait_ready()
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_ready() -> None:
    from marketing_platform.celery import app

    until = time.monotonic() + 60
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > until:
            raise RuntimeError("the worker did not start within a minute")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _ms(seconds: list[float]) -> list[float]:
    return [second * 1000 for second in seconds]


# --- what is told

SAID = {
    "pool_hop": "from the pool, Celery hop included",
    "hop": "  of which the hop",
    "pool": "from the pool, without Celery",
    "cold_hop": "cold (snapshot), Celery hop included",
    "snapshot": "cold (snapshot), without Celery",
    "migrate": "by our migrations",
    "stock": "stock create_schema",
    "first": "the worker's first task",
    "build": "building the snapshot",
}


def _rows(tier: str, kept: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "tier": tier,
            "what": said,
            "runs": len(kept[name]),
            "median ms": statistics.median(kept[name]),
            "slowest ms": max(kept[name]),
        }
        for name, said in SAID.items()
    ]


def _figures(kept: dict[str, Any]) -> dict[str, Any]:
    medians = {f"{name}_ms": round(statistics.median(kept[name]), 1) for name in SAID}
    times = medians["stock_ms"] / medians["pool_hop_ms"]
    return {
        **medians,
        "times_stock": round(times, 1),
        "tables": kept["tables"],
        "megabytes": kept["megabytes"],
        "is_within_target": medians["pool_hop_ms"] <= POOL_MS
        and medians["cold_hop_ms"] <= COLD_MS
        and times >= TIMES_STOCK
        and kept["tables"] <= MOST_TABLES
        and kept["megabytes"] <= MOST_MB,
    }
