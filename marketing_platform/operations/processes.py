"""Child processes that never outlive their supervisor, and never hang a start.

Plain Python: imported before Django is, by the supervisor and by the test services.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Runs in the child, after any change of user, because the kernel clears the parent-death signal
# when credentials change (prctl(2), PR_SET_PDEATHSIG). A parent that is already gone ends it too.
_DIE_WITH_PARENT = """
import ctypes, os, sys
ending, parent, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if hasattr(ctypes.CDLL(None), "prctl"):
    ctypes.CDLL(None).prctl(1, ending)
    if os.getppid() != parent:
        sys.exit(1)
os.execvp(command[0], command)
"""


class StartFailed(Exception):
    """A child ended, or did not answer in time. `log` is the file that says why."""

    def __init__(self, sentence: str, log: Path | None = None):
        super().__init__(sentence)
        self.log = log

    def tail(self, lines: int = 20) -> str:
        """The end of the failing child's log, or an empty string."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(frozen=True)
class Identity:
    """A process for certain: its number alone may have been given to another one since."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        return identity_of(self.pid) == self


def identity_of(pid: int) -> Identity | None:
    """None when no such process runs (an ended one that nobody has waited for counts as gone)."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
        return _identity_without_proc(pid)
    return None if after_name[0] in "ZX" else Identity(pid, after_name[19])


def _identity_without_proc(pid: int) -> Identity | None:
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return Identity(pid, shown) if shown else None


def command_of(pid: int) -> str:
    """The process's command line, or an empty string when it cannot be read."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        return raw.replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return shown.stdout.strip()


@dataclass
class Child:
    """One child process in a session of its own, its output in a file."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    ending: signal.Signals = signal.SIGTERM
    prefix: Sequence[str] = ()
    dies_with_parent: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [*self.prefix, *self._wrapper(), *self.command]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=dict(self.environment),
                start_new_session=True,
            )

    def _wrapper(self) -> list[str]:
        if not self.dies_with_parent:
            return []
        numbers = [str(int(self.ending)), str(os.getpid())]
        return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, *numbers]

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was not started"  # noqa: S101
        return self.process.pid

    def check_running(self) -> None:
        """Raises StartFailed when the child has ended."""
        code = self.process.poll() if self.process else None
        if code is not None:
            raise StartFailed(f"{self.name} ended with code {code}.", self.log)

    def wait_until(self, is_ready: Callable[[], bool], *, seconds: float) -> None:
        """Polls `is_ready`; raises StartFailed when the child ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.check_running()
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} did not answer in {seconds:.0f} s.", self.log)
            time.sleep(0.02)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.ending)

    def wait_stopped(self, seconds: float) -> None:
        """Waits for the end; after `seconds` the whole process group is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(self.process.pid)
            self.process.wait()

    def stop(self, seconds: float = 10) -> None:
        self.ask_to_stop()
        self.wait_stopped(seconds)


def kill_group(pid: int) -> None:
    """SIGKILL to the session that the process leads; silent when it is gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def end_leftover(identity: Identity, ending: signal.Signals, *, seconds: float = 5) -> bool:
    """Ends a process of an earlier, crashed run; False when it was gone already."""
    if not identity.is_alive():
        return False
    os.kill(identity.pid, ending)
    deadline = time.monotonic() + seconds
    while identity.is_alive():
        if time.monotonic() > deadline:
            kill_group(identity.pid)
            break
        time.sleep(0.05)
    return True
