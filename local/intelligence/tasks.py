"""Fresh insights before the shop opens."""

from datetime import time

from local.business.selectors import business_of, facts_of
from local.intelligence.services import insights_compute
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.tenants.models import Tenant


@periodic("local.find_insights", times=Daily(time(3), time(5)), tiers=("local",))
def insights_find(tenant: Tenant) -> None:
    insights_compute(facts=facts_of(business_of(tenant)), today=clock.today(), now=clock.now())
