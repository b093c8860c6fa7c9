"""The steps of a change of price, each safe to take again.

The workspace's lock comes first, then the change is read as it is now; a gateway is never called
inside a transaction.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from billing.engine.access import GRACE
from billing.engine.lifecycle import FINAL
from billing.errors import EventRefused, GatewayRefused, GatewayUnavailable
from billing.gateways.base import Observation
from billing.gateways.registry import gateway_of
from billing.models import OPEN_CHANGES, Checkout, CheckoutState, Payment, PlanChange, Subscription
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.asking import cancel_ask
from billing.services.checkouts import LIFETIME
from billing.services.previewing import agreed_base, credits_of, new_charge
from billing.services.refunds import refund_plan
from billing.services.subscriptions import remote_close, remote_close_later
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
FOLLOW_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=15),
    timedelta(hours=2),
    LIFETIME + timedelta(minutes=10),
)
# Where a cancellation cannot be taken back, the old one is ended so late that the change still can
# be, and before the bank gives notice of the next debit.
ENDS_BEFORE = timedelta(days=3)
# Around the day on which a switch takes effect.
FOLLOW_SWITCH = (
    -ENDS_BEFORE,
    -timedelta(days=1),
    timedelta(minutes=1),
    timedelta(hours=2),
    timedelta(hours=26),
    timedelta(days=4),
    GRACE + timedelta(minutes=10),
)


# --- in place


def in_place(change: PlanChange, now: datetime) -> PlanChange:
    """Ask the gateway; the same key changes once. What stays open is followed up."""
    subscription = change.subscription
    try:
        observation = gateway_of(subscription.gateway).change_plan(
            subscription.gateway_subscription_id,
            new_charge(subscription, change.interval, change.price_paise),
            at=change.computed_at,
            key=str(change.pk),
        )
    except GatewayUnavailable:
        logger.warning("change %s: the gateway did not answer; it is asked again", change.pk)
        return change
    except GatewayRefused:
        give_up(change, now)
        raise
    return record(change, observation, now)


def record(change: PlanChange, observation: Observation, now: datetime) -> PlanChange:
    """What the gateway has of a change in place: our rows follow in one transaction."""
    try:
        with transaction.atomic():
            locked = locked_change(change)
            if locked.state not in OPEN_CHANGES:
                return locked
            wanted = new_charge(locked.subscription, locked.interval, locked.price_paise)
            if observation.subscription is not None and observation.subscription.charge == wanted:
                take_over(locked.subscription, locked, now)
            elif locked.state == "switching":
                locked.state = "awaiting_payment"
                locked.save(update_fields=["state"])
            observation_apply(
                gateway_code=locked.subscription.gateway, observation=observation, now=now
            )
    except (EventRefused, SnapshotNeeded):
        logger.exception("change %s does not agree with the gateway", change.pk)
    change.refresh_from_db()
    return change


def take_over(subscription: Subscription, change: PlanChange, now: datetime) -> None:
    """The subscription's own row has the new price from now on."""
    subscription.plan_version = change.plan_version
    subscription.interval = change.interval
    subscription.agreed_paise = None
    if agreed_base(subscription) != change.price_paise:
        subscription.agreed_paise = change.price_paise
    subscription.save(update_fields=["plan_version", "interval", "agreed_paise"])
    change.state, change.settled_at = "done", now
    change.save(update_fields=["state", "settled_at"])


# --- switch


@public_context()
def change_paid(change: PlanChange, now: datetime) -> None:
    """The new subscription of a switch is charged and has its row; the old one's row is ended.

    Called in the transaction that recorded this, under the workspace's lock; again is no harm. The
    old one is ended at the gateway and paid back by the work queued here.
    """
    change = locked_change(change)
    if change.state not in OPEN_CHANGES or change.state == "switching":
        return
    page = change.checkouts.order_by("created_at").last()
    if page is None or page.subscription_id in {None, change.subscription_id}:
        return
    if not Payment.objects.filter(
        subscription_id=page.subscription_id, needs_refund=False
    ).exists():
        # Only promised so far: the old one's days are bridged until it is charged.
        return
    change.state = "switching"
    change.new_subscription_id = page.subscription_id
    change.save(update_fields=["state", "new_subscription"])
    work_schedule(
        task="billing.follow_change",
        arguments={"change_id": str(change.pk), "turn": 0},
        due_at=now,
        key=f"billing-change:{change.pk}:paid",
        queue="billing",
    )


