"""`bin/bench NAME`: a measured comparison as a table, and as the last line one JSON object.

A benchmark is tests/benchmarks/<name>.py with `run(full: bool) -> (rows, figures)`: rows are dicts
with the same keys (the table's columns), figures a dict for the last line. It runs in a process of
its own with Django set up on the test services, started if need be.
"""

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from marketing_platform.operations import testing
from marketing_platform.operations.environment import ROOT
from marketing_platform.operations.processes import StartFailed

FOLDER = ROOT / "tests" / "benchmarks"


def names() -> list[str]:
    found = (path.stem.replace("_", "-") for path in FOLDER.glob("[a-z]*.py"))
    return sorted(name for name in found if name != "conftest")


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Columns as wide as their widest cell; numbers to the right."""
    if not rows:
        return "(no rows)"
    heads = list(rows[0])
    cells = [heads, *([_cell(row.get(head, "")) for head in heads] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    numeric = [all(isinstance(row.get(head), int | float) for row in rows) for head in heads]
    lines = [
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cell(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure and compare.")
    parser.add_argument("name", choices=names(), metavar="NAME", help=", ".join(names()) or "none")
    parser.add_argument("--full", action="store_true", help="the long form, for the record")
    options = parser.parse_args(arguments)
    was_running = testing.services_running()
    try:
        testing.services_start(os.environ)
        _set_up_django()
        rows, figures = _load(options.name).run(options.full)
    except StartFailed as failure:
        print(failure, failure.tail(), sep="\n", file=sys.stderr)
        return 1
    finally:
        if not was_running:
            testing.services_stop()
    print(table(rows))
    print(json.dumps({"bench": options.name, **figures}, ensure_ascii=False))
    return 0


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.test")
    import django

    django.setup()


def _load(name: str) -> ModuleType:
    path: Path = FOLDER / f"{name.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    raise SystemExit(main())
