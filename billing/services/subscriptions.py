"""Moving a subscription row by what the gateway says. Callers hold the workspace's row lock."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from billing.engine.access import AccessFact, grants
from billing.engine.lifecycle import Change, Facts, State
from billing.errors import RemoteNotFound
from billing.gateways.base import SubscriptionSnapshot
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, OPEN_CHANGES, Checkout, Subscription
from billing.services.matching import SWITCH
from marketing_platform.schedule.changed import workspace_changed
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
# A renewal's webhook has had its time by then; if it was lost, we ask.
ASK_AFTER_PERIOD = timedelta(hours=6)
PROMISES = frozenset({"confirmed", "pending", "needs_afa"})


def subscription_for(checkout: Checkout, remote_id: str, now: datetime) -> Subscription | None:
    """The row that a paid checkout belongs to: the trial's, or a new one. None: paid twice.

    A live subscription that still gives access is never replaced, except by its own switch.
    """
    live = Subscription.objects.select_for_update().filter(
        tenant_id=checkout.tenant_id, state__in=LIVE_STATES
    )
    current = live.first()
    if current is None or current.gateway:
        if current is not None and is_covered(current, now) and not _switches(checkout, current):
            return None
        current = _new_row(checkout, replaced=current, now=now)
    current.gateway = checkout.gateway
    current.gateway_subscription_id = remote_id
    current.plan_version = checkout.plan_version
    current.interval = checkout.interval
    current.agreed_paise = _agreed(checkout)
    if checkout.starts_at is not None:
        # Nothing is charged before; a trial goes on until then.
        current.trial_ends_at = max(checkout.starts_at, current.trial_ends_at or now)
    current.save()
    return current


def is_covered(subscription: Subscription, now: datetime) -> bool:
    """Whether this live row is paid for, so that paying again would be a mistake."""
    return bool(subscription.gateway) and (
        subscription.state == State.PAUSED or grants(access_fact(subscription), now)
    )


def is_by_invoice(subscription: Subscription, now: datetime) -> bool:
    """Whether its period has an invoice: paying at a gateway would charge that period again."""
    if subscription.gateway:
        return False
    is_late = subscription.state in {State.PAST_DUE, State.SUSPENDED}
    return is_late or (
        subscription.state == State.ACTIVE and grants(access_fact(subscription), now)
    )


def access_fact(subscription: Subscription) -> AccessFact:
    return AccessFact(
        state=subscription.state,
        trial_ends_at=subscription.trial_ends_at,
        access_until=subscription.access_until,
        past_due_since=subscription.past_due_since,
        period_end=subscription.current_period_end,
        held_until=subscription.next_attempt_at,
        is_promised=bool(subscription.gateway) and subscription.mandate in PROMISES,
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
        read_at=subscription.read_at,
        cancel_at_period_end=subscription.cancel_at_period_end,
        mandate=subscription.mandate,
        mandate_method=subscription.mandate_method,
        mandate_limit_paise=subscription.mandate_limit_paise,
        paused_by=subscription.paused_by,
        mandate_lost_at=subscription.mandate_lost_at,
    )


def change_of(snapshot: SubscriptionSnapshot, *, read_at: datetime | None) -> Change:
    mandate = snapshot.mandate
    return Change(
        state=snapshot.state,
        occurred_at=snapshot.updated_at,
        paid_count=snapshot.paid_count,
        period_start=snapshot.current_period_start,
        period_end=snapshot.current_period_end,
        past_due_since=snapshot.past_due_since,
        read_at=read_at,
        cancel_at_period_end=snapshot.cancel_at_period_end,
        mandate=mandate.state if mandate else None,
        mandate_method=mandate.method if mandate else "",
        mandate_limit_paise=mandate.limit_paise if mandate else None,
        paused_by=snapshot.paused_by,
        mandate_since=mandate.since if mandate else None,
    )


def facts_write(subscription: Subscription, facts: Facts, now: datetime) -> None:
    if subscription.state != facts.state:
        subscription.state_changed_at = now
    subscription.state = facts.state
    subscription.observed_at = facts.observed_at
    subscription.read_at = facts.read_at
    subscription.paid_count = facts.paid_count
    subscription.current_period_start = facts.period_start
    subscription.current_period_end = facts.period_end
    subscription.past_due_since = facts.past_due_since
    subscription.access_until = facts.access_until
    subscription.cancel_at_period_end = facts.cancel_at_period_end
    subscription.mandate = facts.mandate
    subscription.mandate_method = facts.mandate_method[:12]
    subscription.mandate_limit_paise = facts.mandate_limit_paise
    subscription.mandate_lost_at = facts.mandate_lost_at
    subscription.paused_by = facts.paused_by[:10]
    subscription.save()
    workspace_changed(tenant=subscription.tenant, now=now)
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


@public_context()
def remote_close(*, gateway_code: str, remote_id: str) -> None:
    """End at the gateway what nobody uses here: a second subscription, or one that was replaced."""
    from billing.errors import GatewayRefused

    gateway = gateway_of(gateway_code)
    try:
        gateway.cancel(remote_id, at_period_end=False, key=f"close:{remote_id}")
    except RemoteNotFound:
        return
    except GatewayRefused:
        found = gateway.fetch_subscription(remote_id).subscription
        if found is not None and found.state.value in LIVE_STATES:
            raise


def remote_close_later(gateway_code: str, remote_id: str) -> None:
    """In the caller's transaction: nothing is closed unless what replaces it is kept."""
    work_schedule(
        task="billing.close_remote",
        arguments={"gateway_code": gateway_code, "remote_id": remote_id},
        key=f"billing-close:{gateway_code}:{remote_id}",
        queue="billing",
    )


def _agreed(checkout: Checkout) -> int | None:
    version = checkout.plan_version
    listed = version.annual_paise if checkout.interval == "year" else version.monthly_paise
    return None if checkout.base_paise == listed else checkout.base_paise


def _switches(checkout: Checkout, current: Subscription) -> bool:
    """Whether this page was opened to replace just this row."""
    change = checkout.change
    return (
        checkout.purpose == SWITCH
        and change is not None
        and change.subscription_id == current.pk
        and change.state in OPEN_CHANGES
    )


def _new_row(checkout: Checkout, *, replaced: Subscription | None, now: datetime) -> Subscription:
    previous = replaced or Subscription.objects.filter(tenant_id=checkout.tenant_id).first()
    if replaced is not None:
        replaced.state = State.ENDED
        replaced.state_changed_at = now
        replaced.save()
        remote_close_later(replaced.gateway, replaced.gateway_subscription_id)
    return Subscription(
        tenant_id=checkout.tenant_id,
        previous_subscription=previous,
        state=State.INCOMPLETE,
        created_at=now,
        state_changed_at=now,
    )
