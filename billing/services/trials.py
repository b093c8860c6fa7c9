"""Free trials: one per workspace, nothing charged at the end."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from billing.engine.lifecycle import State
from billing.engine.prices import Interval
from billing.errors import TrialUsed
from billing.models import LIVE_STATES, Subscription
from billing.selectors import plan_version_current
from marketing_platform.schedule.provisioning import workspace_prepare
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant


@public_context()
def trial_start(*, tenant: Tenant, now: datetime) -> Subscription:
    """A trial of TRIAL_DAYS and the workspace's preparation, in one transaction.

    Called again it answers the same row. Raises TrialUsed when the trial or a paid time is over.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        rows = Subscription.objects.filter(tenant=tenant)
        subscription = rows.filter(state__in=LIVE_STATES).first()
        if subscription is None:
            if rows.exists():
                raise TrialUsed
            subscription = _create(tenant, now)
        workspace_prepare(tenant=tenant, reason="trial", now=now)
    return subscription


def _create(tenant: Tenant, now: datetime) -> Subscription:
    ends_at = now + timedelta(days=settings.TRIAL_DAYS)
    subscription = Subscription.objects.create(
        tenant=tenant,
        plan_version=plan_version_current(tenant.tier, now=now),
        interval=Interval.MONTH,
        state=State.TRIALING,
        trial_ends_at=ends_at,
        created_at=now,
        state_changed_at=now,
    )
    work_schedule(
        task="billing.end_trial",
        arguments={"subscription_id": subscription.pk},
        due_at=ends_at,
        key=f"billing-trial:{subscription.pk}",
        queue="billing",
    )
    return subscription


@public_context()
def trial_end(*, subscription_id: int, now: datetime) -> bool:
    """Close a trial whose time is over and that nobody paid for. False when there is none."""
    over = Subscription.objects.filter(
        pk=subscription_id, state=State.TRIALING, gateway="", trial_ends_at__lte=now
    )
    return bool(over.update(state=State.EXPIRED, state_changed_at=now))
