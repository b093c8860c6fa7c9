"""Paying one open invoice online, and repairing the way a plan is paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.engine.prices import Interval, base_like
from billing.errors import ChangeNotPossible
from billing.gateways.registry import default_gateway, gateway_of
from billing.models import Checkout, CheckoutState, Subscription, TaxDocument
from billing.selectors import plan_version_current
from billing.selectors.documents import open_paise
from billing.services.changing import mandate_renew
from billing.services.checkouts import ASK_AFTER, LIFETIME, checkout_start, page_open
from billing.services.previewing import WITHOUT_GATEWAY
from billing.services.subscriptions import is_covered
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

PURPOSE = "pay_link"
NOTHING_OPEN = _("This invoice is settled. There is nothing to pay.")
NO_LINKS = _("This payment company takes no single payments. Please pay by transfer.")


@public_context()
def invoice_pay_start(
    *,
    tenant: Tenant,
    document_id: int,
    user_id: UUID,
    return_url: str,
    now: datetime,
    gateway_code: str = "",
) -> Checkout:
    """The open page for what is left of an invoice, with its `url`; a second click gets the same.

    Raises ChangeNotPossible for a settled one, UnknownDocument for another workspace's, NoGateway,
    GatewayUnavailable or GatewayRefused.
    """
    gateway = gateway_of(gateway_code) if gateway_code else default_gateway()
    if not gateway.capabilities.has_payment_links:
        raise ChangeNotPossible(NO_LINKS)
    checkout = _row(tenant, document_id, gateway.code, user_id, return_url, now)
    if checkout.url:
        return checkout
    return page_open(gateway=gateway, checkout=checkout, now=now)


@public_context()
def repair_url(*, subscription: Subscription, return_url: str) -> str:
    """The gateway's own page for cards and mandates; "" where it has none: then a new mandate is
    made by paying again. Raises GatewayUnavailable."""
    if not subscription.gateway:
        return ""
    gateway = gateway_of(subscription.gateway)
    return gateway.manage_url(subscription.gateway_subscription_id, return_url=return_url)


@dataclass(frozen=True)
class Repair:
    """Where the owner goes: to the gateway's own page at `url`, or to pay at `checkout`."""

    url: str = ""
    checkout: Checkout | None = None
    comes_back: bool = True


@public_context()
def repair_start(
    *,
    subscription: Subscription,
    back_url: str,
    return_url: str,
    actor_id: UUID,
    now: datetime,
) -> Repair:
    """Another way to pay. Where the gateway has no page for it, a new mandate: from the end of what
    is paid, or, when nothing is paid any more, from now.

    Raises ChangeNotPossible, ChangeUnderWay, GatewayUnavailable, GatewayRefused.
    """
    if not subscription.gateway:
        raise ChangeNotPossible(WITHOUT_GATEWAY)
    url = repair_url(subscription=subscription, return_url=back_url)
    if url:
        able = gateway_of(subscription.gateway).capabilities
        return Repair(url=url, comes_back=able.page_returns)
    if is_covered(subscription, now):
        change = mandate_renew(
            subscription=subscription, return_url=return_url, actor_id=actor_id, now=now
        )
        return Repair(checkout=change.checkouts.latest("created_at"))
    return Repair(
        checkout=checkout_start(
            tenant=subscription.tenant,
            interval=subscription.interval,
            user_id=actor_id,
            return_url=return_url,
            now=now,
            gateway_code=subscription.gateway,
        )
    )


def _row(
    tenant: Tenant,
    document_id: int,
    gateway_code: str,
    user_id: UUID,
    return_url: str,
    now: datetime,
) -> Checkout:
    from billing.selectors.owner import document_of

    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        document = document_of(tenant, document_id)
        left = open_paise(document)
        if left <= 0:
            raise ChangeNotPossible(NOTHING_OPEN)
        rows = Checkout.objects.select_related("tenant", "plan_version__plan", "change").filter(
            tenant=tenant, purpose=PURPOSE, document_number=document.number
        )
        same = rows.filter(
            state=CheckoutState.OPEN,
            gateway=gateway_code,
            amount_paise=left,
            return_url=return_url,
            expires_at__gt=now,
        )
        return same.first() or _create(
            tenant, document, left, gateway_code, user_id, return_url, now
        )


def _create(
    tenant: Tenant,
    document: TaxDocument,
    left: int,
    gateway_code: str,
    user_id: UUID,
    return_url: str,
    now: datetime,
) -> Checkout:
    subscription = document.subscription
    tax = document.cgst_paise + document.sgst_paise + document.igst_paise
    base = base_like(left, tax_paise=tax)
    checkout = Checkout.objects.create(
        tenant=tenant,
        plan_version=subscription.plan_version
        if subscription
        else plan_version_current(tenant.tier, now=now),
        interval=subscription.interval if subscription else Interval.MONTH,
        base_paise=base,
        tax_paise=left - base,
        amount_paise=left,
        purpose=PURPOSE,
        document_number=document.number,
        gateway=gateway_code,
        return_url=return_url,
        user_id=user_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    work_schedule(
        task="billing.refresh_checkout",
        arguments={"checkout_id": str(checkout.pk), "turn": 0},
        due_at=now + ASK_AFTER[0],
        key=f"billing-checkout:{checkout.pk}:0",
        queue="billing",
    )
    return checkout
