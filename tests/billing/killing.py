"""Work in a process of its own that is killed just before or just after its n-th commit."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

WRITES = ("INSERT", "UPDATE", "DELETE")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Commits:
    """Counts what becomes lasting: each commit, and each write outside a transaction."""

    def __init__(self, at: int, *, before: bool):
        self.at, self.before, self.count = at, before, 0

    def around(self, work: Callable[[], Any]) -> Any:
        self.count += 1
        if self.count == self.at and self.before:
            die()
        answer = work()
        if self.count == self.at:
            die()
        return answer

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block or not str(sql).lstrip().upper().startswith(WRITES):
            return execute(sql, params, many, context)
        return self.around(lambda: execute(sql, params, many, context))


def killed(work: Callable[[], object], at: int, *, before: bool) -> bool:
    """Whether the work came as far as its commit number `at`, where it was killed."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            commits = Commits(at, before=before)
            commit = BaseDatabaseWrapper.commit
            BaseDatabaseWrapper.commit = lambda self: commits.around(lambda: commit(self))
            with ExitStack() as stack:
                stack.enter_context(connection.execute_wrapper(commits.statement))
                work()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def boundaries(work: Callable[[], Callable[[], object]]) -> Iterator[Callable[[], object]]:
    """Prepare and kill the work at each boundary in turn; yields each time it was killed.

    `work()` prepares a fresh case and answers what to do; the caller finishes and checks it.
    """
    for before in (True, False):
        at = 1
        while True:
            do = work()
            if not killed(do, at, before=before):
                yield do
                break
            yield do
            at += 1
