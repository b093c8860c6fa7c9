"""The stock installation that benchmarks measure ours against does what stock does."""

import os

import psycopg
import pytest

from marketing_platform.operations import template_database
from tests.benchmarks.stock.client import stock_database, stock_driver

pytestmark = pytest.mark.slow


def test_stock_makes_a_tenant_and_its_database_goes_away() -> None:
    with stock_database() as url:
        with stock_driver(url) as stock:
            made = stock.do("create", tier="local", count=1)
            again = stock.do("migrate", schemas=made["schemas"])
            assert stock.do("count") == {"tenants": 1}
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = %s", [made["schemas"][0]]
            ).fetchone()[0]
    assert tables > 5
    assert made["seconds"][0] > again["seconds"][0] > 0
    with psycopg.connect(
        template_database.database_url(os.environ["DATABASE_URL"], "postgres")
    ) as connection:
        name = url.rpartition("/")[2]
        assert not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchall()
