"""Chromium against the whole running product, started by bin/run in a data folder of its own.

The tests of this folder run in one worker (tests/conftest.py).
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from marketing_platform.operations.embedded import free_port
from marketing_platform.operations.processes import Child, StartFailed

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
# As root Chromium has no sandbox; the others keep it from calling its maker.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SET_BY_THE_TESTS = ("DATABASE_URL", "REDIS_URL", "BASE_DOMAIN", "DJANGO_SETTINGS_MODULE")
START_SECONDS = 180


def _preferred_port() -> int:
    """Apart for each worker: the web server would share a port with another one unnoticed."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return 8765 + 20 * int(worker)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium, installed when missing. In CI its absence is a failure."""
    if not Path(CHROMIUM).exists():
        _install_chromium()
    if Path(CHROMIUM).exists():
        return CHROMIUM
    message = f"{CHROMIUM} is missing: apt-get install chromium"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def _install_chromium() -> None:
    if os.geteuid() or shutil.which("apt-get") is None:
        return
    for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
        subprocess.run(["apt-get", *command], stdout=subprocess.DEVNULL, check=False, timeout=600)


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict[str, Any]:
    return {"executable_path": chromium, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def running_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The content of var/run.json of a product that runs for this session."""
    var = tmp_path_factory.mktemp("product")
    if (ROOT / "var" / "fonts").exists():
        shutil.copytree(ROOT / "var" / "fonts", var / "fonts")
    environment = {
        name: value for name, value in os.environ.items() if name not in SET_BY_THE_TESTS
    }
    product = Child(
        name="bin/run",
        command=[str(ROOT / "bin" / "run"), "--port", str(free_port(_preferred_port()))],
        log=var / "log" / "bin-run.log",
        environment={**environment, "PLATFORM_VAR": str(var)},
        folder=ROOT,
    )
    product.start()
    try:
        product.wait_until((var / "run.json").exists, seconds=START_SECONDS)
        yield json.loads((var / "run.json").read_text()) | {"var": str(var)}
    except StartFailed as failure:
        pytest.fail(f"{failure}\n{failure.tail(40)}")
    finally:
        product.stop(seconds=30)
