"""Revenue of a month, once it is over; each run plans the next."""

from typing import Any

from billing.services.earning import revenue_earn
from marketing_platform.core import clock
from marketing_platform.schedule.registry import work_handler


@work_handler("billing.earn_revenue", public=True)
def earn_revenue(_tenant: None, **_unused: Any) -> None:
    revenue_earn(now=clock.now())
