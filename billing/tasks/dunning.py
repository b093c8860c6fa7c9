"""Late money: looked at once a day, in the morning, for every workspace."""

from datetime import time
from typing import Any

from billing.services.dunning import dunning_run
from billing.services.dunning_messages import step_send
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@periodic(
    "billing.dunning",
    times=Daily(time(9), time(12)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def dunning_daily(tenant: Tenant) -> None:
    dunning_run(tenant=tenant, now=clock.now())


@work_handler("billing.tell_dunning", public=True)
def tell_dunning(
    _tenant: None, *, step_id: int, amount_paise: int, ends_at: str, **_unused: Any
) -> None:
    step_send(step_id=step_id, amount_paise=amount_paise, ends_at=ends_at)
