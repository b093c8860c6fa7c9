"""How many planted faults in the rules of money the tests notice: mutation over billing/engine.

mutmut, in a virtual environment of its own under var/ (made once), changes one thing at a time in a
copy of billing/engine and runs the tests of tests/billing/engine there, without a database. Slow
tests are left out, so the score is that of what runs every day.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from marketing_platform.operations.environment import ROOT

VERSION = "3.8.1"
VENV = ROOT / "var" / "bench-mutation"
NEEDED = ("pytest", "hypothesis", "python-stdnum", "num2words", "babel")
GOAL = 85.0
SETTINGS = """[mutmut]
source_paths=
    billing/engine/
also_copy=
    billing/
    marketing_platform/
pytest_add_cli_args_test_selection=
    tests/billing/engine
[tool:pytest]
addopts = -q -p no:cacheprovider --import-mode=importlib -m "not slow"
markers = slow: left out
"""
# "    billing.engine.gst.x_tax_of__mutmut_3: survived"
RESULT = re.compile(r"^\s*billing\.engine\.(\w+)\.\S+__mutmut_\d+: (.+)$")
NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})


def run(full: bool = False) -> tuple[list[dict], dict]:
    """All of it either way; `full` prints each fault that no test noticed."""
    mutmut = _environment()
    with tempfile.TemporaryDirectory() as folder:
        _copy(Path(folder))
        command = [str(mutmut), "run", "--max-children", str(os.cpu_count() or 1)]
        ran = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=7_200
        )
        told = subprocess.run(
            [str(mutmut), "results", "--all", "true"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    rows, figures = _figures(told, full)
    if "not checked" in figures["by_end"]:
        raise RuntimeError(f"mutmut stopped before the end:\n{ran.stdout[-2_000:]}{ran.stderr}")
    return rows, figures


def _figures(told: str, full: bool) -> tuple[list[dict], dict]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in told.splitlines():
        found = RESULT.match(line)
        if found is None:
            continue
        counts[found[1]][found[2]] += 1
        if full and found[2] not in NOTICED:
            print(line.strip(), file=sys.stderr)
    rows = [_row(name, counts[name]) for name in sorted(counts)]
    total = sum(counts.values(), Counter())
    score = _score(total)
    return rows, {
        "faults": sum(total.values()),
        "score": round(score, 1),
        "goal": GOAL,
        "is_reached": score >= GOAL,
        "by_end": json.loads(json.dumps(total)),
    }


def _row(name: str, count: Counter[str]) -> dict[str, Any]:
    noticed = sum(count[end] for end in NOTICED)
    return {
        "module": name,
        "faults": sum(count.values()),
        "noticed": noticed,
        "not noticed": sum(count.values()) - noticed,
        "score %": round(_score(count), 1),
    }


def _score(count: Counter[str]) -> float:
    return 100 * sum(count[end] for end in NOTICED) / max(1, sum(count.values()))


def _environment() -> Path:
    pinned = [f"mutmut=={VERSION}", *NEEDED]
    holds = VENV / "holds.json"
    if not holds.exists() or json.loads(holds.read_text()) != pinned:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        subprocess.run([VENV / "bin" / "pip", "install", "-q", *pinned], check=True)
        holds.write_text(json.dumps(pinned))
    return VENV / "bin" / "mutmut"


def _copy(folder: Path) -> None:
    """What the rules and their tests need, and nothing that needs Django."""
    for name in ("billing", "marketing_platform", "tests/billing"):
        (folder / name).mkdir(parents=True)
    for name in ("billing", "marketing_platform", "tests", "tests/billing"):
        (folder / name / "__init__.py").touch()
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("billing/engine", "marketing_platform/core", "tests/billing/engine"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    shutil.copy(ROOT / "tests" / "billing" / "histories.py", folder / "tests" / "billing")
    (folder / "setup.cfg").write_text(SETTINGS)
