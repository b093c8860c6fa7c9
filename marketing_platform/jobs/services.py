"""Starting, cancelling and watching jobs. Running them is in running.py."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from marketing_platform.jobs.errors import JobLost, JobMissing, JobOver
from marketing_platform.jobs.models import OPEN, Job, JobState
from marketing_platform.jobs.registry import KINDS
from marketing_platform.jobs.reported import reported_at
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.registry import spec

WATCH_EVERY = timedelta(minutes=2)
# Longer than any single step between two reports, shorter than patience.
SILENCE = timedelta(minutes=6)


def job_start(
    *,
    kind: str,
    arguments: dict[str, Any],
    actor_id: uuid.UUID | None,
    now: datetime,
    key: str = "",
) -> Job:
    """Queue a job of the acting workspace, in the caller's transaction.

    While a job of the same kind and `key` is open, that one is answered. Raises ValueError for an
    unknown kind.
    """
    if kind not in KINDS:
        handlers_load()
    if kind not in KINDS:
        raise ValueError(f"no job is called {kind}")
    job = Job(kind=kind, key=key, arguments=arguments, actor_id=actor_id, created_at=now)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        return Job.objects.get(kind=kind, key=key, state__in=OPEN)
    tenant = current_tenant()
    work_schedule(
        task="jobs.run_when_read_only" if KINDS[kind].when_read_only else "jobs.run",
        tenant=tenant,
        arguments={"job_id": str(job.pk)},
        due_at=now,
        key=f"jobs.run:{job.pk}",
        queue=spec(tenant.tier).queue,
    )
    return job


def job_cancel(*, job_id: uuid.UUID, now: datetime) -> Job:
    """Ask a job to stop; one that waits is cancelled at once. Raises JobMissing, JobOver."""
    waiting = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    if waiting.update(state=JobState.CANCELLED, ended_at=now, is_cancel_asked=True):
        return Job.objects.get(pk=job_id)
    if Job.objects.filter(pk=job_id, state=JobState.RUNNING).update(is_cancel_asked=True):
        return Job.objects.get(pk=job_id)
    if Job.objects.filter(pk=job_id).exists():
        raise JobOver
    raise JobMissing


def job_watch(*, job_id: uuid.UUID, now: datetime) -> bool:
    """Give a silent job up. Answers whether it must be watched further."""
    job = Job.objects.filter(pk=job_id, state__in=OPEN).first()
    if job is None:
        return False
    if job.state == JobState.QUEUED:
        return True
    seen = [each for each in (job.started_at, job.heartbeat_at, reported_at(job.pk)) if each]
    if max(seen) > now - SILENCE:
        return True
    job_fail(job_id=job.pk, error=JobLost(), now=now)
    return False


def job_fail(*, job_id: uuid.UUID, error: Any, now: datetime) -> bool:
    """End an open job with a PlatformError's sentence; False when it was over already."""
    changed = Job.objects.filter(pk=job_id, state__in=OPEN).update(
        state=JobState.FAILED,
        error_code=error.code,
        error=error.sentence,
        error_params=error.params,
        ended_at=now,
        run_token=None,
    )
    return bool(changed)
