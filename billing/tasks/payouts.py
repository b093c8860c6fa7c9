"""Every night: what the gateways paid out."""

from datetime import datetime, time
from typing import Any

from django.conf import settings

from billing.services.payouts import payouts_ask, payouts_import
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Daily, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant


@work_handler("billing.import_payouts", public=True)
def import_payouts(_tenant: None, *, gateway_code: str, since: str, **_unused: Any) -> None:
    payouts_import(gateway_code=gateway_code, since=datetime.fromisoformat(since), now=clock.now())


@periodic(
    "billing.payouts_nightly",
    times=Daily(time(4), time(5)),
    tiers=("local", "enterprise"),
    works_when_read_only=True,
)
def payouts_nightly(_tenant: Tenant) -> None:
    """The first workspace of a night orders it; each gateway is asked once."""
    payouts_order(now=clock.now())


def payouts_order(*, now: datetime) -> None:
    """By the day: a gateway that does not answer is tried again by the work itself."""
    for code in settings.BILLING_GATEWAYS:
        payouts_ask(gateway_code=code, now=now, key=f"{clock.today(now)}")
