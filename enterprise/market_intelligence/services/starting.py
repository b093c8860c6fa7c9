"""Having a feed of the present figures: the quick part at once, the rest as a job."""

from datetime import datetime
from uuid import UUID

from enterprise.market_intelligence.models import InsightRun
from enterprise.market_intelligence.selectors import (
    JOB_KIND,
    figures_version,
    last_job,
    latest_feed,
)
from enterprise.market_intelligence.services.refresh import feed_refresh
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.services import job_start


def feed_ready(*, now: datetime, actor_id: UUID | None) -> tuple[InsightRun | None, Job | None]:
    """The feed of the present figures, and the job that still works on it, if any.

    Trends, shifts and deals are computed here when they are not yet. Segments and forecasts take
    seconds: a job is started once for each state of the figures, and one that failed or was
    cancelled is answered and not started again by itself.
    """
    version = figures_version()
    if not version:
        return None, None
    feed = latest_feed()
    if feed is None or feed.parameters.get("version") != version:
        feed = feed_refresh(now=now, actor_id=actor_id, is_whole=False)
    if feed is None or feed.parameters.get("is_whole"):
        return feed, None
    return feed, last_job(version) or _start(version, now, actor_id)


def feed_retry(*, now: datetime, actor_id: UUID | None) -> Job | None:
    """Start the job again; the one that is open is answered. None without figures."""
    version = figures_version()
    return _start(version, now, actor_id) if version else None


def _start(version: str, now: datetime, actor_id: UUID | None) -> Job:
    return job_start(kind=JOB_KIND, arguments={}, actor_id=actor_id, now=now, key=version[:120])
