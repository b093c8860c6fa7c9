"""Changing what a workspace pays: month and year, versions of the price.

Our row is written first, then the gateway is asked, then the answer is recorded; work queued with
the row finishes what a crash left. Two ways:

- in place (the gateway prorates): the price of the subscription is raised and the difference is
  charged as previewed;
- switch: a new subscription with a mandate of its own. Only when that is charged (or, for a cheaper
  price, when it is authorised for the end of the paid period) the old one is ended, and what is
  unused of it goes back with a credit note.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from billing.engine.access import GRACE
from billing.engine.prices import Interval
from billing.errors import ChangeNotPossible, ChangeUnderWay, FiguresChanged
from billing.gateways.registry import gateway_of
from billing.models import OPEN_CHANGES, Checkout, PlanChange, Subscription
from billing.services.asking import cancel_ask, keep_ask, pause_ask, reactivate, resume_ask
from billing.services.change_steps import (
    bridge,
    change_authorised,
    change_paid,
    close_new,
    finish_switch,
    follow_later,
    give_up,
    in_place,
    prepare_end,
    record,
    take_over,
)
from billing.services.checkouts import LIFETIME, checkout_refresh, page_open
from billing.services.matching import SWITCH
from billing.services.previewing import (
    Preview,
    change_preview,
    mandate_preview,
    possible_check,
)
from marketing_platform.core.errors import InvalidInput
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

__all__ = [
    "Preview",
    "cancel_ask",
    "change_abandon",
    "change_authorised",
    "change_follow",
    "change_paid",
    "change_preview",
    "change_start",
    "keep_ask",
    "mandate_renew",
    "pause_ask",
    "reactivate",
    "resume_ask",
]
# How long the figures that somebody looks at are kept to.
FIGURES_HOLD = timedelta(minutes=30)
# A price change at the gateway that was not paid by then is given up there as well.
UNPAID_ENDS = timedelta(hours=24)


@public_context()
def change_start(
    *,
    subscription: Subscription,
    interval: str,
    at: datetime,
    seen_paise: int,
    return_url: str,
    actor_id: UUID | None,
    now: datetime,
) -> PlanChange:
    """Begin the change that was previewed at `at` with `seen_paise` charged now.

    A switch has an open checkout (`change.checkouts`) whose url the customer goes to; a change in
    place is done, or waits for the customer's approval, or is asked again by the work behind it.
    Raises FiguresChanged, ChangeUnderWay, ChangeNotPossible, NothingToChange, GatewayUnavailable
    (of a switch: begin again, the page is the same).
    """
    if interval not in set(Interval):
        raise InvalidInput(field="interval")
    if not now - FIGURES_HOLD <= at <= now:
        raise FiguresChanged
    subscription = Subscription.objects.select_related("tenant", "plan_version__plan").get(
        pk=subscription.pk
    )
    preview = change_preview(subscription=subscription, interval=interval, now=at)
    if preview.charged_paise != seen_paise:
        raise FiguresChanged
    change = _begin(subscription, preview, return_url, actor_id, now)
    if preview.way == "in_place":
        return in_place(change, now)
    if preview.needs_mandate:
        _page_show(change, now)
    return change


@public_context()
def mandate_renew(
    *, subscription: Subscription, return_url: str, actor_id: UUID | None, now: datetime
) -> PlanChange:
    """Another card, account or UPI app for the same plan: a switch at the end of the paid period,
    with an open checkout. The present mandate serves until the new one is agreed to.

    A second click goes on with the first. Raises ChangeUnderWay, ChangeNotPossible,
    GatewayUnavailable, GatewayRefused.
    """
    subscription = Subscription.objects.select_related("tenant", "plan_version__plan").get(
        pk=subscription.pk
    )
    preview = mandate_preview(subscription=subscription, now=now)
    under_way = subscription.changes.filter(state="awaiting_mandate").first()
    if under_way is not None and _is_renewal(under_way, preview):
        change = under_way
    else:
        change = _begin(subscription, preview, return_url, actor_id, now)
    _page_show(change, now)
    return change


def _is_renewal(change: PlanChange, preview: Preview) -> bool:
    return (change.interval, change.price_paise, change.effective_at) == (
        preview.interval,
        preview.price_paise,
        preview.effective_at,
    )


def _page_show(change: PlanChange, now: datetime) -> None:
    page = change.checkouts.select_related("tenant", "plan_version__plan", "change").get()
    page_open(gateway=gateway_of(page.gateway), checkout=page, now=now)


def _begin(
    subscription: Subscription,
    preview: Preview,
    return_url: str,
    actor_id: UUID | None,
    now: datetime,
) -> PlanChange:
    """The change's row with its work; the very same one that is under way is answered again."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=subscription.tenant_id)
        row = Subscription.objects.select_for_update().get(pk=subscription.pk)
        possible_check(row)
        under_way = row.changes.filter(state__in=OPEN_CHANGES).first()
        if under_way is not None:
            if _is_same(under_way, preview):
                return under_way
            raise ChangeUnderWay
        change = PlanChange.objects.create(
            tenant_id=row.tenant_id,
            subscription=row,
            plan_version=preview.plan_version,
            interval=preview.interval,
            state=_first_state(preview),
            credit_paise=preview.credit_paise,
            price_paise=preview.price_paise,
            due_paise=preview.due_paise if preview.way == "in_place" else 0,
            due_with_tax_paise=preview.charged_paise if preview.way == "in_place" else 0,
            computed_at=preview.computed_at,
            effective_at=preview.effective_at,
            actor_id=actor_id,
        )
        if preview.way == "relabel":
            take_over(row, change, now)
            return change
        if preview.needs_mandate:
            _page_add(change, row, preview, return_url, actor_id, now)
        follow_later(change, 0, now)
    return change


