"""What the guard costs: the same 5,000 rows of six columns, by a plain and by a guarded model.

In one transaction that is rolled back, the two taking turns. Processor time of this process is the
stricter figure: the wall time also has PostgreSQL's part, which is the same for both.
"""

import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.db import connection, models, transaction
from django.test.utils import isolate_apps

from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.guard import WorkspaceModel

ROWS = 5_000
MOST_PERCENT = 10
BENCH = SimpleNamespace(schema_name="bench_guard")


def _model(base: type[models.Model]) -> type[models.Model]:
    class Meta:
        app_label, db_table = "platform_media", "bench_guard_rows"

    fields = {
        "name": models.CharField(max_length=60),
        "city": models.CharField(max_length=60),
        "amount": models.BigIntegerField(),
        "is_open": models.BooleanField(),
        "changed_at": models.DateTimeField(),
    }
    with isolate_apps("marketing_platform.media"):
        return type("Row", (base,), {"__module__": __name__, "Meta": Meta, **fields})


WAYS: dict[str, Callable[[Any], Any]] = {
    "list of rows": lambda rows: list(rows),
    "iterator": lambda rows: [None for _row in rows.iterator()],
    "values_list": lambda rows: list(rows.values_list("id", "name")),
}


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` takes 100 turns instead of 30."""
    sides = {"plain": _model(models.Model), "guarded": _model(WorkspaceModel)}
    rows = []
    with tenant_context(BENCH), transaction.atomic():  # type: ignore[arg-type]
        _make_rows()
        for way, load in WAYS.items():
            took = _taking_turns(sides, load, turns=100 if full else 30)
            rows.append(_row(way, took))
        transaction.set_rollback(True)
    more = {row["what"]: row["more CPU %"] for row in rows}
    return rows, {
        "rows": ROWS,
        "more_cpu_percent": more,
        "target_percent": MOST_PERCENT,
        "is_within_target": max(more.values()) <= MOST_PERCENT,
    }


def _make_rows() -> None:
    with public_context(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {BENCH.schema_name}")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_guard_rows (id bigint PRIMARY KEY, name text, city text,"
            " amount bigint, is_open boolean, changed_at timestamptz)"
        )
        cursor.execute(
            "INSERT INTO bench_guard_rows SELECT n, 'name ' || n, 'city ' || mod(n, 40), n * 100,"
            " mod(n, 2) = 0, now() FROM generate_series(1, %s) AS n",
            [ROWS],
        )


def _taking_turns(
    sides: dict[str, type[models.Model]], load: Callable[[Any], Any], turns: int
) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of processor and of wall, per turn."""
    took: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
    for turn in range(turns + 3):
        for side in sides if turn % 2 else reversed(sides):
            cpu, wall = time.process_time(), time.perf_counter()
            load(sides[side]._default_manager.all())
            if turn >= 3:
                spent = (time.process_time() - cpu, time.perf_counter() - wall)
                took[side].append((spent[0] * 1000, spent[1] * 1000))
    return took


def _row(way: str, took: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    cpu = {side: statistics.median(each[0] for each in spent) for side, spent in took.items()}
    wall = {side: statistics.median(each[1] for each in spent) for side, spent in took.items()}
    return {
        "what": way,
        "plain CPU ms": round(cpu["plain"], 2),
        "guarded CPU ms": round(cpu["guarded"], 2),
        "more CPU %": round((cpu["guarded"] / cpu["plain"] - 1) * 100, 1),
        "more wall %": round((wall["guarded"] / wall["plain"] - 1) * 100, 1),
    }
