"""Running one job: claim it, call its function, write how it ended."""

import logging
import time
import uuid
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.jobs.errors import JobBroken, JobCancelled, JobLost, JobTooLong
from marketing_platform.jobs.models import OPEN, Job, JobState
from marketing_platform.jobs.registry import KINDS
from marketing_platform.jobs.reported import report_keep

logger = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 1.0


class Reporter:
    """The `progress` of one run. Its token fences it: a run that was given up cannot write."""

    def __init__(self, job: Job):
        self.job, self.written = job, float("-inf")

    def __call__(self, done: float, message: str = "", **params: Any) -> None:
        if time.monotonic() - self.written < WRITE_EVERY_SECONDS:
            return
        self.written = time.monotonic()
        now, done = clock.now(), min(1.0, max(0.0, float(done)))
        report_keep(self.job.pk, done=done, message=message, params=params, now=now)
        mine = Job.objects.filter(pk=self.job.pk, run_token=self.job.run_token)
        is_cancel_asked = mine.values_list("is_cancel_asked", flat=True).first()
        if is_cancel_asked is None:
            raise JobLost
        if is_cancel_asked:
            raise JobCancelled
        if not connection.in_atomic_block:
            mine.update(progress=done, message=message, message_params=params, heartbeat_at=now)


def job_run(job_id: uuid.UUID) -> None:
    """Run an open job to its end. A job that is over, or runs elsewhere, is left alone."""
    job = _claim(job_id)
    if job is None:
        return
    kind = KINDS.get(job.kind)
    try:
        result = kind.function(job.arguments, Reporter(job)) if kind else None
    except JobCancelled:
        _end(job, state=JobState.CANCELLED)
    except SoftTimeLimitExceeded:
        _end_failed(job, JobTooLong())
    except PlatformError as error:
        _end_failed(job, error)
    except Exception:
        logger.exception("job failed", extra={"job": str(job.pk), "kind": job.kind})
        _end_failed(job, JobBroken())
    else:
        _end(job, state=JobState.DONE, progress=1.0, result=result or {})


def _claim(job_id: uuid.UUID) -> Job | None:
    """The due-work row is leased to one worker, so a job found running was lost with its worker."""
    now = clock.now()
    claimed = Job.objects.filter(pk=job_id, state__in=OPEN).update(
        state=JobState.RUNNING, run_token=uuid.uuid4(), started_at=now, heartbeat_at=now
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _end(job: Job, **facts: Any) -> None:
    mine = Job.objects.filter(pk=job.pk, run_token=job.run_token, state=JobState.RUNNING)
    mine.update(ended_at=clock.now(), run_token=None, **facts)


def _end_failed(job: Job, error: PlatformError) -> None:
    _end(
        job,
        state=JobState.FAILED,
        error_code=error.code,
        error=error.sentence,
        error_params=error.params,
    )
