"""Opening a pay page once, and asking the gateway what became of it."""

import logging
from datetime import datetime, timedelta
from time import sleep
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing.engine.mandates import limit_to_ask, methods_for, rules_at
from billing.engine.prices import Interval
from billing.errors import (
    AlreadyPaid,
    EventRefused,
    GatewayUnavailable,
    PaidByInvoice,
    RemoteNotFound,
)
from billing.gateways.base import (
    CheckoutRequest,
    Gateway,
    Payer,
    PaymentRequest,
    StartedCheckout,
)
from billing.gateways.registry import default_gateway, gateway_of
from billing.models import LIVE_STATES, BillingAccount, Checkout, CheckoutState, Subscription
from billing.selectors.accounts import payer_facts, workspaces_of
from billing.selectors.prices import Price, price_for
from billing.services.accounts import account_of
from billing.services.applying import SnapshotNeeded, observation_apply
from billing.services.matching import PAY_LINK, SUBSCRIBE, checkout_charge
from billing.services.subscriptions import is_by_invoice, is_covered
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, OutsideFailure
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.selectors import owner_of

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
# Longer than any gateway may take to open a page; then somebody else may try.
CLAIM = timedelta(seconds=30)
AWAIT_SECONDS, AWAIT_TURNS = 0.1, 100


@public_context()
def checkout_start(
    *,
    tenant: Tenant,
    interval: str,
    user_id: UUID,
    return_url: str,
    now: datetime,
    gateway_code: str = "",
    method: str = "",
) -> Checkout:
    """The workspace's open checkout for this interval, with the gateway's `url`.

    A second click or tab gets the same one; another gateway's takes its place. The row is written
    before the gateway is called, and its id is the call's idempotency key, so that a lost answer
    costs nothing. Raises AlreadyPaid, PaidByInvoice, PlanNotOnSale, NoGateway, GatewayUnavailable
    or GatewayRefused.
    """
    if interval not in set(Interval):
        raise InvalidInput(field="interval")
    gateway = gateway_of(gateway_code) if gateway_code else default_gateway()
    terms = {"interval": interval, "return_url": return_url, "gateway": gateway.code}
    checkout = _open(tenant, terms, user_id, now)
    if checkout.remote_id:
        # A page opened earlier may be paid, left or forgotten by now.
        checkout = checkout_refresh(checkout=checkout, now=now)
        if checkout.state == CheckoutState.OPEN:
            return checkout
        checkout = _open(tenant, terms, user_id, now)
    return page_open(gateway=gateway, checkout=checkout, now=now, method=method)


@public_context()
def page_open(*, gateway: Gateway, checkout: Checkout, now: datetime, method: str = "") -> Checkout:
    """Have the gateway open the page of this row, once; whoever comes meanwhile waits for it.

    Raises GatewayUnavailable or GatewayRefused; the row stays, and the next call goes on with it.
    """
    if not _claim(checkout, now):
        return _await_page(checkout)
    try:
        started = _started_before(gateway, checkout) or _page_start(gateway, checkout, method)
    except OutsideFailure:
        Checkout.objects.filter(pk=checkout.pk, remote_id="").update(asked_at=None)
        raise
    Checkout.objects.filter(pk=checkout.pk, remote_id="").update(
        remote_id=started.remote_id, url=started.url, asked_at=None
    )
    checkout.refresh_from_db()
    return checkout


def page_returns(checkout: Checkout) -> bool:
    """Whether the gateway's page brings the customer back to our return_url."""
    able = gateway_of(checkout.gateway).capabilities
    return able.page_returns or checkout.purpose == PAY_LINK


def agreed_for(checkout: Checkout) -> datetime | None:
    """The day of the first charge, once its mandate is agreed to and nothing else is waited for."""
    change = checkout.change
    if change is None or change.state not in {"scheduled", "switching"}:
        return None
    return checkout.starts_at


def _claim(checkout: Checkout, now: datetime) -> bool:
    """One caller at a time talks to the gateway about a page that is not open yet."""
    free = Q(asked_at=None) | Q(asked_at__lte=now - CLAIM)
    rows = Checkout.objects.filter(free, pk=checkout.pk, remote_id="")
    return bool(rows.update(asked_at=now))


def _await_page(checkout: Checkout) -> Checkout:
    for _turn in range(AWAIT_TURNS):
        checkout.refresh_from_db()
        if checkout.url:
            return checkout
        if checkout.asked_at is None or checkout.state != CheckoutState.OPEN:
            break
        sleep(AWAIT_SECONDS)
    raise GatewayUnavailable


