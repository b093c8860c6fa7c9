"""What tenancy costs a request, beside the same pages without it and on stock django-tenants.

Every side is a process with one warm connection of a real pool; they take turns of a few requests,
so that what else the machine does falls on all. `over plain` is the median of the differences
within one turn. On a busy machine p10 (the undisturbed requests) and `cpu` (the time that Python
itself worked) say more. Statements are counted at the driver, once more, outside of the timing.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from marketing_platform.operations import template_database
from marketing_platform.operations.environment import ROOT
from tests.benchmarks.stock.client import Stock

TURNS, EACH, WARM_UP = 100, 5, 40
VIEWS = ("trivial", "five")
MAY_COST_MS, MAY_ASK = 0.3, 1
MEMORY_WORKSPACES = 100
# Name, REQUEST_SIDE and whether every request is for another workspace.
SIDES = (
    ("no tenancy", "plain", False),
    ("ours", "ours", False),
    ("ours, with billing", "ours_billing", False),
    ("ours, alternating", "ours", True),
    ("stock, LIMIT_SET_CALLS", "stock_limit", False),
    ("stock", "stock", False),
    ("stock, alternating", "stock", True),
)


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` goes to 1,000 workspaces instead of 300."""
    rows, figures = [], {}
    with _database() as url, _driver(url, "ours") as maker:
        for count in (10, 1000 if full else 300):
            world = maker.do("world", count=count)
            found = _measured(url, world)
            rows += [{"workspaces": count, **row} for row in found]
            figures[str(count)] = _figures(found)
        figures["memory"] = _memory(url, world)
    figures["is_within_target"] = all(
        figures[size][view]["extra_ms"] <= MAY_COST_MS
        and figures[size][view]["extra_statements"] <= MAY_ASK
        for size in figures
        if size != "memory"
        for view in VIEWS
    )
    return rows, figures


def _measured(url: str, world: dict[str, Any]) -> list[dict]:
    schema = world["workspaces"][0]["schema"]
    with ExitStack() as stack:
        drivers = [
            stack.enter_context(
                _driver(url, side, REQUEST_SCHEMA=schema if side == "plain" else "")
            )
            for _name, side, _alternates in SIDES
        ]
        visits = [list(_visits(world, side, alternates)) for _name, side, alternates in SIDES]
        return [row for view in VIEWS for row in _in_turns(view, drivers, visits)]


def _visits(world: dict[str, Any], side: str, alternates: bool) -> Iterator[list[str]]:
    """The visits of one side, in order, repeated by whoever runs out of them."""
    rows = world["workspaces"] if alternates else world["workspaces"][:1]
    for row in rows:
        yield [row["host"], row["session"] if side.startswith("ours") else world["plain"]]


def _in_turns(view: str, drivers: list[Stock], visits: list[list[list[str]]]) -> list[dict]:
    path, places = f"/{view}/", [0] * len(drivers)
    taken: list[list[dict[str, list[float]]]] = [[] for _ in drivers]

    def some(side: int, number: int) -> list[list[str]]:
        rows, place = visits[side], places[side]
        places[side] += number
        return [rows[(place + step) % len(rows)] for step in range(number)]

    for side, driver in enumerate(drivers):
        driver.do("visit", path=path, visits=some(side, WARM_UP))
    for turn in range(TURNS):
        for step in range(len(drivers)):
            side = (turn + step) % len(drivers)
            taken[side].append(drivers[side].do("visit", path=path, visits=some(side, EACH)))
    asked = [_asked(driver, path, some(side, EACH)) for side, driver in enumerate(drivers)]
    return [
        {
            "view": view,
            "side": name,
            "statements": asked[side]["statements"],
            "of them SET": asked[side]["sets"],
            "host not known": asked[side]["at_first"],
            "p10 ms": statistics.quantiles(_all(taken[side], "ms"), n=10)[0],
            "p50 ms": statistics.median(_all(taken[side], "ms")),
            "mean ms": statistics.fmean(_all(taken[side], "ms")),
            "cpu ms": statistics.median(_all(taken[side], "cpu")),
            "over plain ms": _difference(taken[side], taken[0]),
        }
        for side, (name, _side, _alternates) in enumerate(SIDES)
    ]


def _asked(driver: Stock, path: str, visits: list[list[str]]) -> dict[str, Any]:
    """Per request, with hosts visited just before, and of one after its host's half minute."""
    driver.do("visit", path=path, visits=visits)
    warm = driver.do("statements", path=path, visits=visits)
    driver.do("hosts_forget")
    first = driver.do("statements", path=path, visits=visits[:1])
    return {**warm, "at_first": first["statements"]}


def _all(turns: list[dict[str, list[float]]], what: str) -> list[float]:
    return [ms for turn in turns for ms in turn[what]]


def _difference(ours: list[dict], plain: list[dict]) -> float:
    return statistics.median(
        statistics.median(mine["ms"]) - statistics.median(theirs["ms"])
        for mine, theirs in zip(ours, plain, strict=True)
    )


def _figures(rows: list[dict]) -> dict[str, Any]:
    def of(view: str, side: str) -> dict:
        return next(row for row in rows if (row["view"], row["side"]) == (view, side))

    def extra(view: str, side: str, what: str) -> float:
        return round(of(view, side)[what] - of(view, "no tenancy")[what], 3)

    return {
        view: {
            "extra_p10_ms": extra(view, "ours", "p10 ms"),
            "extra_cpu_ms": extra(view, "ours", "cpu ms"),
            "extra_ms": round(of(view, "ours")["over plain ms"], 3),
            "extra_ms_alternating": round(of(view, "ours, alternating")["over plain ms"], 3),
            "extra_ms_stock": round(of(view, "stock")["over plain ms"], 3),
            "extra_ms_stock_limit": round(of(view, "stock, LIMIT_SET_CALLS")["over plain ms"], 3),
            # The same session and person are read without tenancy too.
            "extra_statements": max(
                extra(view, side, "statements") for side in ("ours", "ours, alternating")
            ),
            "extra_statements_stock": extra(view, "stock", "statements"),
        }
        for view in VIEWS
    }


def _memory(url: str, world: dict[str, Any]) -> dict[str, Any]:
    """Megabytes of the server's process over 100 workspaces, connections replaced and kept."""
    schemas = [row["schema"] for row in world["workspaces"][:MEMORY_WORKSPACES]]
    found = {}
    for name, limit in (("recycled", "40"), ("kept", "1000000")):
        with _driver(url, "ours", SCHEMAS_PER_CONNECTION=limit) as driver:
            answer = driver.do("memory", schemas=schemas)
        found[name] = {"most_mb": max(answer["megabytes"]), **answer}
    return found


@contextmanager
def _database() -> Iterator[str]:
    """An empty database on the server of DATABASE_URL, dropped afterwards. Yields its URL."""
    server, name = os.environ["DATABASE_URL"], f"requests_{os.getpid()}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    maintenance = template_database.database_url(server, "postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield template_database.database_url(server, name)
        finally:
            connection.execute(drop)


@contextmanager
def _driver(url: str, side: str, **environment: str) -> Iterator[Stock]:
    given = {name: value for name, value in environment.items() if value}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.request_side.driver"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "REQUEST_SIDE": side, **given},
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
