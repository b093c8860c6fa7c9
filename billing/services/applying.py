"""What a gateway's word does: at most once, against our own rows, under the workspace's lock."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing.engine.access import grants
from billing.engine.lifecycle import (
    FINAL,
    KEEPS_PAID_TIME,
    Applied,
    Change,
    Facts,
    State,
    Undecided,
    differs,
    is_unpaid,
    paid_time_only,
    reduce,
)
from billing.errors import EventRefused, MalformedEvent, RemoteNotFound, UnknownGateway
from billing.gateways.base import Gateway, Observation
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, Checkout, CheckoutState, Payment, Subscription
from billing.services.charging import payment_add, payment_tell_odd
from billing.services.disputes import dispute_record
from billing.services.matching import (
    SWITCH,
    Parties,
    is_of_another_order,
    is_surplus,
    parties_check,
    parties_of,
    payments_apart,
)
from billing.services.refunds import refund_record, surplus_refund
from billing.services.subscriptions import (
    access_fact,
    change_of,
    facts_of,
    facts_write,
    remote_close_later,
    subscription_for,
)
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.inbox.services import event_settle
from marketing_platform.schedule.provisioning import workspace_prepare
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
PAID_TWICE = "this workspace was paid for already: refund it"
# A word that took longer may be overtaken by one that is lost: the gateway is asked. So it is
# about a word from the future, which would make all that follows look old.
LATE = timedelta(minutes=5)
# States of a gateway's subscription in which its mandate stands and nothing is owed yet.
BEFORE_FIRST_CHARGE = frozenset({State.INCOMPLETE, State.TRIALING, State.ACTIVE})


class SnapshotNeeded(Exception):
    """The event alone does not tell; read the gateway's present state and apply that."""


@dataclass(frozen=True)
class Outcome:
    """`odd`: payments by their remote id that are none of ours and were set aside for staff."""

    state: InboundState
    sentence: str
    tenant_id: UUID | None = None
    odd: tuple[str, ...] = ()


@public_context()
def event_apply(*, event_id: int, now: datetime) -> None:
    """Apply a stored event and write its outcome on it, in one transaction.

    Run again it does nothing. Raises GatewayUnavailable when a snapshot is needed and cannot be
    had: the work is then tried again later.
    """
    event = InboundEvent.objects.get(pk=event_id)
    if event.state != InboundState.STORED:
        return
    try:
        gateway = gateway_of(event.provider)
        observations = gateway.observe(event.payload)
        try:
            _apply_all(event_id, gateway, observations, now)
        except SnapshotNeeded:
            fetched = tuple(_fetch(gateway, observation) for observation in observations)
            _apply_all(event_id, gateway, fetched, now)
    except (EventRefused, MalformedEvent, UnknownGateway) as error:
        logger.error("billing event %s: %s", event.event_id, error.english)
        event_settle(event=event, state=InboundState.FAILED, outcome=error.english, now=now)


def _apply_all(
    event_id: int, gateway: Gateway, observations: tuple[Observation, ...], now: datetime
) -> None:
    with transaction.atomic():
        event = InboundEvent.objects.select_for_update().get(pk=event_id)
        if event.state != InboundState.STORED:
            return
        outcome = Outcome(InboundState.IGNORED, "we do not use this kind of event")
        for observation in observations:
            outcome = observation_apply(gateway_code=gateway.code, observation=observation, now=now)
        event_settle(
            event=event,
            state=outcome.state,
            outcome=outcome.sentence,
            now=now,
            tenant_id=outcome.tenant_id,
        )


def _fetch(gateway: Gateway, observation: Observation) -> Observation:
    try:
        if observation.subscription:
            return gateway.fetch_subscription(observation.subscription.remote_id)
        if observation.checkout:
            return gateway.fetch_checkout(observation.checkout.remote_id)
    except RemoteNotFound as error:
        raise EventRefused(reason="the gateway itself does not know it") from error
    return observation


def observation_apply(
    *, gateway_code: str, observation: Observation, now: datetime, is_routine: bool = False
) -> Outcome:
    """Apply one word of the gateway inside the caller's transaction.

    `is_routine`: nobody asked because of an event, so that a reading which tells nothing new writes
    nothing. Raises EventRefused (nothing may be kept) or SnapshotNeeded (roll back, fetch, call
    again).
    """
    found = parties_of(gateway_code, observation)
    if found is None:
        return Outcome(InboundState.IGNORED, "we started no such checkout or subscription")
    tenant = Tenant.objects.select_for_update().get(pk=found.tenant_id)
    # Again, now that nobody else moves this workspace's rows.
    parties = parties_of(gateway_code, observation)
    parties_check(parties, observation)
    observation, odd = payments_apart(gateway_code, parties, observation)
    if observation.subscription is None:
        sentence = _without_subscription(tenant, parties, observation, gateway_code, now)
    else:
        sentence = _with_subscription(
            tenant, parties, observation, gateway_code, now, is_routine=is_routine
        )
    for refund in observation.refunds:
        sentence = refund_record(gateway=gateway_code, tenant=tenant, snapshot=refund, now=now)
    for dispute in observation.disputes:
        sentence = dispute_record(gateway=gateway_code, tenant=tenant, snapshot=dispute, now=now)
    for one in odd:
        payment_tell_odd(tenant=tenant, gateway=gateway_code, snapshot=one, now=now)
    return Outcome(InboundState.APPLIED, sentence, tenant.pk, tuple(one.remote_id for one in odd))


