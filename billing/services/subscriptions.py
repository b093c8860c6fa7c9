"""Moving a subscription row by what the gateway says. Callers hold the workspace's row lock."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from billing.engine.access import AccessFact, grants
from billing.engine.lifecycle import Change, Facts, State
from billing.errors import RemoteNotFound
from billing.gateways.base import SubscriptionSnapshot
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, Checkout, Subscription
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
# A renewal's webhook has had its time by then; if it was lost, we ask.
ASK_AFTER_PERIOD = timedelta(hours=6)


def subscription_for(checkout: Checkout, remote_id: str, now: datetime) -> Subscription | None:
    """The row that a paid checkout belongs to: the trial's, or a new one. None: paid twice.

    A live subscription that still gives access is never replaced.
    """
    live = Subscription.objects.select_for_update().filter(
        tenant_id=checkout.tenant_id, state__in=LIVE_STATES
    )
    current = live.first()
    if current is None or current.gateway:
        if current is not None and is_covered(current, now):
            return None
        current = _new_row(checkout, replaced=current, now=now)
    current.gateway = checkout.gateway
    current.gateway_subscription_id = remote_id
    current.plan_version = checkout.plan_version
    current.interval = checkout.interval
    current.save()
    return current


def is_covered(subscription: Subscription, now: datetime) -> bool:
    """Whether this live row is paid for, so that paying again would be a mistake."""
    return bool(subscription.gateway) and (
        subscription.state == State.PAUSED or grants(access_fact(subscription), now)
    )


def access_fact(subscription: Subscription) -> AccessFact:
    return AccessFact(
        state=subscription.state,
        trial_ends_at=subscription.trial_ends_at,
        access_until=subscription.access_until,
        past_due_since=subscription.past_due_since,
        period_end=subscription.current_period_end,
    )


def facts_of(subscription: Subscription) -> Facts:
    return Facts(
        state=State(subscription.state),
        observed_at=subscription.observed_at,
        paid_count=subscription.paid_count,
        period_start=subscription.current_period_start,
        period_end=subscription.current_period_end,
        past_due_since=subscription.past_due_since,
        access_until=subscription.access_until,
    )


def change_of(snapshot: SubscriptionSnapshot) -> Change:
    return Change(
        state=snapshot.state,
        occurred_at=snapshot.updated_at,
        paid_count=snapshot.paid_count,
        period_start=snapshot.current_period_start,
        period_end=snapshot.current_period_end,
        past_due_since=snapshot.past_due_since,
    )


def facts_write(subscription: Subscription, facts: Facts, now: datetime) -> None:
    if subscription.state != facts.state:
        subscription.state_changed_at = now
    subscription.state = facts.state
    subscription.observed_at = facts.observed_at
    subscription.paid_count = facts.paid_count
    subscription.current_period_start = facts.period_start
    subscription.current_period_end = facts.period_end
    subscription.past_due_since = facts.past_due_since
    subscription.access_until = facts.access_until
    subscription.save()
    if facts.state == State.ACTIVE and facts.period_end:
        work_schedule(
            task="billing.refresh_subscription",
            arguments={"subscription_id": subscription.pk},
            due_at=facts.period_end + ASK_AFTER_PERIOD,
            key=f"billing-period:{subscription.pk}:{facts.period_end:%Y%m%d}",
            queue="billing",
        )


@public_context()
def subscription_refresh(*, subscription_id: int, now: datetime) -> None:
    """Ask the gateway for the present state, for when no webhook came."""
    from billing.services.applying import observation_apply

    subscription = Subscription.objects.get(pk=subscription_id)
    if subscription.state not in LIVE_STATES or not subscription.gateway:
        return
    gateway = gateway_of(subscription.gateway)
    try:
        observation = gateway.fetch_subscription(subscription.gateway_subscription_id)
    except RemoteNotFound:
        logger.warning("the gateway no longer knows subscription %s", subscription.pk)
        return
    with transaction.atomic():
        observation_apply(gateway_code=gateway.code, observation=observation, now=now)


def _new_row(checkout: Checkout, *, replaced: Subscription | None, now: datetime) -> Subscription:
    previous = replaced or Subscription.objects.filter(tenant_id=checkout.tenant_id).first()
    if replaced is not None:
        replaced.state = State.ENDED
        replaced.state_changed_at = now
        replaced.save()
    return Subscription(
        tenant_id=checkout.tenant_id,
        previous_subscription=previous,
        state=State.INCOMPLETE,
        created_at=now,
        state_changed_at=now,
    )