@public_context()
def change_authorised(change: PlanChange, now: datetime) -> None:
    """The new mandate stands and is charged at the end of the paid period: the old subscription may
    end then. Under the workspace's lock, in the transaction that recorded this."""
    change = locked_change(change)
    if change.state != "awaiting_mandate":
        return
    change.state = "scheduled"
    change.save(update_fields=["state"])
    work_schedule(
        task="billing.follow_change",
        arguments={"change_id": str(change.pk), "turn": 0},
        due_at=now,
        key=f"billing-change:{change.pk}:authorised",
        queue="billing",
    )


def finish_switch(change: PlanChange, now: datetime) -> None:
    """End the old one at the gateway, then give back what is unused of it; once."""
    old = change.subscription
    remote_close(gateway_code=old.gateway, remote_id=old.gateway_subscription_id)
    with transaction.atomic():
        locked = locked_change(change)
        if locked.state != "switching":
            return
        for credit in credits_of(locked.subscription, _unused_from(locked)):
            refund_plan(
                payment=credit.payment,
                amount_paise=credit.amount_paise,
                reason="Change of plan",
                actor_id=locked.actor_id,
                now=now,
            )
        locked.state, locked.settled_at = "done", now
        locked.save(update_fields=["state", "settled_at"])


def _unused_from(change: PlanChange) -> datetime:
    """As previewed; of a cheaper price, the end of the paid period."""
    return max(change.computed_at, change.effective_at)


def prepare_end(change: PlanChange, now: datetime) -> None:
    """Of a switch at the end of the paid period: the old one ends then and not before."""
    old = change.subscription
    if old.state in FINAL or old.cancel_at_period_end or now >= change.effective_at:
        return
    can_keep = gateway_of(old.gateway).capabilities.can_keep
    if not can_keep and now < change.effective_at - ENDS_BEFORE:
        return
    cancel_ask(subscription=old, at_period_end=True, actor_id=change.actor_id, now=now)


def bridge(change: PlanChange, now: datetime) -> None:
    """From the old period's end to the new one's first charge the workspace stays open."""
    if now < change.effective_at:
        return
    Subscription.objects.filter(pk=change.subscription_id, state__in=FINAL).update(
        access_until=change.effective_at + GRACE
    )


# --- both


def close_new(change: PlanChange, page: Checkout) -> None:
    """The mandate that nobody will use: what the gateway has of this page is ended."""
    if not page.remote_id:
        return
    found = gateway_of(page.gateway).fetch_checkout(page.remote_id).subscription
    if found is not None:
        remote_close_later(page.gateway, found.remote_id)


def give_up(change: PlanChange, now: datetime) -> None:
    with transaction.atomic():
        locked = locked_change(change)
        if locked.state not in OPEN_CHANGES or locked.new_subscription_id is not None:
            return
        locked.state, locked.settled_at = "abandoned", now
        locked.save(update_fields=["state", "settled_at"])
        Checkout.objects.filter(change=locked, state=CheckoutState.OPEN).update(
            state=CheckoutState.SUPERSEDED, settled_at=now
        )


def locked_change(change: PlanChange) -> PlanChange:
    """The workspace's lock first, as everywhere; then the row as it is now."""
    Tenant.objects.select_for_update().get(pk=change.tenant_id)
    rows = PlanChange.objects.select_for_update(of=("self",))
    return rows.select_related("subscription__plan_version__plan", "plan_version").get(pk=change.pk)


def follow_later(change: PlanChange, turn: int, now: datetime) -> None:
    """Turns by what is waited for; one more than there are times: nothing is waited for."""
    is_later = change.effective_at > change.computed_at
    begun = change.effective_at if is_later and turn else change.computed_at
    after = FOLLOW_SWITCH if is_later and turn else FOLLOW_AFTER
    due = next((begun + wait for wait in after if begun + wait > now), None)
    if due is None:
        logger.error("change %s is open after its last turn", change.pk)
        return
    work_schedule(
        task="billing.follow_change",
        arguments={"change_id": str(change.pk), "turn": turn},
        due_at=due,
        key=f"billing-change:{change.pk}:{due:%Y%m%dT%H%M%S}",
        queue="billing",
    )
