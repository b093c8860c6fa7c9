"""Late money, day by day: what is said and done for one workspace, each step once.

Before a customer of a gateway is told anything, the gateway is asked: a payment whose webhook was
lost ends the matter, and while the gateway tries again by itself nobody is troubled. A step is a
row first; the message is due work in the same transaction, so it is sent once it is on record.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction

from billing.engine.access import GRACE
from billing.engine.dunning import (
    FAILED_PAYMENT,
    OPEN_INVOICE,
    SHOWN_ON_TOP,
    Ladder,
    Step,
    step_next,
    suspends_at,
)
from billing.engine.lifecycle import State
from billing.errors import GatewayRefused, GatewayUnavailable, RemoteNotFound
from billing.gateways.base import SubscriptionSnapshot
from billing.gateways.registry import gateway_of
from billing.models import LIVE_STATES, DunningStep, Payment, Subscription, TaxDocument
from billing.selectors.documents import open_paise
from billing.selectors.dunning import (
    due_again_on,
    late_subscriptions,
    open_episodes,
    open_invoices,
    steps_done,
    tenants_to_look_at,
    waits_for_staff,
)
from billing.services.dunning_messages import language_of, step_tell
from marketing_platform.core import clock
from marketing_platform.schedule.changed import workspace_changed
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
STILL_LATE = frozenset({State.PAST_DUE, State.SUSPENDED})


@dataclass(frozen=True)
class Episode:
    """One unpaid charge or invoice. `amount_paise` is with GST."""

    ladder: Ladder
    began_at: datetime
    amount_paise: int
    subscription: Subscription | None = None
    document: TaxDocument | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)
    held_until: datetime | None = None

    @property
    def suspends_at(self) -> datetime:
        return suspends_at(self.ladder, began_at=self.began_at, done=self.done)

    def step(self, now: datetime) -> Step | None:
        return step_next(
            self.ladder,
            began_at=self.began_at,
            done=self.done,
            now=now,
            held_until=self.held_until,
        )


@public_context()
def dunning_tick(now: datetime) -> int:
    """All workspaces with late money; how many steps were done. One that fails stops no other."""
    count = 0
    for tenant in tenants_to_look_at(now=now):
        try:
            count += dunning_run(tenant=tenant, now=now)
        except (GatewayUnavailable, GatewayRefused):
            logger.warning("no dunning for %s today: its gateway did not answer", tenant.slug)
    return count


@public_context()
def dunning_run(*, tenant: Tenant, now: datetime) -> int:
    """The steps of one workspace that are due; how many were done. Run again it does nothing.

    A gateway that does not answer holds up its own subscription only. Raises GatewayUnavailable or
    GatewayRefused after the others: then it is tried again later.
    """
    count = sum(_over(tenant, row, now) for row in open_episodes(tenant))
    unanswered: GatewayUnavailable | GatewayRefused | None = None
    for subscription in late_subscriptions(tenant):
        try:
            count += _step(tenant, _of_subscription(subscription, now), now)
        except (GatewayUnavailable, GatewayRefused) as error:
            unanswered = error
    for document in open_invoices(tenant, now=now):
        if not waits_for_staff(document):
            count += _step(tenant, _of_document(document), now)
    if unanswered is not None:
        raise unanswered
    return count


def _step(tenant: Tenant, episode: Episode | None, now: datetime) -> int:
    step = None if episode is None else episode.step(now)
    return 0 if episode is None or step is None else _do(tenant, episode, step, now)


def _of_document(document: TaxDocument) -> Episode:
    began_at = datetime.combine(due_again_on(document), time(0), clock.IST)
    rows = [row for row in steps_done(document=document) if row.episode_at == began_at]
    return Episode(
        ladder=OPEN_INVOICE,
        began_at=began_at,
        amount_paise=open_paise(document),
        document=document,
        done={row.step: row.done_at for row in rows},
    )


def _of_subscription(subscription: Subscription, now: datetime) -> Episode | None:
    """None when there is nothing to say today, or when the gateway tells that it was paid."""
    began_at, done = _began(subscription)
    known = Episode(FAILED_PAYMENT, began_at, 0, subscription=subscription, done=done)
    if known.step(now) is None:
        return None
    snapshot = _ask(subscription, now)
    if snapshot is None:
        return None
    return Episode(
        ladder=FAILED_PAYMENT,
        began_at=began_at,
        amount_paise=snapshot.charge.amount_paise,
        subscription=subscription,
        done=done,
        held_until=snapshot.next_attempt_at,
    )


def _began(subscription: Subscription) -> tuple[datetime, dict[str, datetime]]:
    """The beginning of the present episode and its steps.

    An older word of the gateway may move `past_due_since` back; the episode stays the one that was
    spoken of, unless a payment lies between the two.
    """
    since = subscription.past_due_since or subscription.state_changed_at
    rows = steps_done(subscription=subscription)
    last = rows[-1] if rows else None
    if last is None or last.step in {"recovered", "ended"}:
        return since, {}
    paid = Payment.objects.filter(subscription=subscription, paid_at__gt=last.episode_at)
    if paid.filter(paid_at__lte=since).exists():
        return since, {}
    mine = [row for row in rows if row.episode_at == last.episode_at]
    return last.episode_at, {row.step: row.done_at for row in mine}


def _ask(subscription: Subscription, now: datetime) -> SubscriptionSnapshot | None:
    """What the gateway says now; None when it is not late there, and our row is then set right."""
    from billing.services.subscriptions import subscription_refresh

    gateway = gateway_of(subscription.gateway)
    try:
        snapshot = gateway.fetch_subscription(subscription.gateway_subscription_id).subscription
    except RemoteNotFound:
        logger.error("the gateway no longer knows subscription %s", subscription.pk)
        return None
    if snapshot is None or snapshot.state not in STILL_LATE:
        subscription_refresh(subscription_id=subscription.pk, now=now)
        return None
    if snapshot.next_attempt_at != subscription.next_attempt_at:
        rows = Subscription.objects.filter(pk=subscription.pk)
        rows.update(next_attempt_at=snapshot.next_attempt_at)
    return snapshot


def _do(tenant: Tenant, episode: Episode, step: Step, now: datetime) -> int:
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        if not _is_open(episode):
            return 0
        row, is_new = DunningStep.objects.get_or_create(
            subscription=episode.subscription,
            document=episode.document,
            episode_at=episode.began_at,
            step=step,
            defaults={"tenant": tenant, "language": language_of(tenant), "done_at": now},
        )
        if not is_new:
            return 0
        ends_at = suspends_at(
            episode.ladder, began_at=episode.began_at, done={**episode.done, step: now}
        )
        if episode.document is not None:
            _lower(tenant, step, ends_at, now)
        step_tell(tenant, row, amount_paise=episode.amount_paise, ends_at=ends_at, now=now)
    return 1


def _is_open(episode: Episode) -> bool:
    """Looked at again under the workspace's lock: it may have been paid meanwhile."""
    if episode.document is not None:
        return open_paise(episode.document) > 0
    rows = Subscription.objects.filter(pk=episode.subscription.pk, state__in=STILL_LATE)
    return rows.exists()


