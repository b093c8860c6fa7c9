"""Making our rows equal to the gateway's, whatever webhooks were lost. Twice is no harm."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from billing.errors import EventRefused, GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import Gateway, Observation
from billing.gateways.registry import gateway_of
from billing.models import (
    LIVE_STATES,
    Checkout,
    CheckoutState,
    Dispute,
    Payment,
    Refund,
    Subscription,
)
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.matching import parties_of
from billing.services.refunds import ASK_AFTER, refund_look, refund_run
from billing.services.staff_notices import staff_tell
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
# Charges that are left of a subscription with a finite number of them, before we say so.
FEW_CHARGES = 2
# Pages that are neither paid nor forgotten by the gateway.
UNSETTLED = (
    CheckoutState.OPEN,
    CheckoutState.SUPERSEDED,
    CheckoutState.ABANDONED,
    CheckoutState.DECLINED,
)
PAGES_FOR = timedelta(days=3)
# A customer's bank may send a refund back this long after the gateway called it processed.
COMES_BACK_FOR = timedelta(days=30)


@dataclass
class Report:
    """`changed` and the others name the gateway's ids. `unanswered`: to be asked again. `odd`:
    payments that are none of ours."""

    gateway: str
    asked: int = 0
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    ending: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.gateway}: {self.asked} asked, {len(self.changed)} changed, "
            f"{len(self.missing)} unknown there, {len(self.refused)} refused, "
            f"{len(self.unanswered)} unanswered, {len(self.ending)} with few charges left, "
            f"{len(self.odd)} odd"
        )


@public_context()
def reconcile(*, gateway_code: str, since: datetime, now: datetime) -> Report:
    """Read everything of ours that may have changed since then, and apply it as webhooks would.

    What agrees already is not written. One that cannot be read does not hold up the others.
    """
    gateway = gateway_of(gateway_code)
    report = Report(gateway_code)
    for remote_id in _subscriptions(gateway, since):
        _one(report, remote_id, lambda: gateway.fetch_subscription(remote_id), now)  # noqa: B023
    for remote_id in _pages(gateway_code, now):
        _one(report, remote_id, lambda: gateway.fetch_checkout(remote_id), now)  # noqa: B023
    for refund in _refunds(gateway_code):
        _refund(report, refund, now)
    for refund in _may_come_back(gateway_code, now):
        _refund_again(report, refund, now)
    logger.info("reconciled %s", report.line())
    return report


def _subscriptions(gateway: Gateway, since: datetime) -> Iterator[str]:
    """What the gateway names, and every live row of ours: it does not name what has no event."""
    named = dict.fromkeys(gateway.changed_since(since))
    rows = Subscription.objects.filter(gateway=gateway.code, state__in=LIVE_STATES)
    named |= dict.fromkeys(rows.values_list("gateway_subscription_id", flat=True))
    yield from named


def _pages(gateway_code: str, now: datetime) -> list[str]:
    rows = Checkout.objects.filter(gateway=gateway_code, state__in=UNSETTLED)
    rows = rows.filter(created_at__gte=now - PAGES_FOR).exclude(remote_id="")
    return list(rows.values_list("remote_id", flat=True))


def _refunds(gateway_code: str) -> list[Refund]:
    rows = Refund.objects.filter(payment__gateway=gateway_code, state="asked")
    return list(rows.order_by("created_at"))


def _may_come_back(gateway_code: str, now: datetime) -> list[Refund]:
    rows = Refund.objects.filter(payment__gateway=gateway_code, state="processed")
    rows = rows.filter(settled_at__gte=now - COMES_BACK_FOR).exclude(remote_id="")
    return list(rows.select_related("payment", "tenant").order_by("created_at"))


def _one(report: Report, remote_id: str, fetch: Callable[[], Observation], now: datetime) -> None:
    report.asked += 1
    try:
        observation = fetch()
        _apply(report, remote_id, observation, now)
    except GatewayUnavailable:
        report.unanswered.append(remote_id)
    except RemoteNotFound:
        report.missing.append(remote_id)
    except GatewayRefused:
        logger.error("%s does not let us read %s", report.gateway, remote_id)
        report.unanswered.append(remote_id)
    except (EventRefused, SnapshotNeeded) as error:
        logger.error("%s %s does not agree with us: %s", report.gateway, remote_id, error)
        report.refused.append(remote_id)
        if isinstance(error, EventRefused):
            _tell_refused(report, remote_id, error)


def _tell_refused(report: Report, remote_id: str, error: EventRefused) -> None:
    """To staff, once for each: money may have been taken that nothing here answers for."""
    staff_tell(
        subject=f"{report.gateway}: {remote_id} does not agree with us",
        text=f"{remote_id} at {report.gateway}: {error.english} Nothing of it was applied.",
        key=f"billing-staff-refused:{report.gateway}:{remote_id}",
    )


def _apply(report: Report, remote_id: str, observation: Observation, now: datetime) -> None:
    with transaction.atomic():
        parties = parties_of(report.gateway, observation)
        if parties is None:
            return
        before = _rows(parties.tenant_id)
        outcome = observation_apply(
            gateway_code=report.gateway, observation=observation, now=now, is_routine=True
        )
        report.odd += outcome.odd
        if _rows(parties.tenant_id) != before:
            report.changed.append(remote_id)
    left = observation.subscription.remaining_count if observation.subscription else None
    if left is not None and left <= FEW_CHARGES:
        logger.warning("%s %s has %s charges left", report.gateway, remote_id, left)
        report.ending.append(remote_id)


def _rows(tenant_id: UUID) -> list[tuple[object, ...]]:
    """All that one reading may alter, of one workspace."""
    return [
        row
        for model in (Subscription, Checkout, Payment, Refund, Dispute)
        for row in model.objects.filter(tenant_id=tenant_id).order_by("pk").values_list()
    ]


def _refund(report: Report, refund: Refund, now: datetime) -> None:
    report.asked += 1
    state = refund.state
    try:
        after = refund_run(refund_id=str(refund.pk), turn=len(ASK_AFTER), now=now)
    except GatewayUnavailable:
        report.unanswered.append(str(refund.pk))
        return
    if after.state != state:
        report.changed.append(str(refund.pk))


def _refund_again(report: Report, refund: Refund, now: datetime) -> None:
    report.asked += 1
    try:
        if refund_look(refund=refund, now=now):
            report.changed.append(str(refund.pk))
    except GatewayUnavailable:
        report.unanswered.append(str(refund.pk))
