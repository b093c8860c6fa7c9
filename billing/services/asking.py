"""Cancel, keep, pause, resume: what a customer asks of a subscription, and coming back.

Work that repeats the wish is queued before the gateway is asked, and looks first: after a crash the
wish is carried out once, unless a newer one has taken its place.
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction

from billing.engine.lifecycle import FINAL, State
from billing.errors import (
    AlreadyPaid,
    ChangeNotPossible,
    EventRefused,
    GatewayRefused,
    GatewayUnavailable,
)
from billing.gateways.base import Gateway, Observation, SubscriptionSnapshot
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, Checkout, Subscription
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.checkouts import checkout_start
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
Ask = Literal["cancel_now", "cancel_at_end", "keep", "pause", "resume"]
FINISH_AFTER = timedelta(minutes=1)
OVER = _("This plan has ended already. Start it anew if you want to go on.")
NOT_ENDING = _("This plan is not cancelled. Nothing was changed.")
NO_KEEP = _(
    "This payment company cannot take a cancellation back. Your plan runs to its end; start it "
    "anew then."
)
NO_PAUSE = _("This payment company cannot pause a plan. You can cancel it for the period's end.")
NOT_RUNNING = _("Only a plan that runs and is paid can be paused.")
NO_RESUME = _("You paused this in your UPI app: resume it there.")
NOT_PAUSED = _("This plan is not paused. Nothing was changed.")


@public_context()
def cancel_ask(
    *,
    subscription: Subscription,
    at_period_end: bool,
    now: datetime,
    actor_id: UUID | None = None,
) -> Subscription:
    """Cancel at the end of the paid period, or now; what is paid can be used up either way.

    Without a gateway (a trial) it ends at once, and the trial's days stay. Raises
    ChangeNotPossible for one that has ended.
    """
    if subscription.state in FINAL:
        raise ChangeNotPossible(OVER)
    if not subscription.gateway:
        return _cancel_here(subscription, at_period_end, actor_id, now)
    return _ask(subscription, "cancel_at_end" if at_period_end else "cancel_now", actor_id, now)


@public_context()
def keep_ask(
    *, subscription: Subscription, now: datetime, actor_id: UUID | None = None
) -> Subscription:
    """Take a cancellation for the end of the period back. Raises ChangeNotPossible where the
    gateway cannot."""
    if subscription.state in FINAL:
        raise ChangeNotPossible(OVER)
    if not subscription.cancel_at_period_end:
        raise ChangeNotPossible(NOT_ENDING)
    if subscription.gateway and not _able(subscription, "can_keep"):
        raise ChangeNotPossible(NO_KEEP)
    if not subscription.gateway:
        Subscription.objects.filter(pk=subscription.pk).update(cancel_at_period_end=False)
        subscription.refresh_from_db()
        return subscription
    return _ask(subscription, "keep", actor_id, now)


@public_context()
def pause_ask(
    *, subscription: Subscription, now: datetime, actor_id: UUID | None = None
) -> Subscription:
    """Nothing is debited until it is resumed, and nothing can be written meanwhile."""
    if not _able(subscription, "can_pause"):
        raise ChangeNotPossible(NO_PAUSE)
    if subscription.state != State.ACTIVE or subscription.cancel_at_period_end:
        raise ChangeNotPossible(NOT_RUNNING)
    return _ask(subscription, "pause", actor_id, now)


@public_context()
def resume_ask(
    *, subscription: Subscription, now: datetime, actor_id: UUID | None = None
) -> Subscription:
    """Whoever paused in a UPI app resumes there: the gateway may not."""
    if subscription.state != State.PAUSED:
        raise ChangeNotPossible(NOT_PAUSED)
    if subscription.paused_by == "customer" or not _able(subscription, "can_resume"):
        raise ChangeNotPossible(NO_RESUME)
    return _ask(subscription, "resume", actor_id, now)


@public_context()
def reactivate(
    *, tenant: Tenant, interval: str, user_id: UUID, return_url: str, now: datetime
) -> Checkout:
    """Coming back after the end: a pay page that becomes a new row, at the price of today.

    Raises AlreadyPaid while there is a live subscription that was paid for.
    """
    rows = Subscription.objects.filter(tenant=tenant)
    if (
        rows.filter(state__in=LIVE_STATES)
        .exclude(gateway="")
        .exclude(state=State.SUSPENDED)
        .exists()
    ):
        raise AlreadyPaid
    return checkout_start(
        tenant=tenant, interval=interval, user_id=user_id, return_url=return_url, now=now
    )


@public_context()
def ask_finish(*, subscription_id: int, ask: Ask, ask_id: str, now: datetime) -> bool:
    """Carry out a wish that a crash may have left, or see that it is. False: a newer one counts.

    Raises GatewayUnavailable: tried again later.
    """
    subscription = Subscription.objects.get(pk=subscription_id)
    if _is_overtaken(subscription, ask_id):
        return False
    gateway = gateway_of(subscription.gateway)
    observation = gateway.fetch_subscription(subscription.gateway_subscription_id)
    told: str = ask
    if not _is_done(observation.subscription, subscription, ask):
        try:
            observation = _call(gateway, subscription, ask, ask_id)
        except GatewayRefused:
            # What happened since leaves nothing to ask; the reading tells what that is.
            logger.warning("subscription %s: %s is refused by now", subscription.pk, ask)
            told = "nothing"
    _record(subscription, observation, told, now)
    return True


def _ask(
    subscription: Subscription, ask: Ask, actor_id: UUID | None, now: datetime
) -> Subscription:
    ask_id = uuid.uuid4().hex[:12]
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=subscription.tenant_id)
        work_schedule(
            task="billing.finish_ask",
            arguments={"subscription_id": subscription.pk, "ask": ask, "ask_id": ask_id},
            due_at=now + FINISH_AFTER,
            key=_key(subscription, ask_id),
            queue="billing",
        )
        tenant_event(tenant, f"billing_{ask}"[:40], actor_id=actor_id, now=now)
    try:
        observation = _call(gateway_of(subscription.gateway), subscription, ask, ask_id)
    except GatewayUnavailable:
        logger.warning("subscription %s: %s is asked again", subscription.pk, ask)
        raise
    except GatewayRefused:
        # Asking again will not help, and nobody waits for it.
        DueWork.objects.filter(key=_key(subscription, ask_id)).update(
            done_at=now, error="refused by the gateway"
        )
        raise
    _record(subscription, observation, ask, now)
    # Repeated later, it would be asked against what happened since.
    DueWork.objects.filter(key=_key(subscription, ask_id), done_at=None).update(done_at=now)
    subscription.refresh_from_db()
    return subscription


def _call(gateway: Gateway, subscription: Subscription, ask: Ask, ask_id: str) -> Observation:
    number = subscription.gateway_subscription_id
    key = f"{ask}:{ask_id}"
    if ask in {"cancel_now", "cancel_at_end"}:
        return gateway.cancel(number, at_period_end=ask == "cancel_at_end", key=key)
    calls = {"keep": gateway.keep, "pause": gateway.pause, "resume": gateway.resume}
    return calls[ask](number, key=key)


def _record(subscription: Subscription, observation: Observation, ask: str, now: datetime) -> None:
    """Apply the answer; a cancellation is noted even where the gateway does not repeat it."""
    try:
        with transaction.atomic():
            Tenant.objects.select_for_update().get(pk=subscription.tenant_id)
            observation_apply(gateway_code=subscription.gateway, observation=observation, now=now)
            if ask in {"cancel_at_end", "keep"}:
                rows = Subscription.objects.filter(pk=subscription.pk, state__in=LIVE_STATES)
                rows.update(cancel_at_period_end=ask == "cancel_at_end")
    except (EventRefused, SnapshotNeeded):
        logger.exception("subscription %s does not agree with the gateway", subscription.pk)


def _is_done(seen: SubscriptionSnapshot | None, subscription: Subscription, ask: Ask) -> bool:
    """By what the gateway says; a cancellation for later also by our own note of its answer."""
    if seen is None:
        return False
    return {
        "cancel_now": seen.state in FINAL,
        "cancel_at_end": seen.state in FINAL
        or seen.cancel_at_period_end
        or subscription.cancel_at_period_end,
        "keep": seen.state in FINAL
        or not (seen.cancel_at_period_end or subscription.cancel_at_period_end),
        "pause": seen.state in FINAL | {State.PAUSED},
        "resume": seen.state != State.PAUSED,
    }[ask]


def _is_overtaken(subscription: Subscription, ask_id: str) -> bool:
    mine = DueWork.objects.filter(key=_key(subscription, ask_id)).values_list("pk", flat=True)
    later = DueWork.objects.filter(key__startswith=_key(subscription, ""), pk__gt=mine.first() or 0)
    return later.exists()


def _key(subscription: Subscription, ask_id: str) -> str:
    return f"billing-ask:{subscription.pk}:{ask_id}"


def _able(subscription: Subscription, name: str) -> bool:
    if not subscription.gateway:
        return False
    return bool(getattr(gateway_of(subscription.gateway).capabilities, name))


def _cancel_here(
    subscription: Subscription, at_period_end: bool, actor_id: UUID | None, now: datetime
) -> Subscription:
    """Nobody debits it: our own row is all there is."""
    with transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=subscription.tenant_id)
        row = Subscription.objects.select_for_update().get(pk=subscription.pk)
        ends_at = row.trial_ends_at or row.current_period_end
        if row.state in FINAL:
            return row
        if at_period_end and ends_at is not None and now < ends_at:
            row.cancel_at_period_end = True
        else:
            row.state, row.state_changed_at = State.CANCELED, now
            row.access_until = ends_at
        row.save()
        tenant_event(tenant, "billing_cancel", actor_id=actor_id, now=now)
    return row
