"""Taking up a coupon, and what each payment does to it."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.engine.coupons import (
    FOREVER,
    REFUND_REASON,
    discount_of,
    is_in_price,
    months_after,
    months_at_start,
    refusal_of,
)
from billing.engine.prices import base_of, taxed_like
from billing.errors import CouponRefused
from billing.models import Checkout, Coupon, CouponUse, CustomPrice, Payment, Subscription
from billing.selectors.prices import coupon_terms, coupon_use_of
from billing.services.refunds import refund_plan, refundable_paise
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
REFUSALS = {
    "off": _("This coupon is not in use any more."),
    "not_yet": _("This coupon cannot be used yet."),
    "over": _("The last day of this coupon is over."),
    "other_tier": _("This coupon is for another plan."),
    "used_up": _("This coupon was used as often as it could be."),
}
ONE_ALREADY = _("There is a coupon on this workspace already. Take it off first.")
TAKEN_BEFORE = _("This workspace has used this coupon before.")


@public_context()
def coupon_take(
    *, tenant: Tenant, code: str, now: datetime, actor_id: UUID | None = None
) -> CouponUse:
    """Put a coupon on a workspace; the same one again answers the same row. Raises CouponRefused.

    The coupon's row is locked, so that its last use is given once.
    """
    wanted = code.strip().upper()
    if not wanted or len(wanted) > 30 or not wanted.isprintable():
        raise CouponRefused(field="coupon")
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        coupon = Coupon.objects.select_for_update().filter(code=wanted).first()
        if coupon is None:
            raise CouponRefused(field="coupon")
        current = coupon_use_of(tenant)
        if current is not None:
            if current.coupon_id == coupon.pk:
                return current
            raise CouponRefused(ONE_ALREADY, field="coupon")
        before = CouponUse.objects.filter(tenant=tenant, coupon=coupon).first()
        if before is not None and _is_used(before):
            raise CouponRefused(TAKEN_BEFORE, field="coupon")
        terms = coupon_terms(coupon)
        others = coupon.uses.exclude(tenant=tenant).count()
        reason = refusal_of(terms, tier=tenant.tier, uses=others, now=now)
        if reason:
            raise CouponRefused(REFUSALS[reason], field="coupon")
        taken = {"actor_id": actor_id, "used_at": now, "ended_at": None}
        return CouponUse.objects.update_or_create(
            tenant=tenant,
            coupon=coupon,
            defaults={**taken, "months_left": months_at_start(terms)},
        )[0]


@public_context()
def coupon_drop(*, tenant: Tenant, now: datetime) -> bool:
    """Take the coupon off. One that no payment used, and no page that can still be paid has in its
    price, is as if it had never been taken up."""
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        use = coupon_use_of(tenant)
        if use is None:
            return False
        pages = Checkout.objects.filter(tenant=tenant, coupon=use.coupon_id, discount_paise__gt=0)
        if _is_used(use) or pages.exists():
            CouponUse.objects.filter(pk=use.pk).update(ended_at=now)
        else:
            use.delete()
    return True


def _is_used(use: CouponUse) -> bool:
    return Payment.objects.filter(tenant=use.tenant_id, paid_at__gte=use.used_at).exists()


@public_context()
def coupon_paid(*, payment: Payment, now: datetime) -> CouponUse | None:
    """After a payment, in its transaction: months are used up, and a coupon that ends, or that came
    after the price was agreed, is given back as a refund with its credit note.

    Not for payments by link or of before the coupon.
    """
    subscription = payment.subscription
    if subscription is None or payment.needs_refund or _is_link(payment):
        return None
    use = coupon_use_of(payment.tenant)
    if use is None or payment.paid_at < use.used_at:
        return None
    terms = coupon_terms(use.coupon)
    if not (is_in_price(terms) and _is_lowered(subscription, use)):
        _give_back(payment, use, now)
    left = months_after(terms, months_left=use.months_left, interval=subscription.interval)
    if terms.duration != FOREVER:
        is_over = left == 0
        CouponUse.objects.filter(pk=use.pk).update(
            months_left=left, ended_at=now if is_over else None
        )
    use.refresh_from_db()
    return use


def _give_back(payment: Payment, use: CouponUse, now: datetime) -> None:
    """With its GST, as it was charged, and never more than the payment."""
    taken = discount_of(
        coupon_terms(use.coupon),
        base_paise=min(payment.base_paise, _price(payment)),
        interval=payment.subscription.interval,
        months_left=use.months_left,
    )
    with_tax = taxed_like(taken, tax_paise=payment.tax_paise)
    amount = min(with_tax, refundable_paise(payment))
    if amount > 0:
        refund_plan(
            payment=payment,
            amount_paise=amount,
            reason=f"{REFUND_REASON} {use.coupon.code}",
            actor_id=None,
            now=now,
        )


def _is_lowered(subscription: Subscription, use: CouponUse) -> bool:
    """Whether the agreed price has the coupon in it: not that of a mandate from before it."""
    if subscription.agreed_paise is None:
        return False
    rows = [subscription.plan_version, *CustomPrice.objects.filter(tenant=use.tenant_id)]
    for row in rows:
        listed = base_of(
            monthly_paise=row.monthly_paise,
            annual_paise=row.annual_paise,
            interval=subscription.interval,
        )
        terms = coupon_terms(use.coupon)
        taken = discount_of(
            terms, base_paise=listed, interval=subscription.interval, months_left=None
        )
        if listed - taken == subscription.agreed_paise:
            return True
    return False


def _price(payment: Payment) -> int:
    """Of an interval as agreed: more was paid for nothing that a coupon is for."""
    subscription = payment.subscription
    version = subscription.plan_version
    listed = base_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )
    return subscription.agreed_paise or listed


def _is_link(payment: Payment) -> bool:
    return payment.checkout is not None and payment.checkout.purpose == "pay_link"
