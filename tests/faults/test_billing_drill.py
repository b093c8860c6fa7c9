"""The billing drill in short: it is not blind, and one seed of it holds.

The longer one is `bin/faults billing`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.billing_books import _unlike, changed
from tests.faults.billing_drill import Verdict

ROOT = Path(__file__).resolve().parents[2]


def verdict(**facts: object) -> Verdict:
    plain = {
        "seed": 1,
        "events": 90,
        "dropped": 20,
        "copies": 40,
        "payments": 15,
        "acts": {},
        "before": ["money pay_1: 0 here, 1 there"],
        "after": [],
        "rewritten": [],
        "is_drained": True,
        "seconds": 1.0,
    }
    return Verdict(**(plain | facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"before": []}, False),
        ({"after": ["invoices"]}, False),
        ({"rewritten": ["billing_payment: 2"]}, False),
        ({"is_drained": False}, False),
        ({"payments": 0}, False),
    ],
)
def test_a_blind_drill_is_no_success(facts: dict[str, object], expected: bool) -> None:
    assert verdict(**facts).is_as_expected is expected


def test_what_differs_is_named() -> None:
    from collections import Counter

    ours, theirs = Counter(a=1, b=2), Counter(a=1, b=3, c=4)
    assert _unlike("money", ours, theirs) == [
        "money b: 2 here, 3 there",
        "money c: 0 here, 4 there",
    ]
    before = {"t": {("7", "(0,1)")}, "u": {("7", "(0,1)")}}
    assert changed(before, {"t": {("8", "(0,2)")}, "u": {("7", "(0,1)")}}) == ["t: 2"]


@pytest.mark.slow
def test_one_reconcile_makes_up_for_what_was_lost(tmp_path: Path) -> None:
    result = tmp_path / "verdicts.json"
    command = [sys.executable, "-m", "tests.faults.drill", "billing", "--seeds", "1"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [*command, "--json", str(result)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [one] = json.loads(result.read_text())
    assert one["dropped"] > one["events"] / 10
    assert one["faults"]
