import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """bin/steps.py working in an empty project."""
    spec = importlib.util.spec_from_file_location("steps_of_test", ROOT / "bin" / "steps.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "steps_of_test", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "var" / "stamps.json")
    monkeypatch.setattr(module, "LOGS", tmp_path / "var" / "log")
    return module


def counting(steps: ModuleType, folder: Path, signature: str) -> object:
    """A step that adds a line to its output whenever it runs."""
    output = folder / "made"
    program = f"open({str(output)!r}, 'a').write('x')"
    return steps.Step("Counting", signature, (output,), ([sys.executable, "-c", program],))


def test_a_step_runs_again_only_when_its_inputs_change(steps: ModuleType, tmp_path: Path) -> None:
    for signature in ("a", "a", "b", "b"):
        counting(steps, tmp_path, signature).run({})

    assert (tmp_path / "made").read_text() == "xx"


def test_a_step_runs_again_when_its_output_is_gone(steps: ModuleType, tmp_path: Path) -> None:
    counting(steps, tmp_path, "a").run({})
    (tmp_path / "made").unlink()
    counting(steps, tmp_path, "a").run({})

    assert (tmp_path / "made").read_text() == "x"


def test_a_failing_step_shows_its_output_and_is_not_done(steps: ModuleType, tmp_path: Path) -> None:
    program = "print('disk is full'); raise SystemExit(1)"
    step = steps.Step("Filling", "a", (), ([sys.executable, "-c", program],))

    with pytest.raises(steps.StepFailed, match="disk is full"):
        step.run({})
    assert not step.is_done()


def test_the_hash_sees_names_contents_and_missing_files(steps: ModuleType, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("x")
    seen = {steps.content_hash([first]), steps.content_hash([second])}
    second.write_text("x")
    seen |= {steps.content_hash([second]), steps.content_hash([first, second])}

    assert len(seen) == 4