def _is_same(change: PlanChange, preview: Preview) -> bool:
    return (
        change.interval == preview.interval
        and change.plan_version_id == preview.plan_version.pk
        and change.price_paise == preview.price_paise
        and change.computed_at == preview.computed_at
    )


def _first_state(preview: Preview) -> str:
    return "awaiting_mandate" if preview.needs_mandate else "switching"


def _page_add(
    change: PlanChange,
    subscription: Subscription,
    preview: Preview,
    return_url: str,
    actor_id: UUID | None,
    now: datetime,
) -> Checkout:
    return Checkout.objects.create(
        tenant_id=change.tenant_id,
        plan_version=preview.plan_version,
        interval=preview.interval,
        base_paise=preview.price_paise,
        tax_paise=preview.price_with_tax_paise - preview.price_paise,
        amount_paise=preview.price_with_tax_paise,
        purpose=SWITCH,
        change=change,
        starts_at=preview.effective_at if preview.way == "later" else None,
        gateway=subscription.gateway,
        return_url=return_url,
        user_id=actor_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )


@public_context()
def change_follow(*, change_id: str, turn: int, now: datetime) -> PlanChange:
    """Finish what was begun, as far as it can be now, and come again. Run again it is no harm.

    Raises GatewayUnavailable: the work is then tried again later.
    """
    change = PlanChange.objects.select_related("subscription__plan_version__plan").get(pk=change_id)
    if change.state not in OPEN_CHANGES:
        return change
    page = change.checkouts.select_related("tenant", "plan_version__plan", "change").last()
    if page is None:
        _follow_in_place(change, now)
    elif change.state == "switching":
        finish_switch(change, now)
    else:
        _follow_page(change, page, now)
    change.refresh_from_db()
    if change.state in OPEN_CHANGES:
        follow_later(change, turn + 1, now)
    return change


def _follow_in_place(change: PlanChange, now: datetime) -> None:
    is_too_old = now >= change.computed_at + UNPAID_ENDS
    if change.state == "switching" and not is_too_old:
        in_place(change, now)
        return
    subscription = change.subscription
    observation = gateway_of(subscription.gateway).fetch_subscription(
        subscription.gateway_subscription_id
    )
    if record(change, observation, now).state in OPEN_CHANGES and is_too_old:
        give_up(change, now)


def _follow_page(change: PlanChange, page: Checkout, now: datetime) -> None:
    if change.state == "scheduled":
        prepare_end(change, now)
        bridge(change, now)
        if now < change.effective_at:
            return
    checkout_refresh(checkout=page, now=now)
    page.refresh_from_db()
    change.refresh_from_db()
    if change.state == "awaiting_mandate" and page.state in {"expired", "superseded"}:
        give_up(change, now)
    elif change.state == "scheduled" and now >= change.effective_at + GRACE:
        close_new(change, page)
        give_up(change, now)
    elif change.state == "switching":
        finish_switch(change, now)


@public_context()
def change_abandon(*, change: PlanChange, now: datetime) -> PlanChange:
    """The customer takes a change back that is not paid: the old price goes on as before.

    Raises ChangeNotPossible for one that is done or being charged, GatewayRefused where the
    gateway cannot take a cancellation back.
    """
    page = change.checkouts.last()
    if change.state not in {"awaiting_mandate", "scheduled"} or page is None:
        raise ChangeNotPossible
    if page.remote_id:
        page = checkout_refresh(checkout=page, now=now)
        change.refresh_from_db()
    old = Subscription.objects.get(pk=change.subscription_id)
    if change.state == "scheduled" and old.cancel_at_period_end:
        keep_ask(subscription=old, actor_id=change.actor_id, now=now)
    if change.state not in {"awaiting_mandate", "scheduled"}:
        raise ChangeNotPossible
    close_new(change, page)
    give_up(change, now)
    change.refresh_from_db()
    return change
