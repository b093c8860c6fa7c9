"""What one workspace pays for one interval: plan version, agreed price, coupon, GST."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from billing.engine.coupons import CouponTerms, discount_of, is_in_price
from billing.engine.gst import WITHOUT_TAX, supply_kind
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
    Supplier,
)
from billing.selectors.access import quotas_of
from billing.selectors.accounts import PayerFacts, payer_facts
from marketing_platform.core import clock
from marketing_platform.core.money import GstSplit, Rupees
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import deployed

__all__ = [
    "Headroom",
    "Price",
    "agreed_split",
    "coupon_terms",
    "coupon_use_of",
    "custom_price_of",
    "headroom_of",
    "is_zero_rated",
    "price_agreed",
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
    """The price in force for this workspace, with the GST of its payer: an export, or a supply to
    an SEZ, goes without while our letter of undertaking is valid. Raises PlanNotOnSale."""
    version = _version(tenant.tier, now)
    agreed = custom_price_of(tenant, now=now)
    row = agreed or version
    listed = base_of(
        monthly_paise=row.monthly_paise, annual_paise=row.annual_paise, interval=interval
    )
    use = coupon_use_of(tenant)
    taken = _discount(use, listed, interval)
    is_lower = use is not None and is_in_price(coupon_terms(use.coupon))
    is_taxed = not is_zero_rated(payer_facts(tenant), now=now)
    amounts = amounts_of(listed, taken if is_lower else 0, is_taxed=is_taxed)
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
def is_zero_rated(payer: PayerFacts, *, now: datetime) -> bool:
    """Whether an invoice of today carries no tax (s.16(3)(a) IGST). Our letter is only looked up
    for who is abroad or in an SEZ."""
    if payer.country == "IN" and not payer.is_sez:
        return False
    until = Supplier.objects.filter(is_on=True).values_list("lut_valid_until", flat=True).first()
    has_lut = until is not None and until >= clock.today(now)
    supply = supply_kind(country=payer.country, is_sez=payer.is_sez, has_lut=has_lut)
    return supply in WITHOUT_TAX


def price_agreed(subscription: Subscription) -> GstSplit:
    """What one interval costs, as agreed: the list price of its version, or a lower one."""
    version = subscription.plan_version
    listed = base_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )
    agreed = subscription.agreed_paise
    return agreed_split(subscription, listed if agreed is None else agreed)


def agreed_split(subscription: Subscription, base_paise: int) -> GstSplit:
    """A price of this subscription with the tax that its newest page agreed to: a mandate goes on
    as it was set up until there is a page with another tax."""
    pages = subscription.checkouts.exclude(purpose="pay_link").order_by("-created_at")
    has_page = bool(subscription.gateway)
    tax = pages.values_list("tax_paise", flat=True).first() if has_page else None
    base = Rupees(base_paise)
    return GstSplit(base, Rupees(0), base) if tax == 0 else base.with_gst()


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