def _with_subscription(
    tenant: Tenant,
    parties: Parties,
    observation: Observation,
    gateway: str,
    now: datetime,
    *,
    is_routine: bool,
) -> str:
    subscription = parties.subscription
    if subscription is None and not parties.is_surplus:
        if _waits_for_its_day(parties.checkout, observation, now):
            return _authorised(parties.checkout, now)
        subscription = _bind(parties.checkout, observation, now)
    if subscription is None:
        return _paid_twice(tenant, parties, observation, gateway, now)
    sentence = _reduce(subscription, observation, now, is_routine=is_routine)
    _payments_add(tenant, parties, subscription, observation, gateway, now)
    if parties.checkout:
        _checkout_paid(parties.checkout, subscription, now)
        _change_go_on(parties.checkout, now)
    if grants(access_fact(subscription), now):
        workspace_prepare(tenant=tenant, reason="paid", now=now)
    return sentence


def _without_subscription(
    tenant: Tenant, parties: Parties, observation: Observation, gateway: str, now: datetime
) -> str:
    """A page that is not paid yet, one payment by link, or news of a payment made before."""
    checkout = parties.checkout
    if checkout is None or observation.checkout is None:
        return "it speaks of a payment made before"
    is_one_payment = parties.is_link or checkout.purpose == SWITCH
    if not (is_one_payment and observation.payments):
        return _checkout_move(checkout, observation, now)
    live = Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES).first()
    if checkout.change is not None:
        live = checkout.change.subscription
    _payments_add(tenant, parties, live, observation, gateway, now)
    _checkout_paid(checkout, live, now)
    _change_go_on(checkout, now)
    return "the payment is counted"


def _bind(checkout: Checkout, observation: Observation, now: datetime) -> Subscription | None:
    """Join a paid checkout to a subscription row; None when the workspace is paid for already.

    Where the first charge comes later, the mandate is enough.
    """
    page, theirs = observation.checkout, observation.subscription
    is_paid = page is not None and page.state == CheckoutState.PAID and observation.payments
    is_promised = (
        checkout.starts_at is not None
        and theirs.state in BEFORE_FIRST_CHARGE
        and theirs.mandate is not None
        and theirs.mandate.state == "confirmed"
    )
    if not is_paid and not is_promised:
        if observation.is_authoritative:
            raise EventRefused(reason="nothing was paid for this subscription")
        raise SnapshotNeeded
    return subscription_for(checkout, theirs.remote_id, now)


def _waits_for_its_day(checkout: Checkout, observation: Observation, now: datetime) -> bool:
    """A switch at the end of the paid period: the old row serves until the new one is charged."""
    return (
        checkout.purpose == SWITCH
        and checkout.starts_at is not None
        and now < checkout.starts_at
        and not observation.payments
        and observation.subscription.state in BEFORE_FIRST_CHARGE
    )


def _authorised(checkout: Checkout, now: datetime) -> str:
    if checkout.change is not None:
        from billing.services.changing import change_authorised

        change_authorised(checkout.change, now)
    return "the new mandate waits for its day"


def _paid_twice(
    tenant: Tenant, parties: Parties, observation: Observation, gateway: str, now: datetime
) -> str:
    """Everything of it goes back, and it is ended where it was opened. Seen before
    (`is_surplus`), it was charged again at most."""
    _payments_add(tenant, parties, None, observation, gateway, now)
    remote_close_later(gateway, observation.subscription.remote_id)
    if not parties.is_surplus:
        _checkout_paid(parties.checkout, None, now)
        logger.error("workspace %s paid twice", tenant.slug)
    return PAID_TWICE


def _reduce(
    subscription: Subscription, observation: Observation, now: datetime, *, is_routine: bool
) -> str:
    facts = facts_of(subscription)
    is_reading = observation.is_authoritative
    change = change_of(observation.subscription, read_at=now if is_reading else None)
    outcome = reduce(facts, change)
    if isinstance(outcome, Undecided):
        raise SnapshotNeeded(outcome.reason)
    if not isinstance(outcome, Applied):
        return outcome.reason
    next_at = _next_attempt(subscription, observation)
    is_same = not differs(facts, change) and next_at == subscription.next_attempt_at
    if is_reading and is_routine and is_same:
        return "this is known already"
    is_far = not is_reading and abs(now - change.occurred_at) > LATE
    if is_far and outcome.facts.state not in FINAL:
        raise SnapshotNeeded("the event is not of now")
    after = _paid_time(subscription, observation, facts, change, outcome.facts)
    subscription.next_attempt_at = next_at
    facts_write(subscription, after, now)
    return f"the subscription is {outcome.facts.state}"


