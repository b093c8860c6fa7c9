"""A fresh brief at the beginning of each month, and a notice of it."""

from datetime import time

from enterprise.strategic_synthesizer.services.briefs import brief_make
from enterprise.strategic_synthesizer.services.first_look import TASK, first_look
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@periodic("enterprise.monthly_brief", times=Daily(time(5), time(7)), tiers=("enterprise",))
def brief_monthly(tenant: Tenant) -> None:
    """On the first of a month; other days do nothing."""
    now = clock.now()
    today = clock.today(now)
    if today.day != 1:
        return
    version = brief_make(tenant=tenant, actor_id=None, now=now, is_scheduled=True)
    notify(
        title=_("This month's brief is ready"),
        text=_("Every figure leads to where it comes from."),
        url=f"/brief/{version.pk}/",
        kind="finding",
        key=f"brief:{today.isoformat()}",
        now=now,
    )


@work_handler(TASK)
def look_first(tenant: Tenant) -> None:
    first_look(tenant=tenant, now=clock.now())
