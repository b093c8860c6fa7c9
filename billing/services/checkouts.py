"""Opening a pay page once, and asking the gateway what became of it."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing.engine.prices import Interval, charge_of
from billing.errors import AlreadyPaid, EventRefused, RemoteNotFound
from billing.gateways.base import CheckoutRequest, Gateway
from billing.gateways.registry import default_gateway, gateway_of
from billing.models import LIVE_STATES, Checkout, CheckoutState, PlanVersion, Subscription
from billing.selectors import plan_version_current
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.matching import checkout_charge
from billing.services.subscriptions import is_covered
from marketing_platform.core.errors import InvalidInput
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
LIFETIME = timedelta(hours=24)
# When no webhook came: ask after two minutes, then more and more rarely, last after its lifetime.
ASK_AFTER = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=2),
    LIFETIME + timedelta(minutes=5),
)
ASK_EVERY = timedelta(seconds=3)


@public_context()
def checkout_start(
    *, tenant: Tenant, interval: str, user_id: UUID, return_url: str, now: datetime
) -> Checkout:
    """The workspace's open checkout for this interval, with the gateway's `url`.

    A second click or tab gets the same one. The row is written before the gateway is called, and
    its id is the call's idempotency key, so that a lost answer costs nothing. Raises AlreadyPaid,
    PlanNotOnSale, NoGateway, GatewayUnavailable or GatewayRefused.
    """
    if interval not in set(Interval):
        raise InvalidInput(field="interval")
    gateway = default_gateway()
    terms = {"interval": interval, "return_url": return_url, "gateway": gateway.code}
    checkout = _open(tenant, terms, user_id, now)
    if checkout.remote_id:
        # A page opened earlier may be paid, left or forgotten by now.
        checkout = checkout_refresh(checkout=checkout, now=now)
        if checkout.state == CheckoutState.OPEN:
            return checkout
        checkout = _open(tenant, terms, user_id, now)
    return _start(gateway, checkout)


def _start(gateway: Gateway, checkout: Checkout) -> Checkout:
    started = gateway.start_checkout(
        CheckoutRequest(
            reference=str(checkout.pk),
            charge=checkout_charge(checkout),
            return_url=checkout.return_url,
        )
    )
    Checkout.objects.filter(pk=checkout.pk, remote_id="").update(
        remote_id=started.remote_id, url=started.url
    )
    checkout.refresh_from_db()
    return checkout


def _open(tenant: Tenant, terms: dict[str, str], user_id: UUID, now: datetime) -> Checkout:
    """The open row on exactly these terms, or a new one in its place."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        live = Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES).first()
        if live is not None and is_covered(live, now):
            raise AlreadyPaid
        version = plan_version_current(tenant.tier, now=now)
        rows = Checkout.objects.select_related("plan_version__plan")
        open_row = rows.filter(
            tenant=tenant, interval=terms["interval"], state=CheckoutState.OPEN
        ).first()
        if open_row is not None:
            if _is_on(open_row, terms, version, now):
                return open_row
            open_row.state = CheckoutState.SUPERSEDED
            open_row.settled_at = now
            open_row.save(update_fields=["state", "settled_at"])
        return _create(tenant, terms, version, user_id, now)


def _is_on(row: Checkout, terms: dict[str, str], version: PlanVersion, now: datetime) -> bool:
    kept = {name: getattr(row, name) for name in terms}
    return kept == terms and row.plan_version_id == version.pk and now < row.expires_at


def _create(
    tenant: Tenant, terms: dict[str, str], version: PlanVersion, user_id: UUID, now: datetime
) -> Checkout:
    split = charge_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=terms["interval"],
    )
    checkout = Checkout.objects.create(
        tenant=tenant,
        plan_version=version,
        base_paise=split.base.paise,
        tax_paise=split.tax.paise,
        amount_paise=split.total.paise,
        user_id=user_id,
        created_at=now,
        expires_at=now + LIFETIME,
        **terms,
    )
    _ask_later(checkout, turn=0)
    return checkout


def _ask_later(checkout: Checkout, *, turn: int) -> None:
    work_schedule(
        task="billing.refresh_checkout",
        arguments={"checkout_id": str(checkout.pk), "turn": turn},
        due_at=checkout.created_at + ASK_AFTER[turn],
        key=f"billing-checkout:{checkout.pk}:{turn}",
        queue="billing",
    )


@public_context()
def checkout_refresh(*, checkout: Checkout, now: datetime) -> Checkout:
    """Read the checkout at the gateway and apply what it says, as a webhook would.

    A page that the gateway has forgotten, or that grew too old, is expired. Raises
    GatewayUnavailable.
    """
    try:
        if checkout.remote_id:
            gateway = gateway_of(checkout.gateway)
            observation = gateway.fetch_checkout(checkout.remote_id)
            with transaction.atomic():
                observation_apply(gateway_code=gateway.code, observation=observation, now=now)
    except RemoteNotFound:
        _expire(checkout, now)
    except (EventRefused, SnapshotNeeded):
        logger.exception("checkout %s does not agree with the gateway", checkout.pk)
    if now >= checkout.expires_at:
        _expire(checkout, now)
    checkout.refresh_from_db()
    return checkout


def _expire(checkout: Checkout, now: datetime) -> None:
    Checkout.objects.filter(pk=checkout.pk, state=CheckoutState.OPEN).update(
        state=CheckoutState.EXPIRED, settled_at=now
    )


@public_context()
def checkout_refresh_if_due(*, checkout: Checkout, now: datetime) -> Checkout:
    """For the page that waits: ask the gateway at most every few seconds while nothing is known."""
    asked = Checkout.objects.filter(
        Q(asked_at=None) | Q(asked_at__lte=now - ASK_EVERY),
        pk=checkout.pk,
        state=CheckoutState.OPEN,
    ).update(asked_at=now)
    if not asked:
        checkout.refresh_from_db()
        return checkout
    return checkout_refresh(checkout=checkout, now=now)


@public_context()
def checkout_follow_up(*, checkout_id: str, turn: int, now: datetime) -> None:
    """Ask about a checkout that is still open, and plan the next time."""
    checkout = Checkout.objects.filter(pk=checkout_id).first()
    if checkout is None or checkout.state == CheckoutState.PAID:
        return
    checkout = checkout_refresh(checkout=checkout, now=now)
    if checkout.state != CheckoutState.PAID and turn + 1 < len(ASK_AFTER):
        _ask_later(checkout, turn=turn + 1)