def _started_before(gateway: Gateway, checkout: Checkout) -> StartedCheckout | None:
    """Where opening twice would make two pages: the one whose answer was lost."""
    if gateway.capabilities.is_checkout_idempotent:
        return None
    return gateway.find_checkout(str(checkout.pk))


def _page_start(gateway: Gateway, checkout: Checkout, method: str) -> StartedCheckout:
    payer = _payer(checkout.tenant, gateway.code, checkout.created_at)
    if checkout.purpose == PAY_LINK:
        return gateway.start_payment(
            PaymentRequest(
                reference=str(checkout.pk),
                amount_paise=checkout.amount_paise,
                currency=checkout.currency,
                description=checkout.document_number or checkout.plan_version.plan.tier,
                return_url=checkout.return_url,
                payer=payer,
                expires_at=checkout.expires_at,
            )
        )
    charge = checkout_charge(checkout)
    key = f"{charge.plan}-{charge.interval}-{charge.amount_paise}"
    method, limit = _mandate_wanted(gateway, charge.amount_paise, method, checkout.created_at)
    return gateway.start_checkout(
        CheckoutRequest(
            reference=str(checkout.pk),
            charge=charge,
            return_url=checkout.return_url,
            payer=payer,
            starts_at=checkout.starts_at,
            remote_plan_id=gateway.ensure_plan(charge, key=key),
            method=method,
            mandate_limit_paise=limit,
            expires_at=checkout.expires_at,
        )
    )


def _mandate_wanted(
    gateway: Gateway, amount_paise: int, method: str, now: datetime
) -> tuple[str, int | None]:
    """The method to ask for ('': any) and the mandate's limit: renewals are to go through without
    asking the customer each time, where the gateway has a method that may."""
    rules = rules_at(clock.today(now))
    offered = gateway.capabilities.methods
    if method not in offered:
        fitting = methods_for(amount_paise, offered, rules)
        method = fitting[0] if fitting and set(fitting) != set(offered) else ""
    limits = [limit_to_ask(one, amount_paise, rules) for one in ([method] if method else offered)]
    return method, min(limits, default=None)


def _payer(tenant: Tenant, gateway_code: str, now: datetime) -> Payer:
    """The payer, who may pay for several workspaces."""
    account = account_of(tenant, now=now)
    facts, owner = payer_facts(tenant), owner_of(tenant)
    return Payer(
        account=f"payer-{account.pk}",
        known_by=_known_by(account, gateway_code),
        name=facts.legal_name or tenant.name,
        email=next(iter(facts.emails), "") or (owner.email or "" if owner else ""),
        phone=(owner.phone or "") if owner else "",
        gstin=facts.gstin,
        state_code=facts.state_code,
    )


def _known_by(account: BillingAccount, gateway_code: str) -> str:
    rows = Subscription.objects.filter(
        tenant__in=[tenant.pk for tenant in workspaces_of(account)], gateway=gateway_code
    )
    newest = rows.order_by("-created_at").values_list("gateway_subscription_id", flat=True)
    return newest.first() or ""


def _open(tenant: Tenant, terms: dict[str, str], user_id: UUID, now: datetime) -> Checkout:
    """The open row on exactly these terms, or a new one in its place."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        live = Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES).first()
        if live is not None and is_covered(live, now):
            raise AlreadyPaid
        if live is not None and is_by_invoice(live, now):
            raise PaidByInvoice
        price = price_for(tenant, terms["interval"], now=now)
        rows = Checkout.objects.select_related("plan_version__plan", "tenant", "change")
        open_row = rows.filter(
            tenant=tenant,
            interval=terms["interval"],
            state=CheckoutState.OPEN,
            purpose=SUBSCRIBE,
        ).first()
        if open_row is not None:
            if _is_on(open_row, terms, price, now):
                return open_row
            open_row.state = CheckoutState.SUPERSEDED
            open_row.settled_at = now
            open_row.save(update_fields=["state", "settled_at"])
        return _create(tenant, terms, price, user_id, now)


def _is_on(row: Checkout, terms: dict[str, str], price: Price, now: datetime) -> bool:
    kept = {name: getattr(row, name) for name in terms}
    return (
        kept == terms
        and row.plan_version_id == price.plan_version.pk
        and row.amount_paise == price.amount_paise
        and now < row.expires_at
    )


def _create(
    tenant: Tenant, terms: dict[str, str], price: Price, user_id: UUID, now: datetime
) -> Checkout:
    checkout = Checkout.objects.create(
        tenant=tenant,
        plan_version=price.plan_version,
        base_paise=price.amount_paise - price.tax_paise,
        tax_paise=price.tax_paise,
        amount_paise=price.amount_paise,
        discount_paise=price.discount_paise,
        coupon=price.coupon,
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
