"""What is said, and done, about money that is late: by days, each step once.

Two ladders. A mandate or card that failed: told at once, reminded, called a last time, and the
workspace is read-only when the grace is over. An invoice: told before it is due, on the day, twice
after, called a last time, then read-only. Nobody is troubled while the payment company will try
again by itself, and nothing is taken away without a last call at least a day before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from billing.engine.access import GRACE

NOTICE = timedelta(days=1)
# A debit that was begun is answered by the bank the next morning: until then it is still under way.
# With a last call, a day's notice and a day between two looks it fits into AFTER_LAST_ATTEMPT.
ANSWERED_WITHIN = timedelta(hours=20)


class Step(StrEnum):
    DUE_SOON = "due_soon"
    DUE = "due"
    OVERDUE_1 = "overdue_1"
    OVERDUE_2 = "overdue_2"
    FAILED = "failed"
    REMINDER_1 = "reminder_1"
    REMINDER_2 = "reminder_2"
    LAST_CALL = "last_call"
    SUSPENDED = "suspended"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Rung:
    """`after` counts from the beginning of the episode: the failed charge, or the due date."""

    step: Step
    after: timedelta


Ladder = tuple[Rung, ...]

FAILED_PAYMENT: Ladder = (
    Rung(Step.FAILED, timedelta(0)),
    Rung(Step.REMINDER_1, timedelta(days=2)),
    Rung(Step.REMINDER_2, timedelta(days=4)),
    Rung(Step.LAST_CALL, GRACE - NOTICE),
    Rung(Step.SUSPENDED, GRACE),
)
OPEN_INVOICE: Ladder = (
    Rung(Step.DUE_SOON, timedelta(days=-3)),
    Rung(Step.DUE, timedelta(0)),
    Rung(Step.OVERDUE_1, timedelta(days=3)),
    Rung(Step.OVERDUE_2, timedelta(days=7)),
    Rung(Step.LAST_CALL, timedelta(days=12)),
    Rung(Step.SUSPENDED, timedelta(days=15)),
)
# Steps after which the workspace's pages say so on top.
SHOWN_ON_TOP = frozenset({Step.OVERDUE_1, Step.OVERDUE_2, Step.LAST_CALL})


def step_next(
    ladder: Ladder,
    *,
    began_at: datetime,
    done: Mapping[str, datetime],
    now: datetime,
    held_until: datetime | None = None,
) -> Step | None:
    """The one step to do now; None when there is none, or while the gateway tries by itself.

    `held_until`: when it tries; what it began then is waited for. `done` are the steps of this
    episode and when they were done. Steps that a hold or a standstill
    left behind are skipped: the newest one says it all. Suspension alone skips nothing: without a
    last call the last call comes instead, and suspension at least a day after that.
    """
    if held_until is not None and now < held_until + ANSWERED_WITHIN:
        return None
    reached = [rung.step for rung in ladder if began_at + rung.after <= now]
    if not reached or reached[-1] in done or _is_past(ladder, reached[-1], done):
        return None
    if reached[-1] != Step.SUSPENDED:
        return reached[-1]
    return _suspension(done, now)


def suspends_at(ladder: Ladder, *, began_at: datetime, done: Mapping[str, datetime]) -> datetime:
    """When the workspace becomes read-only if nothing is paid: what the messages promise."""
    planned = began_at + next(rung.after for rung in ladder if rung.step == Step.SUSPENDED)
    called_at = done.get(Step.LAST_CALL)
    return planned if called_at is None else max(planned, called_at + NOTICE)


def episode_is_over(done: Mapping[str, datetime]) -> bool:
    return Step.RECOVERED in done


def _suspension(done: Mapping[str, datetime], now: datetime) -> Step | None:
    called_at = done.get(Step.LAST_CALL)
    if called_at is None:
        return Step.LAST_CALL
    return Step.SUSPENDED if now >= called_at + NOTICE else None


def _is_past(ladder: Ladder, step: Step, done: Mapping[str, datetime]) -> bool:
    """A later step was done already: clocks went back, or the episode began later than we knew."""
    order = [rung.step for rung in ladder]
    return any(later in done for later in order[order.index(step) + 1 :])
