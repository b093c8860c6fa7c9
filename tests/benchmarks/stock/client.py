"""A stock installation with a database of its own, driven from a benchmark.

with stock_installation() as stock:
    seconds = stock.do("create", tier="local", count=20)["seconds"]
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from marketing_platform.operations import template_database

ROOT = Path(__file__).resolve().parents[3]


class Stock:
    """The running driver. `do` raises RuntimeError when it ended."""

    def __init__(self, process: subprocess.Popen[str]):
        self._process = process
        self._answer()

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the stock driver ended; its errors are above")
        return json.loads(line)


@contextmanager
def stock_database() -> Iterator[str]:
    """An empty database on the server of DATABASE_URL, dropped afterwards. Yields its URL."""
    server = os.environ["DATABASE_URL"]
    name = f"stock_{os.getpid()}"
    with psycopg.connect(
        template_database.database_url(server, "postgres"), autocommit=True
    ) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield template_database.database_url(server, name)
        finally:
            connection.execute(drop)


@contextmanager
def stock_driver(database_url: str, **environment: str) -> Iterator[Stock]:
    """The driver on a database; `environment` as in settings.py (STOCK_EXTRA_APPS, …)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.stock.driver"],
        cwd=ROOT,
        env=_environment(database_url, environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Stock(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


@contextmanager
def stock_installation(**environment: str) -> Iterator[Stock]:
    with stock_database() as url, stock_driver(url, **environment) as stock:
        yield stock


def _environment(database_url: str, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1", **more}
