"""What one workspace pays for one interval: plan version, agreed price, coupon, GST."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from billing.engine.coupons import CouponTerms, discount_of, is_in_price
from billing.engine.mandates import debit_way, has_headroom, rules_at
from billing.engine.prices import amounts_of, base_of
from billing.errors import PlanNotOnSale
from billing.models import (
    LIVE_STATES,
    Coupon,
    CouponUse,
    CustomPrice,
    PlanVersion,
    Subscription,
)
from billing.selectors.access import quotas_of
from marketing_platform.core import clock
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import deployed

__all__ = [
    "Headroom",
    "Price",
    "coupon_terms",
    "coupon_use_of",
    "custom_price_of",
    "headroom_of",
    "price_for",
    "quotas_of",
    "without_headroom",
]


@dataclass(frozen=True)
class Price:
    """One charge. `base_paise` is after the discount and before GST; `amount_paise` is charged.

    `list_paise` is the plan's or the agreed price. `given_back_paise`, before GST, is what a coupon
    that ends takes off: it comes back after the payment, since a mandate has one amount.
    """

    plan_version: PlanVersion
    base_paise: int
    discount_paise: int
    coupon: Coupon | None
    tax_paise: int
    amount_paise: int
    list_paise: int
    given_back_paise: int = 0


@dataclass(frozen=True)
class Headroom:
    """Whether a new amount may be debited on the mandate that is there.

    `debit`: silent, needs_approval or refused. `fits`: within the limit that was agreed.
    """

    debit: str
    fits: bool

    @property
    def is_enough(self) -> bool:
        return self.fits and self.debit != "refused"


@public_context()
def price_for(tenant: Tenant, interval: str, *, now: datetime) -> Price:
    """The price in force for this workspace. Raises PlanNotOnSale."""
    version = _version(tenant.tier, now)
    agreed = custom_price_of(tenant, now=now)
    row = agreed or version
    listed = base_of(
        monthly_paise=row.monthly_paise, annual_paise=row.annual_paise, interval=interval
    )
    use = coupon_use_of(tenant)
    taken = _discount(use, listed, interval)
    is_lower = use is not None and is_in_price(coupon_terms(use.coupon))
    amounts = amounts_of(listed, taken if is_lower else 0)
    return Price(
        plan_version=version,
        base_paise=amounts.base_paise,
        discount_paise=amounts.discount_paise,
        coupon=use.coupon if use is not None and taken else None,
        tax_paise=amounts.tax_paise,
        amount_paise=amounts.amount_paise,
        list_paise=listed,
        given_back_paise=0 if is_lower else taken,
    )


@public_context()
def custom_price_of(tenant: Tenant, *, now: datetime) -> CustomPrice | None:
    """The newest one in force."""
    rows = CustomPrice.objects.filter(tenant=tenant, effective_from__lte=now)
    open_ = rows.filter(Q(effective_until=None) | Q(effective_until__gt=now))
    return open_.order_by("-effective_from", "-id").first()


@public_context()
def coupon_use_of(tenant: Tenant) -> CouponUse | None:
    """The coupon that is on the workspace now."""
    rows = CouponUse.objects.select_related("coupon")
    return rows.filter(tenant=tenant, ended_at=None).first()


def coupon_terms(coupon: Coupon) -> CouponTerms:
    return CouponTerms(
        percent_basis_points=coupon.percent_basis_points,
        amount_paise=coupon.amount_paise,
        duration=coupon.duration,
        months=coupon.months,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        most_uses=coupon.most_uses,
        is_on=coupon.is_on,
        tier=coupon.tier,
    )


def headroom_of(subscription: Subscription, amount_paise: int, *, now: datetime) -> Headroom:
    """Of the mandate as the gateway told it, for an amount with GST."""
    rules = rules_at(clock.today(now))
    return Headroom(
        debit=debit_way(subscription.mandate_method, amount_paise, rules),
        fits=has_headroom(subscription.mandate_limit_paise, amount_paise),
    )


@public_context()
def without_headroom(version: PlanVersion, *, now: datetime) -> list[Subscription]:
    """Live subscriptions of this plan whose mandate does not cover the version's price.

    Before a price is raised for those who pay already: each of them needs a new mandate first.
    """
    rows = Subscription.objects.select_related("tenant").filter(
        plan_version__plan=version.plan, state__in=LIVE_STATES
    )
    found = []
    for row in rows.exclude(gateway="").order_by("pk"):
        listed = base_of(
            monthly_paise=version.monthly_paise,
            annual_paise=version.annual_paise,
            interval=row.interval,
        )
        if not headroom_of(row, amounts_of(listed).amount_paise, now=now).is_enough:
            found.append(row)
    return found


def _version(tier: str, now: datetime) -> PlanVersion:
    rows = PlanVersion.objects.select_related("plan")
    newest = rows.filter(plan__tier=tier, effective_from__lte=now).order_by("-number").first()
    if newest is None or tier not in deployed():
        raise PlanNotOnSale
    return newest


def _discount(use: CouponUse | None, listed: int, interval: str) -> int:
    if use is None:
        return 0
    return discount_of(
        coupon_terms(use.coupon),
        base_paise=listed,
        interval=interval,
        months_left=use.months_left,
    )
