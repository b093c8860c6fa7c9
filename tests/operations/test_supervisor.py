import fcntl
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from marketing_platform.operations import demo_state, supervisor
from marketing_platform.operations.processes import identity_of


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLATFORM_VAR", str(tmp_path))
    return tmp_path


def run(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketing_platform.operations.supervisor", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PLATFORM_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_taken_port_is_named_and_nothing_is_started(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = run(var, "--port", str(port))

    assert finished.returncode == 1
    assert f"Port {port} is taken." in finished.stderr
    assert not (var / "postgres").exists()
    assert not (var / "run.json").exists()


def test_a_second_run_says_where_the_first_one_is(var: Path) -> None:
    (var / "run.json").write_text(json.dumps({"public_url": "http://127.0.0.1:8123"}))
    with (var / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        finished = run(var)

    assert finished.returncode == 1
    assert finished.stderr == "The platform is already running at http://127.0.0.1:8123.\n"
    assert (var / "run.json").exists()


def test_what_a_killed_run_left_is_ended_and_nobody_else(
    var: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    leftover, stranger = (subprocess.Popen(command, start_new_session=True) for _ in range(2))
    known = identity_of(leftover.pid)
    assert known
    rows = [
        {"pid": known.pid, "started": known.started, "ending": 15},
        {"pid": stranger.pid, "started": "1", "ending": 15},
    ]
    demo_state.write_private(var / "processes.json", {"processes": rows})
    try:
        supervisor.Supervisor(port=None, is_reset=False)._end_leftovers()

        assert leftover.wait(5) == -15
        assert stranger.poll() is None
        assert capsys.readouterr().out == "Ended 1 processes of a run that was killed.\n"
        assert not (var / "processes.json").exists()
    finally:
        for process in (leftover, stranger):
            process.kill()
            process.wait()


def test_the_supervisor_knows_no_django() -> None:
    program = (
        "import sys; import marketing_platform.operations.supervisor;"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'celery')])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.strip() == "[]"


def test_preparing_is_repeated_when_a_migration_or_the_tiers_change(
    var: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo_state, "ROOT", tmp_path)
    migrations = tmp_path / "billing" / "migrations"
    migrations.mkdir(parents=True)
    before = demo_state.signature()
    (migrations / "0001_initial.py").write_text("a")
    after = demo_state.signature()
    monkeypatch.setenv("PLATFORM_TIERS", "local")
    local = demo_state.signature()
    demo_state.write(var, after, {"workspaces": [], "sign_ins": []})

    assert len({before, after, local}) == 3
    assert demo_state.read(var, after) == {"workspaces": [], "sign_ins": []}
    assert demo_state.read(var, local) is None
