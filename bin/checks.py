"""`bin/check`: every static check. All of them run, then the failed ones are named."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from steps import ROOT

TIERS = ("local,enterprise", "local", "enterprise")
# Folders of one machine, which mean nothing on another.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:home|Users|work|root|opt|tmp|var/folders)/[\w.-]")
TEXT_ENDINGS = (
    ".py",
    ".html",
    ".txt",
    ".md",
    ".toml",
    ".css",
    ".js",
    ".json",
    ".po",
    ".yml",
    ".in",
)
# No server is needed; without the pool a missing one is noticed at once.
DJANGO_CHECKS = """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_platform.settings.development")
import django
from django.conf import settings
from django.core.management import call_command
settings.DATABASES["default"]["OPTIONS"] = {}
django.setup()
call_command("check", fail_level="WARNING")
call_command("makemigrations", check_changes=True, dry_run=True)
"""

Finding = str
Check = Callable[[], Finding]


def main() -> int:
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {name: pool.submit(timed, check) for name, check in checks().items()}
        for name, answer in running.items():
            finding, seconds = answer.result()
            print(f"{name:<44}{'FAILED' if finding else 'ok':>7}{seconds:7.1f} s", flush=True)
            if finding:
                print(finding.rstrip() + "\n", flush=True)
                failed.append(name)
    print(f"\nFailed: {', '.join(failed)}." if failed else "\nAll checks passed.")
    return 1 if failed else 0


def timed(check: Check) -> tuple[Finding, float]:
    started = time.monotonic()
    return check(), time.monotonic() - started


def checks() -> dict[str, Check]:
    found: dict[str, Check] = {
        "ruff check": tool("ruff", "check", "."),
        "ruff format --check": tool("ruff", "format", "--check", "."),
        "import contracts": tool("lint-imports"),
        "mypy": tool("mypy"),
        "migrations": migrations_harmless,
        "translations": translations_compile,
        "package-lock.json": package_lock_is_complete,
        "no path of a machine": no_machine_paths,
        "front-end sources in place": static_sources,
    }
    for tiers in TIERS:
        found[f"Django's checks and migrations ({tiers})"] = django_checks(tiers)
    return found


def tool(name: str, *arguments: str) -> Check:
    return lambda: output_of_failure([str(Path(sys.executable).with_name(name)), *arguments])


def django_checks(tiers: str) -> Check:
    """System checks, and whether the migrations match the models, under one value of the tiers."""
    command = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", DJANGO_CHECKS]
    return lambda: output_of_failure(command, PLATFORM_TIERS=tiers)


def migrations_harmless() -> Finding:
    """No migration stops people at work, or breaks the code before it."""
    return output_of_failure([sys.executable, "-m", "marketing_platform.tenants.migration_lint"])


def output_of_failure(command: list[str], **variables: str) -> Finding:
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return (finished.stdout or f"exit code {finished.returncode}") if finished.returncode else ""


def translations_compile() -> Finding:
    """Every catalogue compiles, with the checks of babel: placeholders as in the original."""
    from babel.messages.pofile import read_po

    problems = []
    for path in sorted((ROOT / "marketing_platform" / "locale").glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parts[-3], abort_invalid=True)
        problems += [
            f"{path.relative_to(ROOT)}: {message.id!r}: {error}"
            for message, errors in catalogue.check()
            for error in errors
        ]
    return "\n".join(problems)


def package_lock_is_complete() -> Finding:
    """Every optional package of every platform is locked, and no address of a registry is kept.

    npm writes a lock that only works on the machine that made it when a registry lacks one of the
    platform packages; `npm ci` then fails elsewhere.
    """
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = lock["packages"]
    problems = []
    for place, row in packages.items():
        if "resolved" in row:
            problems.append(f"{place} keeps the address it came from")
        if place and "integrity" not in row and not row.get("inBundle"):
            problems.append(f"{place} has no integrity hash")
        for optional in row.get("optionalDependencies", {}):
            nested, top = f"{place}/node_modules/{optional}", f"node_modules/{optional}"
            if nested not in packages and top not in packages:
                problems.append(f"{optional}, optional for {place}, is not locked")
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    problems += [
        f"{name} is not pinned exactly: {version}"
        for name, version in wanted.items()
        if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    ]
    if packages[""]["dependencies"] != wanted:
        problems.append("package.json and package-lock.json name different packages")
    return "\n".join(problems)


def no_machine_paths() -> Finding:
    return "\n".join(
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in project_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    )


def static_sources() -> Finding:
    needed = ("static/css/app.css", "static/js/main.js", "templates/base_public.html")
    return "\n".join(f"{name} is missing" for name in needed if not (ROOT / name).exists())


def project_files() -> list[Path]:
    """Files that are or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else walked()
    paths = [ROOT / name for name in names if name.endswith(TEXT_ENDINGS) or "/" not in name]
    return [path for path in paths if path.is_file()]


def walked() -> list[str]:
    """The same without git: a downloaded archive."""
    made = {".venv", "node_modules", "var", "build", "__pycache__", ".git"}
    found: list[str] = []
    for place, inner, names in os.walk(ROOT):
        inner[:] = [folder for folder in inner if folder not in made]
        found += [str(Path(place, name).relative_to(ROOT)) for name in names]
    return found


if __name__ == "__main__":
    sys.exit(main())
