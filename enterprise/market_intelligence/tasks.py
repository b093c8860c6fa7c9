"""Segments and forecasts as a job, and fresh findings before the office opens."""

from datetime import time
from typing import Any

from enterprise.market_intelligence.selectors import (
    JOB_KIND,
    figures_version,
    latest_feed,
)
from enterprise.market_intelligence.services import feed_refresh
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.tenants.models import Tenant


@job_kind(JOB_KIND, label=_("Finding segments and forecasting"))
def insights_job(_arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    feed_refresh(now=clock.now(), told=progress)
    return {"url": "/insights/"}


@periodic("enterprise.find_insights", times=Daily(time(4), time(6)), tiers=("enterprise",))
def insights_find(_tenant: Tenant) -> None:
    """Computes nothing when the figures are as they were."""
    feed = latest_feed(is_whole=True)
    if feed is None or feed.parameters.get("version") != figures_version():
        feed_refresh(now=clock.now())