def _paid_time(
    subscription: Subscription,
    observation: Observation,
    before: Facts,
    change: Change,
    after: Facts,
) -> Facts:
    """At the end only what was paid for is used up. An event that ends a period of which no
    payment is known does not tell whether a charge was open: the gateway is asked."""
    if after.state not in KEEPS_PAID_TIME or after.access_until is None:
        return after
    known = subscription.payments.filter(needs_refund=False).values_list("period_end", flat=True)
    told = [one.period_end for one in observation.payments]
    paid_until = max((at for at in (*known, *told) if at is not None), default=None)
    is_covered = paid_until is None or paid_until >= after.access_until
    if not (is_covered or observation.is_authoritative or is_unpaid(before, change)):
        raise SnapshotNeeded("it ends in a period that may not be paid")
    return paid_time_only(before, change, after, paid_until)


def _next_attempt(subscription: Subscription, observation: Observation) -> datetime | None:
    """A reading tells it, or that there is none; an event may be old, so it only moves it later."""
    known, told = subscription.next_attempt_at, observation.subscription.next_attempt_at
    if observation.is_authoritative or known is None:
        return told
    return known if told is None else max(known, told)


def _payments_add(
    tenant: Tenant,
    parties: Parties,
    subscription: Subscription | None,
    observation: Observation,
    gateway: str,
    now: datetime,
) -> None:
    """Add what is not there yet. A payment that was counted for another order is refused."""
    for snapshot in observation.payments:
        known = Payment.objects.filter(gateway=gateway, remote_id=snapshot.remote_id).first()
        if known is None:
            goes_back = is_surplus(parties, subscription, snapshot.paid_at)
            payment = payment_add(
                tenant=tenant,
                subscription=subscription,
                checkout=parties.checkout,
                snapshot=snapshot,
                gateway=gateway,
                now=now,
                needs_refund=goes_back,
                remark=PAID_TWICE if goes_back else "",
            )
            if goes_back:
                surplus_refund(payment=payment, now=now)
            else:
                _time_give(payment)
        elif is_of_another_order(parties, known):
            raise EventRefused(reason="the payment was counted for another order")


def _time_give(payment: Payment) -> None:
    """A charge that crossed a cancellation is kept: then the time that it paid for is given too."""
    ended = Subscription.objects.filter(pk=payment.subscription_id, state__in=KEEPS_PAID_TIME)
    if payment.period_end is not None:
        earlier = Q(access_until=None) | Q(access_until__lt=payment.period_end)
        ended.filter(earlier).update(access_until=payment.period_end)


def _checkout_paid(checkout: Checkout, subscription: Subscription | None, now: datetime) -> None:
    """Paid beats every other state; the workspace's other open pages are set aside."""
    rows = Checkout.objects.filter(pk=checkout.pk)
    unpaid = rows.exclude(state=CheckoutState.PAID)
    # Looked at first: what agrees is read again every night, and nothing is to be written then.
    if unpaid.exists():
        unpaid.update(state=CheckoutState.PAID, settled_at=now)
    if subscription is not None and checkout.subscription_id != subscription.pk:
        rows.update(subscription=subscription)
    if checkout.purpose != "subscribe":
        return
    others = Checkout.objects.filter(
        tenant_id=checkout.tenant_id, state=CheckoutState.OPEN, purpose="subscribe"
    ).exclude(pk=checkout.pk)
    if others.exists():
        others.update(state=CheckoutState.SUPERSEDED, settled_at=now)


def _change_go_on(checkout: Checkout, now: datetime) -> None:
    """A switch of plan is paid: whoever made it goes on with it."""
    if checkout.purpose == SWITCH and checkout.change is not None:
        from billing.services.changing import change_paid

        change_paid(checkout.change, now)


def _checkout_move(checkout: Checkout, observation: Observation, now: datetime) -> str:
    """Declined, abandoned or expired: only an open checkout moves, so late words change nothing."""
    state = observation.checkout.state
    if state == CheckoutState.OPEN:
        return "the checkout is still open"
    if state == CheckoutState.PAID:
        if observation.is_authoritative:
            raise EventRefused(reason="it is called paid, but there is no subscription")
        raise SnapshotNeeded
    moved = Checkout.objects.filter(pk=checkout.pk, state=CheckoutState.OPEN).update(
        state=state, settled_at=now
    )
    return f"the checkout is {state}" if moved else "the checkout was settled before"
