from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from local.automation.whatsapp.models import Campaign
from local.automation.whatsapp.services.erasing import traces_erase
from local.automation.whatsapp.services.joining import traces_join
from local.automation.whatsapp.services.outcomes import try_once_more
from local.automation.whatsapp.services.receiving import delivery_apply, delivery_given_up
from local.automation.whatsapp.services.sending import (
    RUNNING,
    campaign_end_if_over,
    campaign_step,
    campaigns_restored,
)
from local.customers.services import erase_also, join_also
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import Every, periodic
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.restoring import after_restore

erase_also("whatsapp")(traces_erase)
join_also("whatsapp")(traces_join)


def _given_up(_tenant: Tenant, *, reason: str, event_id: int, **_rest: Any) -> None:
    delivery_given_up(event_id=event_id, reason=reason, now=clock.now())


@after_restore("whatsapp", tier="local")
def restored(_tenant: Tenant, _taken_at: datetime, now: datetime) -> list[str]:
    count = campaigns_restored(now)
    return [f"{count} WhatsApp campaigns stopped"] if count else []


# A person's "stop" counts whether or not the shop has paid.
@work_handler("whatsapp.delivery", given_up=_given_up, works_when_read_only=True)
def delivery(_tenant: Tenant, *, event_id: int, **_rest: Any) -> None:
    delivery_apply(event_id=event_id, now=clock.now())


@work_handler("whatsapp.campaign_step")
def step(_tenant: Tenant, *, campaign_id: str, **_rest: Any) -> None:
    campaign_step(campaign_id=UUID(campaign_id), now=clock.now())


@work_handler("whatsapp.try_once_more")
def again(_tenant: Tenant, *, recipient_id: int, **_rest: Any) -> None:
    try_once_more(recipient_id=recipient_id, now=clock.now())


@periodic("local.whatsapp_campaigns", times=Every(timedelta(minutes=15)), tiers=("local",))
def campaigns_look_after(_tenant: Tenant) -> None:
    """Whatever became of a campaign's own work, it goes on and it ends."""
    now = clock.now()
    for campaign_id in list(
        Campaign.objects.filter(state__in=(*RUNNING, "paused")).values_list("pk", flat=True)
    ):
        campaign_step(campaign_id=campaign_id, now=now)
        campaign_end_if_over(campaign_id, now=now)
