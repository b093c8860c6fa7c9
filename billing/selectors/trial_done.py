"""What a trial brought, told on its last days and after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from billing.selectors import SubscriptionView
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY

LAST_DAYS = timedelta(days=2)


@dataclass(frozen=True)
class DoneLine:
    count: int
    label: str


def trial_done(
    tenant: Tenant, subscription: SubscriptionView | None, *, now: datetime
) -> tuple[DoneLine, ...] | None:
    """None before the last two days, for whoever pays, and where the tier counts nothing; ()
    when nothing was done. Called inside the workspace."""
    if subscription is None or subscription.was_paid or subscription.trial_ends_at is None:
        return None
    path = REGISTRY[tenant.tier].done
    if path is None or now < subscription.trial_ends_at - LAST_DAYS:
        return None
    counted = resolve(path)()
    return tuple(DoneLine(count, gettext(label)) for label, count in counted.items() if count)
