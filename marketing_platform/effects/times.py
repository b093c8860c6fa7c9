"""How long things take and how long they wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zlib import crc32

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Times:
    """`lease` is longer than any single call with its time-out."""

    lease: timedelta = 3 * MINUTE
    back_off: timedelta = 30 * SECOND
    longest_back_off: timedelta = 60 * MINUTE
    # While a connection must be signed in again, is paused, or everything is stopped.
    look_again: timedelta = 10 * MINUTE
    on_time: timedelta = 15 * MINUTE
    verify_waits: tuple[timedelta, ...] = (20 * SECOND, MINUTE, 3 * MINUTE, 10 * MINUTE)
    pending_waits: tuple[timedelta, ...] = (
        *(MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 180 * MINUTE),
        *(360 * MINUTE, 720 * MINUTE),
    )
    # Due work may be run five seconds early; a lease must be over when its watch comes.
    past_lease: timedelta = 6 * SECOND
    # Beyond this its work has died; the sweeper queues it again.
    overdue: timedelta = 20 * MINUTE


TIMES = Times()


def back_off(number: int, of: UUID) -> timedelta:
    """2^n · 30 s, at most an hour, and up to a quarter more, so that effects do not come at once.

    `number` counts from 0.
    """
    plain = min(TIMES.longest_back_off, TIMES.back_off * 2 ** min(number, 20))
    share = crc32(f"{of}:{number}".encode()) / 2**32
    return plain * (1 + share / 4)


def wait_of(waits: Sequence[timedelta], number: int) -> timedelta | None:
    """The wait before the look of this number, from 0; None when there were enough."""
    return waits[number] if number < len(waits) else None


def deadline_of(due_at: datetime, expires_at: datetime, freshness: timedelta | None) -> datetime:
    """Until when it may go out."""
    return expires_at if freshness is None else min(expires_at, due_at + freshness)
