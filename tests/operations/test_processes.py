import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marketing_platform.operations.processes import (
    Child,
    Identity,
    StartFailed,
    end_leftover,
    identity_of,
)

SLEEPING = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
SUPERVISOR = """
import os, sys, time
from pathlib import Path
from marketing_platform.operations.processes import Child
folder = Path(sys.argv[1])
child = Child("child", [sys.executable, "-c", "import time; time.sleep(60)"],
              folder / "child.log", os.environ, folder)
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


def child_of_test(folder: Path, command: list[str] | None = None) -> Child:
    return Child("sleeper", command or SLEEPING, folder / "sleeper.log", os.environ, folder)


def wait_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while identity_of(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    return identity_of(pid) is None


def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout
    child_pid = int(supervisor.stdout.readline())
    assert identity_of(child_pid) is not None
    time.sleep(0.3)  # the child asks the kernel for this after it has started

    supervisor.send_signal(signal.SIGKILL)
    supervisor.communicate()

    assert wait_gone(child_pid)


def test_a_child_that_ends_fails_the_wait_at_once(tmp_path: Path) -> None:
    child = child_of_test(
        tmp_path, [sys.executable, "-c", "print('no licence'); raise SystemExit(3)"]
    )
    child.start()
    started = time.monotonic()

    with pytest.raises(StartFailed, match="sleeper ended with code 3") as failure:
        child.wait_until(lambda: False, seconds=30)

    assert time.monotonic() - started < 10
    assert failure.value.tail() == "no licence"


def test_a_child_that_never_answers_fails_after_its_time(tmp_path: Path) -> None:
    child = child_of_test(tmp_path)
    child.start()
    try:
        with pytest.raises(StartFailed, match="did not answer"):
            child.wait_until(lambda: False, seconds=0.2)
    finally:
        child.stop()


def test_stopping_kills_what_does_not_listen(tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(15, signal.SIG_IGN);" + SLEEPING[-1]
    child = child_of_test(tmp_path, [sys.executable, "-c", ignoring])
    child.start()
    child.wait_until(lambda: child.log.read_text().startswith("up"), seconds=10)

    child.stop(seconds=0.2)

    assert identity_of(child.pid) is None


def test_a_process_number_given_to_another_is_left_alone(tmp_path: Path) -> None:
    child = child_of_test(tmp_path)
    child.start()
    try:
        earlier = Identity(child.pid, "1")

        assert not earlier.is_alive()
        assert end_leftover(earlier, signal.SIGTERM) is False
        assert identity_of(child.pid) is not None
    finally:
        child.stop()


def test_a_leftover_of_a_killed_run_is_ended(tmp_path: Path) -> None:
    child = child_of_test(tmp_path)
    child.start()
    leftover = identity_of(child.pid)
    assert leftover

    assert end_leftover(leftover, signal.SIGTERM) is True
    assert identity_of(child.pid) is None
    child.stop()
