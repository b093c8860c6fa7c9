"""Work that each workspace has done regularly: one dispatcher plans it for all of them.

A job's period has one row of due work per active workspace, written by one statement per batch.
Each workspace has its own moment within the job's window, the same every time, so that a thousand
of them do not wake together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import connection, transaction

from marketing_platform.core.clock import IST
from marketing_platform.schedule.models import DueWork, PeriodicPlan
from marketing_platform.schedule.registry import Handler, Work, work_register
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tiers.registry import REGISTRY, deployed

BATCH = 500


@dataclass(frozen=True)
class Every:
    """Once in each stretch of this length, counted from 1970; spread over all of it."""

    length: timedelta

    def period(self, now: datetime) -> "Period":
        number = int(now.timestamp() // self.length.total_seconds())
        start = datetime.fromtimestamp(number * self.length.total_seconds(), UTC)
        return Period(f"{start:%Y-%m-%dT%H:%M:%S}", start, self.length)


@dataclass(frozen=True)
class Daily:
    """Once a day, at a moment between two times of the Indian day."""

    first: time
    last: time

    def period(self, now: datetime) -> "Period | None":
        """None before the window opens and when it would reach into the next day: a day that was
        missed is not made up for.
        """
        today = now.astimezone(IST)
        start, end = (
            datetime.combine(today.date(), moment, IST) for moment in (self.first, self.last)
        )
        is_too_late = (now + (end - start)).astimezone(IST).date() > today.date()
        if now < start or is_too_late:
            return None
        return Period(f"{today:%Y-%m-%d}", start, end - start)


@dataclass(frozen=True)
class Period:
    name: str
    start: datetime
    window: timedelta


@dataclass(frozen=True)
class Job:
    name: str
    times: Every | Daily
    tiers: tuple[str, ...]


JOBS: dict[str, Job] = {}


def periodic(
    name: str,
    *,
    times: Every | Daily,
    tiers: tuple[str, ...],
    works_when_read_only: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a function to be run regularly for every active workspace of these tiers.

    It is called as handler(tenant) inside the workspace, and again after a failure like all due
    work. A period that a workspace cannot take (it is blocked, or may only read) is left out.
    """

    def register(handler: Handler) -> Handler:
        work = Work(handler, works_when_read_only=works_when_read_only, is_passing=True)
        work_register(name, work)
        JOBS[name] = Job(name, times, tiers)
        return handler

    return register


def periodic_plan(*, now: datetime, batch: int = BATCH) -> int:
    """Write the rows of periods that have begun; one batch per job, the rest at the next call.

    One query when there is nothing to plan. Returns how many workspaces were gone through.
    """
    begun = [(job, job.times.period(now)) for job in JOBS.values()]
    with public_context():
        done = set(PeriodicPlan.objects.filter(is_complete=True).values_list("job", "period"))
        return sum(
            _plan(job, period, now, batch)
            for job, period in begun
            if period is not None and (job.name, period.name) not in done
        )


def _plan(job: Job, period: Period, now: datetime, batch: int) -> int:
    PeriodicPlan.objects.bulk_create([PeriodicPlan(job=job.name)], ignore_conflicts=True)
    with transaction.atomic():
        plan = PeriodicPlan.objects.select_for_update(skip_locked=True).filter(pk=job.name).first()
        if plan is None:
            return 0  # another dispatcher is at it
        if plan.period != period.name:
            plan.period, plan.after, plan.is_complete = period.name, None, False
        if plan.is_complete:
            return 0
        count, last = _rows_insert(job, period, now, plan.after, batch)
        plan.after = last or plan.after
        plan.is_complete = count < batch
        plan.save()
        return count


def _rows_insert(
    job: Job, period: Period, now: datetime, after: UUID | None, batch: int
) -> tuple[int, UUID | None]:
    """Rows of the next workspaces. Returns how many these were, and the last of them."""
    tiers = [tier for tier in job.tiers if tier in deployed()]
    # After a standstill past the window, it opens now.
    start = period.start if now < period.start + period.window else now
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "state": State.ACTIVE,
                "tiers": tiers,
                "after": after,
                "batch": batch,
                "job": job.name,
                "prefix": f"periodic:{job.name}:{period.name}:",
                "queues": [REGISTRY[tier].queue for tier in tiers],
                "start": start,
                "window": period.window,
            },
        )
        count, last = cursor.fetchone()
    return count, last


# The moment is the first 32 bits of a digest, as a part of the window.
_INSERT = f"""
WITH batch AS (
    SELECT id, tier FROM {Tenant._meta.db_table}
    WHERE state = %(state)s AND tier = ANY(%(tiers)s)
        AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid)
    ORDER BY id LIMIT %(batch)s
), planned AS (
    INSERT INTO {DueWork._meta.db_table}
        (tenant_id, task, arguments, key, queue, due_at, attempts, error)
    SELECT id, %(job)s, '{{}}', %(prefix)s || id,
        (%(queues)s::text[])[array_position(%(tiers)s::text[], tier::text)],
        %(start)s::timestamptz + %(window)s::interval * (
            ('x' || left(md5(%(job)s || id), 8))::bit(32)::bigint / 4294967296.0
        ), 0, ''
    FROM batch
    ON CONFLICT (key) DO NOTHING
)
SELECT count(*), (array_agg(id ORDER BY id DESC))[1] FROM batch
"""  # noqa: S608
