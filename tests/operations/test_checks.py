"""The detectors of bin/check, each shown failing."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """bin/checks.py looking at an empty project."""
    monkeypatch.syspath_prepend(str(ROOT / "bin"))
    spec = importlib.util.spec_from_file_location("checks", ROOT / "bin" / "checks.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def write_lock(folder: Path, packages: dict, dependencies: dict | None = None) -> None:
    wanted = dependencies or {"a": "1.0.0"}
    (folder / "package.json").write_text(json.dumps({"dependencies": wanted}))
    packages = {"": {"dependencies": wanted}, **packages}
    (folder / "package-lock.json").write_text(json.dumps({"packages": packages}))


def test_a_complete_lock_passes(checks: ModuleType, tmp_path: Path) -> None:
    write_lock(
        tmp_path,
        {
            "node_modules/a": {"integrity": "x", "optionalDependencies": {"a-linux": "1"}},
            "node_modules/a-linux": {"integrity": "x"},
        },
    )

    assert checks.package_lock_is_complete() == ""


def test_an_optional_package_that_is_not_locked_is_found(
    checks: ModuleType, tmp_path: Path
) -> None:
    write_lock(
        tmp_path, {"node_modules/a": {"integrity": "x", "optionalDependencies": {"a-mac": "1"}}}
    )

    assert checks.package_lock_is_complete() == (
        "a-mac, optional for node_modules/a, is not locked"
    )


def test_a_registry_address_a_missing_hash_and_a_range_are_found(
    checks: ModuleType, tmp_path: Path
) -> None:
    write_lock(tmp_path, {"node_modules/a": {"resolved": "https://registry/a"}}, {"a": "^1.0.0"})

    assert checks.package_lock_is_complete().splitlines() == [
        "node_modules/a keeps the address it came from",
        "node_modules/a has no integrity hash",
        "a is not pinned exactly: ^1.0.0",
    ]


def test_our_own_lock_passes(checks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ROOT", ROOT)

    assert checks.package_lock_is_complete() == ""


def test_the_path_of_a_machine_is_found(checks: ModuleType, tmp_path: Path) -> None:
    path = "/".join(["", "home", "asha", "shop"])
    (tmp_path / "notes.md").write_text(f"fine\nlook in {path}\n")
    (tmp_path / "fine.md").write_text("see https://example.in/home/asha and static/root/x\n")

    assert checks.no_machine_paths() == f"notes.md:2: look in {path}"


def test_a_translation_that_loses_its_placeholder_is_found(
    checks: ModuleType, tmp_path: Path
) -> None:
    folder = tmp_path / "marketing_platform" / "locale" / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        '#, python-format\nmsgid "Hello %(name)s"\nmsgstr "नमस्ते %(naam)s"\n'
    )

    assert "Hello %(name)s" in checks.translations_compile()


def test_a_failing_tool_fails_the_run_and_is_named(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = [sys.executable, "-c", "print('three things are wrong'); raise SystemExit(2)"]
    monkeypatch.setattr(
        checks,
        "checks",
        lambda: {"good": lambda: "", "bad": lambda: checks.output_of_failure(failing)},
    )

    assert checks.main() == 1
    shown = capsys.readouterr().out
    assert "three things are wrong" in shown
    assert shown.endswith("Failed: bad.\n")


def test_every_command_is_executable_and_ends_in_the_bootstrap() -> None:
    for name in ("run", "test", "check", "bench"):
        path = ROOT / "bin" / name
        assert path.stat().st_mode & 0o111
        assert f'bootstrap.py" {name} "$@"' in path.read_text()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_an_old_python_is_refused_in_words(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    finished = subprocess.run(
        ["/bin/sh", ROOT / "bin" / "with-python", "x.py"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 1
    assert finished.stderr == (
        "Python 3.11 or newer is needed and was not found (set PYTHON to its path).\n"
    )
