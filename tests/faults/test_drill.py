"""The drill in short: the product survives ten seconds of kills, and the drill sees the controls.

The longer one is `bin/faults effects`.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marketing_platform.operations.embedded import free_port
from tests.faults.drill import Verdict
from tests.faults.provider import AFTER, BEFORE, SILENT, Book

ROOT = Path(__file__).resolve().parents[2]


def verdict(variant: str, **facts: object) -> Verdict:
    plain = {
        "seed": 1,
        "accepted": 10,
        "lost": [],
        "twice": [],
        "asked": 0,
        "is_drained": True,
        "drain_seconds": 1.0,
        "faults": {},
    }
    return Verdict(variant=variant, **(plain | facts))


@pytest.mark.parametrize(
    ("variant", "facts", "expected"),
    [
        ("safe", {}, True),
        ("safe", {"lost": ["a"]}, False),
        ("safe", {"twice": ["a"]}, False),
        ("safe", {"is_drained": False}, False),
        ("safe", {"accepted": 0}, False),
        ("naive", {"twice": ["a"]}, True),
        ("naive", {"lost": ["a"]}, False),
        ("naive", {}, False),
        ("early", {"lost": ["a"]}, True),
        ("early", {}, False),
    ],
)
def test_a_blind_drill_is_no_success(
    variant: str, facts: dict[str, object], expected: bool
) -> None:
    assert verdict(variant, **facts).is_as_expected is expected


def test_the_same_seed_gives_the_same_fates(tmp_path: Path) -> None:
    one, same, other = (Book(tmp_path / "ledger", seed) for seed in (7, 7, 8))
    fates = [[book.draw() for _number in range(200)] for book in (one, same, other)]

    assert fates[0] == fates[1] != fates[2]
    hurt = sum(fate < BEFORE + AFTER + SILENT for fate in fates[0])
    assert 10 < hurt < 50
    one.is_calm = True
    assert one.draw() == 1.0


def test_the_provider_notes_before_it_answers(tmp_path: Path) -> None:
    """Under a seed whose first call is refused after it was applied."""
    import http.client

    seed = next(
        seed
        for seed in range(1000)
        if BEFORE < random.Random(seed).random() < BEFORE + AFTER  # the second kind of fault
    )
    port, ledger = free_port(8991), tmp_path / "ledger"
    command = [sys.executable, str(ROOT / "tests" / "faults" / "provider.py")]
    command += ["--port", str(port), "--ledger", str(ledger), "--seed", str(seed)]
    process = subprocess.Popen(command)
    try:
        status = 0
        for _try in range(100):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            try:
                line.request("POST", "/posts", json.dumps({"key": "a"}))
                status = line.getresponse().status
                break
            except ConnectionError:
                time.sleep(0.05)
        assert (status, ledger.read_text()) == (500, "a\n")
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_everything_is_killed(tmp_path: Path) -> None:
    result = tmp_path / "verdicts.json"
    command = [sys.executable, "-m", "tests.faults.drill", "effects", "--seeds", "1"]
    command += ["--seconds", "10", "--only", "safe", "--json", str(result)]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    [safe] = json.loads(result.read_text())
    assert safe["accepted"] > 10
    assert sum(safe["faults"].values()) >= 2
