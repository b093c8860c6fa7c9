"""The budget model beside PyMC-Marketing on figures whose truth is known.

PyMC-Marketing (its README's model, NUTS, 2 chains of 1,000 draws after 1,000 to tune) runs in a
virtual environment of its own under var/, made once: it is no part of the product. CPU seconds
are those of the fit alone on both sides, without importing or building; ours are of the whole
ensemble, and of one model with the same curve and noise as theirs.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from enterprise.optimization_engine.engine.contracts import FitResult, FitSettings
from enterprise.optimization_engine.engine.fit import fit
from marketing_platform.operations.environment import ROOT
from tests.enterprise.optimization_engine.generators import (
    RUPEES_PER_UNIT,
    Known,
    published_example,
)

VERSION = "0.19.2"
VENV = ROOT / "var" / "bench-mmm"
SIDE = Path(__file__).parent / "mmm_side" / "reference.py"
ONE_MODEL = FitSettings(saturations=("logistic",), rhos=(0.0,), trend_scales=(0.05,))
CPU_LIMIT = 5.0


def run(full: bool = False) -> tuple[list[dict], dict]:
    """`full` samples PyMC-Marketing four times as long."""
    known = published_example()
    ensemble, ensemble_seconds = _ours(known, FitSettings())
    single, single_seconds = _ours(known, ONE_MODEL)
    other = _theirs(known, draws=4_000 if full else 1_000)
    sides = {
        "ours, ensemble": (_of(ensemble), ensemble_seconds, _said(ensemble)),
        "ours, one model": (_of(single), single_seconds, _said(single)),
        f"PyMC-Marketing {VERSION}": (other["roas"], other["cpu_seconds"], _their_word(other)),
    }
    rows = [
        _row(name, channel, known.roas[place], roas[place], seconds, word)
        for name, (roas, seconds, word) in sides.items()
        for place, channel in enumerate(known.data.channels)
    ]
    return rows, _figures(rows, ensemble_seconds, single_seconds, other)


def _figures(rows: list[dict], ensemble: float, single: float, other: dict) -> dict:
    return {
        "ensemble_cpu_seconds": round(ensemble, 2),
        "one_model_cpu_seconds": round(single, 2),
        "reference_cpu_seconds": round(other["cpu_seconds"], 1),
        "reference_build_cpu_seconds": round(other["build_cpu_seconds"], 1),
        "times_faster_ensemble": round(other["cpu_seconds"] / ensemble, 1),
        "times_faster_one_model": round(other["cpu_seconds"] / single, 1),
        "every_interval_of_ours_holds_the_truth": all(
            row["holds"] == "yes" for row in rows if row["side"].startswith("ours")
        ),
        "cpu_limit": CPU_LIMIT,
        "is_within_limit": ensemble <= CPU_LIMIT,
    }


def _row(name: str, channel: str, truth: float, roas: Any, seconds: float, word: str) -> dict:
    mean, low, high = roas
    return {
        "side": name,
        "channel": channel,
        "true ROAS": round(float(truth), 1),
        "mean": round(mean, 1),
        "90% low": round(low, 1),
        "90% high": round(high, 1),
        "holds": "yes" if low <= truth <= high else "no",
        "CPU s": round(seconds, 2),
        "diagnostics": word,
    }


def _ours(known: Known, settings: FitSettings) -> tuple[FitResult, float]:
    started = time.process_time()
    result, _draws = fit(known.data, settings)
    return result, time.process_time() - started


def _of(result: FitResult) -> list[tuple[float, float, float]]:
    found = [one.roas for one in result.channels]
    unit = RUPEES_PER_UNIT
    return [(one.mean * unit, one.low * unit, one.high * unit) for one in found]


def _said(result: FitResult) -> str:
    found = result.diagnostics
    hat = f", R-hat {found.r_hat:.3f}" if found.r_hat else ""
    return f"{found.method}; k {found.pareto_k:.2f}, ESS {found.ess:.0f}{hat}"


def _their_word(other: dict) -> str:
    return (
        f"NUTS; R-hat {other['r_hat']:.3f}, ESS {other['ess']:.0f}, "
        f"{other['divergences']} divergences"
    )


def _theirs(known: Known, draws: int) -> dict[str, Any]:
    data = known.data
    offers = [
        [int(week <= one.last_on and one.first_on <= week) for week in data.weeks]
        for one in data.promotions
    ]
    content = {
        "weeks": [week.isoformat() for week in data.weeks],
        "spend": (np.array(data.spend_paise) / 100 / RUPEES_PER_UNIT).tolist(),
        "channels": data.channels,
        "offers": offers,
        "outcome": data.outcome,
        "draws": draws,
    }
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder) / "given.json", Path(folder) / "answered.json"
        given.write_text(json.dumps(content))
        single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run(
            [_python(), str(SIDE), str(given), str(answered)],
            check=True,
            env=os.environ | single,
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
        )
        answer: dict[str, Any] = json.loads(answered.read_text())
    return answer


def _python() -> str:
    """The environment's interpreter; a half-made environment is made again."""
    python, made = VENV / "bin" / "python", VENV / f"has-{VERSION}"
    if made.exists():
        return str(python)
    print(f"Installing PyMC-Marketing {VERSION} into {VENV} (1.4 GB, once).", file=sys.stderr)
    shutil.rmtree(VENV, ignore_errors=True)
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(VENV)], check=True)
    package = f"pymc-marketing=={VERSION}"
    subprocess.run([uv, "pip", "install", "-q", "--python", str(python), package], check=True)
    made.touch()
    return str(python)
