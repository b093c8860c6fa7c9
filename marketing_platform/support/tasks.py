"""What is ninety days old is forgotten."""

from datetime import time
from typing import Any

from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.support.services import reports_forget
from marketing_platform.tenants.models import Tenant


@work_handler("support.forget", public=True)
def forget(_tenant: None, **_unused: Any) -> None:
    reports_forget(now=clock.now())


@periodic(
    "support.forget_nightly",
    times=Daily(time(3, 40), time(4, 20)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def forget_nightly(_tenant: Tenant) -> None:
    """The first workspace of a night orders it."""
    work_schedule(task="support.forget", key=f"support-forget:{clock.today()}")
