from datetime import timedelta
from typing import Any
from uuid import UUID

from marketing_platform.core import clock
from marketing_platform.people.lost_numbers import TASK, lost_number_finish
from marketing_platform.people.summaries import summary_write
from marketing_platform.schedule.changed import SUMMARISE
from marketing_platform.schedule.periodic import Every, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@work_handler(SUMMARISE, works_when_read_only=True)
def summarise(tenant: Tenant, **_unused: Any) -> None:
    summary_write(tenant=tenant, now=clock.now())


@periodic(
    "people.summarise_regularly",
    times=Every(timedelta(minutes=30)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def summarise_regularly(tenant: Tenant) -> None:
    """What changes by the clock alone: a new day's plan, a charge that has passed."""
    summary_write(tenant=tenant, now=clock.now())


@work_handler(TASK, public=True)
def number_change(_tenant: None, *, request_id: str, **_unused: Any) -> None:
    lost_number_finish(request_id=UUID(request_id), now=clock.now())