def _lower(tenant: Tenant, step: Step, ends_at: datetime, now: datetime) -> None:
    """An overdue invoice is past due on every page, and at the end suspends the workspace.

    `past_due_since` is put so that access ends on the day that the messages name, with or without
    the last step.
    """
    rows = Subscription.objects.select_for_update().filter(
        tenant=tenant, gateway="", state__in=LIVE_STATES
    )
    row = rows.first()
    if row is None:
        return
    if step in SHOWN_ON_TOP and row.state in {State.ACTIVE, State.PAST_DUE}:
        since = ends_at - GRACE
        begun = row.past_due_since if row.state == State.PAST_DUE else None
        _move(row, State.PAST_DUE, since if begun is None else min(begun, since), now)
    if step == Step.LAST_CALL and row.state == State.PAST_DUE:
        _move(row, State.PAST_DUE, ends_at - GRACE, now)
    if step == Step.SUSPENDED:
        _move(row, State.SUSPENDED, row.past_due_since, now)


def _move(row: Subscription, state: State, since: datetime | None, now: datetime) -> None:
    if row.state != state:
        row.state_changed_at = now
    row.state, row.past_due_since = state, since
    row.save(update_fields=["state", "past_due_since", "state_changed_at"])
    workspace_changed(tenant=row.tenant, now=now)


def _over(tenant: Tenant, last: DunningStep, now: datetime) -> int:
    """End an episode whose money arrived, or whose subscription is no more."""
    ending = _ending(last)
    if ending is None:
        return 0
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        if _ending(last) != ending:
            return 0
        row, is_new = DunningStep.objects.get_or_create(
            subscription_id=last.subscription_id,
            document_id=last.document_id,
            episode_at=last.episode_at,
            step=ending,
            defaults={"tenant": tenant, "language": language_of(tenant), "done_at": now},
        )
        if last.document_id:
            _raise(tenant, now)
        # Who was only told that an invoice comes due needs no thanks.
        if is_new and ending == Step.RECOVERED and last.step not in {Step.DUE_SOON, Step.DUE}:
            step_tell(tenant, row, amount_paise=0, ends_at=now, now=now)
    return int(is_new)


def _ending(last: DunningStep) -> str | None:
    if last.document is not None:
        return None if open_paise(last.document) > 0 else Step.RECOVERED
    subscription = Subscription.objects.get(pk=last.subscription_id)
    if subscription.state in STILL_LATE:
        return None
    return Step.RECOVERED if subscription.state == State.ACTIVE else "ended"


def _raise(tenant: Tenant, now: datetime) -> None:
    """Back to active once no invoice is overdue that long any more."""
    late = {
        row.document_id
        for row in open_episodes(tenant)
        if row.document_id and row.step in {*SHOWN_ON_TOP, Step.SUSPENDED}
    }
    still = [row for row in TaxDocument.objects.filter(pk__in=late) if open_paise(row) > 0]
    rows = Subscription.objects.select_for_update().filter(
        tenant=tenant, gateway="", state__in=STILL_LATE
    )
    row = rows.first()
    if row is not None and not still:
        _move(row, State.ACTIVE, None, now)


def money_arrived(*, tenant: Tenant, now: datetime) -> int:
    """Called when an invoice is settled: ends its episode at once instead of tomorrow morning."""
    with public_context():
        return sum(_over(tenant, row, now) for row in open_episodes(tenant))
