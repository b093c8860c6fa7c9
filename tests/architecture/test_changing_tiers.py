"""One database under local, then both tiers, then local again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
RESERVE = """
import django
django.setup()
from marketing_platform.core import clock
from marketing_platform.tenants.services import tenant_reserve, workspace_provision
tier = {tier!r}
tenant = tenant_reserve(tier=tier, name="Trial", language="en", actor_id=None, now=clock.now(),
                        slug="only-" + tier)
workspace_provision(tenant)
print(tenant.state)
"""


@pytest.fixture
def scratch_url() -> Iterator[str]:
    """An empty database on the test server."""
    url = os.environ["DATABASE_URL"]
    name = f"changing_tiers_{os.getpid()}"
    base, _slash, tail = url.rpartition("/")
    query = tail.partition("?")[2]
    suffix = f"?{query}" if query else ""
    server = f"{base}/postgres{suffix}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield f"{base}/{name}{suffix}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(url: str, tiers: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PLATFORM_TIERS": tiers, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=180,
    )


def migrated(url: str, tiers: str) -> subprocess.CompletedProcess[str]:
    return run(url, tiers, "manage.py", "migrate_platform")


def reserve(url: str, tiers: str, tier: str) -> None:
    made = run(url, tiers, "-c", RESERVE.format(tier=tier))
    assert made.stdout.strip().endswith("active"), made.stderr[-3000:]


@pytest.mark.slow
def test_a_database_goes_from_local_to_both_and_back_while_the_other_tier_is_empty(
    scratch_url: str,
) -> None:
    both = "local,enterprise"
    for tiers in ("local", both):
        done = migrated(scratch_url, tiers)
        assert done.returncode == 0, done.stderr[-3000:]
    reserve(scratch_url, both, "local")
    assert migrated(scratch_url, "local").returncode == 0
    reserve(scratch_url, both, "enterprise")

    refused = migrated(scratch_url, "local")
    started = run(scratch_url, "local", "-c", "import marketing_platform.wsgi")

    assert "only-enterprise (enterprise)" in refused.stderr
    assert refused.returncode != 0
    assert "only-enterprise (enterprise)" in started.stderr
    assert started.returncode != 0
    assert run(scratch_url, both, "-c", "import marketing_platform.wsgi").returncode == 0
