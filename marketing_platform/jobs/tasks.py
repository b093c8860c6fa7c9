from datetime import datetime
from typing import Any
from uuid import UUID

from marketing_platform.core import clock
from marketing_platform.jobs.errors import JobBroken
from marketing_platform.jobs.running import job_run
from marketing_platform.jobs.services import WATCH_EVERY, job_fail, job_watch
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant


def job_given_up(tenant: Tenant, *, reason: str, job_id: str) -> None:
    """No worker could run it: the page says so instead of waiting for ever."""
    with tenant_context(tenant):
        job_fail(job_id=UUID(job_id), error=JobBroken(), now=clock.now())


@work_handler("jobs.run_when_read_only", given_up=job_given_up, works_when_read_only=True)
def run_when_read_only(tenant: Tenant, *, job_id: str) -> None:
    run(tenant, job_id=job_id)


@work_handler("jobs.run", given_up=job_given_up)
def run(tenant: Tenant, *, job_id: str) -> None:
    _watch_later(tenant, job_id, clock.now())
    job_run(UUID(job_id))


@work_handler("jobs.watch", works_when_read_only=True)
def watch(tenant: Tenant, *, job_id: str, **_at: Any) -> None:
    now = clock.now()
    if job_watch(job_id=UUID(job_id), now=now):
        _watch_later(tenant, job_id, now)


def _watch_later(tenant: Tenant, job_id: str, now: datetime) -> None:
    due_at = now + WATCH_EVERY
    work_schedule(
        task="jobs.watch",
        tenant=tenant,
        arguments={"job_id": job_id},
        due_at=due_at,
        key=f"jobs.watch:{job_id}:{due_at.isoformat(timespec='seconds')}",
    )
