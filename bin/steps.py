"""How one step of the set-up runs: only when its inputs changed, timed, its output kept."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "var" / "build" / "stamps.json"
LOGS = ROOT / "var" / "log"


class StepFailed(Exception):
    """A step's command failed; the text is the end of its output."""


def content_hash(files: Iterable[Path], *words: str) -> str:
    """Of names and contents; a file that does not exist counts as such."""
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(set(files)):
        content = path.read_bytes() if path.is_file() else b"missing"
        digest.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def files_below(folders: Sequence[str], *endings: str) -> list[Path]:
    """Files with one of the endings, hidden and made folders left out."""
    found: list[Path] = []
    for folder in folders:
        for place, inner, names in os.walk(ROOT / folder):
            inner[:] = [name for name in inner if name not in {"build", "__pycache__"}]
            found += [Path(place, name) for name in names if name.endswith(endings)]
    return found


@dataclass(frozen=True)
class Step:
    """`signature` is what the inputs are now; `outputs` must exist for a step to count as done."""

    name: str
    signature: str
    outputs: tuple[Path, ...]
    commands: tuple[Sequence[str | Path], ...]

    def is_done(self) -> bool:
        return _stamps().get(self.name) == self.signature and all(
            output.exists() for output in self.outputs
        )

    def run(self, environment: Mapping[str, str]) -> bool:
        """Whether there was anything to do. Raises StepFailed; says how long it took."""
        if self.is_done():
            return False
        started = time.monotonic()
        print(f"  {self.name:<28}", end="", flush=True)
        for command in self.commands:
            run_quietly(self.name, command, environment)
        _stamp(self.name, self.signature)
        print(f"{time.monotonic() - started:5.1f} s", flush=True)
        return True


def run_quietly(name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    """The output goes to var/log/setup.log, and its end to the terminal when the command fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "setup.log"
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    with log.open("ab") as kept:
        kept.write(f"\n== {name}\n".encode() + finished.stdout)
    if finished.returncode:
        tail = "\n".join(finished.stdout.decode(errors="replace").splitlines()[-25:])
        raise StepFailed(f"failed\n{tail}\nThe whole output is in {log}.")


def fail(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


def _stamps() -> dict[str, str]:
    try:
        return json.loads(STAMPS.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _stamp(name: str, signature: str) -> None:
    STAMPS.parent.mkdir(parents=True, exist_ok=True)
    partial = STAMPS.with_suffix(".partial")
    partial.write_text(json.dumps(_stamps() | {name: signature}, indent=1))
    partial.replace(STAMPS)
