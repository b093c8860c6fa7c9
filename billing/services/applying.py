"""What a gateway's word does: at most once, against our own rows, under the workspace's lock."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.engine.access import grants
from billing.engine.lifecycle import FINAL, Applied, Undecided, reduce
from billing.errors import EventRefused, MalformedEvent, RemoteNotFound, UnknownGateway
from billing.gateways.base import Gateway, Observation, PaymentSnapshot
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, Checkout, CheckoutState, Payment, Subscription
from billing.services.matching import Parties, parties_check, parties_of, split_of
from billing.services.subscriptions import (
    access_fact,
    change_of,
    facts_of,
    facts_write,
    subscription_for,
)
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.inbox.services import event_settle
from marketing_platform.schedule.provisioning import workspace_prepare
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
PAID_TWICE = "this workspace was paid for already: refund it"


class SnapshotNeeded(Exception):
    """The event alone does not tell; read the gateway's present state and apply that."""


@dataclass(frozen=True)
class Outcome:
    state: InboundState
    sentence: str
    tenant_id: UUID | None = None


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
        return gateway.fetch_checkout(observation.checkout.remote_id)
    except RemoteNotFound as error:
        raise EventRefused(reason="the gateway itself does not know it") from error


def observation_apply(*, gateway_code: str, observation: Observation, now: datetime) -> Outcome:
    """Apply one word of the gateway inside the caller's transaction.

    Raises EventRefused (nothing may be kept) or SnapshotNeeded (roll back, fetch, call again).
    """
    found = parties_of(gateway_code, observation)
    if found is None:
        return Outcome(InboundState.IGNORED, "we started no such checkout or subscription")
    tenant = Tenant.objects.select_for_update().get(pk=found.tenant_id)
    # Again, now that nobody else moves this workspace's rows.
    parties = parties_of(gateway_code, observation)
    parties_check(parties, observation)
    if observation.subscription is None:
        sentence = _checkout_move(parties.checkout, observation, now)
        return Outcome(InboundState.APPLIED, sentence, tenant.pk)
    subscription = parties.subscription or _bind(parties.checkout, observation, now)
    if subscription is None:
        _payments_add(tenant, parties, None, observation, now)
        _checkout_paid(parties.checkout, None, now)
        logger.error("workspace %s paid twice", tenant.slug)
        return Outcome(InboundState.APPLIED, PAID_TWICE, tenant.pk)
    sentence = _reduce(subscription, observation, now)
    _payments_add(tenant, parties, subscription, observation, now)
    if parties.checkout:
        _checkout_paid(parties.checkout, subscription, now)
    if grants(access_fact(subscription), now):
        workspace_prepare(tenant=tenant, reason="paid", now=now)
    return Outcome(InboundState.APPLIED, sentence, tenant.pk)


def _bind(checkout: Checkout, observation: Observation, now: datetime) -> Subscription | None:
    """Join a paid checkout to a subscription row; None when the workspace is paid for already."""
    if observation.checkout.state != CheckoutState.PAID or not observation.payments:
        if observation.is_authoritative:
            raise EventRefused(reason="nothing was paid for this subscription")
        raise SnapshotNeeded
    return subscription_for(checkout, observation.subscription.remote_id, now)


def _reduce(subscription: Subscription, observation: Observation, now: datetime) -> str:
    outcome = reduce(
        facts_of(subscription),
        change_of(observation.subscription),
        is_authoritative=observation.is_authoritative,
    )
    if isinstance(outcome, Undecided):
        raise SnapshotNeeded(outcome.reason)
    if isinstance(outcome, Applied):
        facts_write(subscription, outcome.facts, now)
        return f"the subscription is {outcome.facts.state}"
    return outcome.reason


def _payments_add(
    tenant: Tenant,
    parties: Parties,
    subscription: Subscription | None,
    observation: Observation,
    now: datetime,
) -> None:
    """Add what is not there yet. A payment that was counted for another order is refused."""
    gateway = (parties.checkout or parties.subscription).gateway
    is_surplus = subscription is None or (
        subscription.state in FINAL and _has_other_live(tenant, subscription)
    )
    for payment in observation.payments:
        known = Payment.objects.filter(gateway=gateway, remote_id=payment.remote_id).first()
        if known is None:
            _payment_create(tenant, parties, subscription, payment, is_surplus, gateway, now)
        elif known.tenant_id != tenant.pk or (
            parties.checkout and known.checkout_id != parties.checkout.pk
        ):
            raise EventRefused(reason="the payment was counted for another order")


def _payment_create(
    tenant: Tenant,
    parties: Parties,
    subscription: Subscription | None,
    payment: PaymentSnapshot,
    is_surplus: bool,
    gateway: str,
    now: datetime,
) -> None:
    split = split_of(parties)
    Payment.objects.create(
        tenant=tenant,
        subscription=subscription,
        checkout=parties.checkout,
        gateway=gateway,
        remote_id=payment.remote_id,
        base_paise=split.base.paise,
        tax_paise=split.tax.paise,
        amount_paise=split.total.paise,
        currency=payment.currency,
        needs_refund=is_surplus,
        remark=PAID_TWICE if is_surplus else "",
        paid_at=payment.paid_at,
        created_at=now,
    )


def _has_other_live(tenant: Tenant, subscription: Subscription) -> bool:
    rows = Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES)
    return rows.exclude(pk=subscription.pk).exists()


def _checkout_paid(checkout: Checkout, subscription: Subscription | None, now: datetime) -> None:
    """Paid beats every other state; the workspace's other open pages are set aside."""
    Checkout.objects.filter(pk=checkout.pk).exclude(state=CheckoutState.PAID).update(
        state=CheckoutState.PAID, settled_at=now
    )
    if subscription is not None:
        Checkout.objects.filter(pk=checkout.pk).update(subscription=subscription)
    others = Checkout.objects.filter(tenant_id=checkout.tenant_id, state=CheckoutState.OPEN)
    others.exclude(pk=checkout.pk).update(state=CheckoutState.SUPERSEDED, settled_at=now)


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
