"""Kinds of jobs by name, and the progress a job's function reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from marketing_platform.core.text import mark as _


class Progress(Protocol):
    """`done` from 0 to 1; `message` is a sentence to be translated, filled with `params`.

    Written at most once a second. Raises JobCancelled when somebody cancelled the job, JobLost
    when the job was given up in the meantime: the function must let both pass.
    """

    def __call__(self, done: float, message: str = "", **params: Any) -> None: ...


JobFunction = Callable[[dict[str, Any], Progress], dict[str, Any] | None]


@dataclass(frozen=True)
class JobKind:
    """`cancelled` is said of a job that somebody cancelled: what became of its work.

    `when_read_only`: it runs also in a workspace that is not paid for.
    """

    name: str
    label: str
    function: JobFunction
    cancelled: str
    when_read_only: bool = False


KINDS: dict[str, JobKind] = {}
NOTHING_CHANGED = _("Cancelled. Nothing was changed.")


def job_kind(
    name: str, *, label: str, cancelled: str = NOTHING_CHANGED, when_read_only: bool = False
) -> Callable[[JobFunction], JobFunction]:
    """Register `function(arguments, progress) -> result`, in the `tasks` module of a feature.

    It runs inside the workspace, outside any transaction, and again from the start when its worker
    was lost: so it changes rows in one transaction at its end, or looks before it acts. What it
    returns is JSON; `url` in it, a path, is where the page goes when the job is done. A
    PlatformError ends the job with its sentence. A kind that stores its work on the way says in
    `cancelled` what stays.
    """

    def register(function: JobFunction) -> JobFunction:
        known = KINDS.get(name)
        if known is not None and known.function is not function:
            raise ValueError(f"two functions for the job {name}")
        KINDS[name] = JobKind(name, label, function, cancelled, when_read_only)
        return function

    return register
