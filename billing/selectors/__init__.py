"""What others may ask of billing: access, prices, the state of a checkout, the summary page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext

from billing.engine.lifecycle import State
from billing.engine.offers import NO_OFFER, OFFERS
from billing.engine.prices import Interval, charge_of
from billing.errors import PlanNotOnSale
from billing.models import (
    LIVE_STATES,
    Checkout,
    Payment,
    PlanVersion,
    Subscription,
)
from billing.selectors.access import entitlements_of, quotas_of
from billing.selectors.prices import price_agreed
from marketing_platform.core import clock
from marketing_platform.core.money import GstSplit, Rupees
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.registry import REGISTRY, deployed

__all__ = [
    "BillingSummary",
    "PaymentView",
    "PlanView",
    "SubscriptionView",
    "checkout_by_id",
    "checkout_state",
    "entitlements_of",
    "plan_version_current",
    "plans_on_sale",
    "quotas_of",
    "subscription_current",
    "subscription_summary",
]


@dataclass(frozen=True)
class PlanView:
    """A plan as the pages show it; strings are formatted and in the reader's language."""

    tier: str
    label: str
    version: int
    monthly: str
    monthly_with_gst: str
    annual: str
    annual_with_gst: str
    monthly_paise: int
    monthly_with_gst_paise: int
    annual_paise: int
    annual_with_gst_paise: int
    features: tuple[str, ...]
    not_included: tuple[str, ...]
    trial_days: int | None


@dataclass(frozen=True)
class SubscriptionView:
    """The present agreement; `base`, `tax` and `total` are one interval's, formatted."""

    state: str
    is_live: bool
    plan: str
    interval: str
    base: str
    tax: str
    total: str
    trial_ends_at: datetime | None
    period_end: datetime | None
    access_until: datetime | None


@dataclass(frozen=True)
class PaymentView:
    paid_at: datetime
    base: str
    tax: str
    total: str
    remote_id: str
    needs_refund: bool


@dataclass(frozen=True)
class BillingSummary:
    """`may_pay`: a checkout may be opened now. `row`: what `subscription` shows; `charged_paise`:
    what one interval of it costs with its tax, as agreed."""

    access: Entitlements
    row: Subscription | None
    charged_paise: int
    subscription: SubscriptionView | None
    payments: tuple[PaymentView, ...]
    plan: PlanView | None
    may_pay: bool


def plans_on_sale(*, now: datetime | None = None) -> list[PlanView]:
    """The current price of every deployed tier, in the registry's order. One query."""
    newest = {version.plan.tier: version for version in _current_versions(now or clock.now())}
    return [_plan_view(newest[tier]) for tier in deployed() if tier in newest]


def plan_version_current(tier: str, *, now: datetime) -> PlanVersion:
    """The price in force. Raises PlanNotOnSale for a tier that is not deployed or has no plan."""
    version = _current_versions(now).filter(plan__tier=tier).first()
    if version is None or tier not in deployed():
        raise PlanNotOnSale
    return version


def checkout_state(checkout_id: UUID | str) -> str | None:
    """open, paid, declined, abandoned, expired, superseded; None when there is no such checkout."""
    checkout = checkout_by_id(checkout_id)
    return checkout.state if checkout else None


def checkout_by_id(checkout_id: UUID | str) -> Checkout | None:
    """Inside a workspace only its own is found; text that is no id finds nothing."""
    try:
        wanted = UUID(str(checkout_id))
    except ValueError:
        return None
    return Checkout.objects.filter(pk=wanted).first()


def subscription_current(tenant: Tenant) -> Subscription | None:
    """The live row, else the newest."""
    rows = list(
        Subscription.objects.select_related("plan_version__plan").filter(tenant=tenant)[:20]
    )
    live = [row for row in rows if row.state in LIVE_STATES]
    return (live or rows or [None])[0]


def subscription_summary(
    tenant: Tenant, *, now: datetime | None = None, access: Entitlements | None = None
) -> BillingSummary:
    """What stands on top of the billing page. `access`, where this very request has asked."""
    now = now or clock.now()
    subscription = subscription_current(tenant)
    rows = Payment.objects.filter(tenant=tenant)[:24]
    plans = {plan.tier: plan for plan in plans_on_sale(now=now)}
    access = access or entitlements_of(tenant, now=now)
    split = price_agreed(subscription) if subscription else None
    is_paid = subscription is not None and bool(subscription.gateway)
    is_paused = is_paid and subscription.state == State.PAUSED
    is_covered = is_paid and subscription.state in LIVE_STATES and access.may_write
    return BillingSummary(
        access=access,
        row=subscription,
        charged_paise=split.total.paise if split else 0,
        subscription=_subscription_view(subscription, split) if subscription and split else None,
        payments=tuple(_payment_view(row) for row in rows),
        plan=plans.get(tenant.tier),
        may_pay=tenant.tier in plans and not is_covered and not is_paused,
    )


def _current_versions(now: datetime) -> QuerySet[PlanVersion]:
    """One row per plan: the highest version that is in force."""
    rows = PlanVersion.objects.select_related("plan").filter(effective_from__lte=now)
    return rows.order_by("plan", "-number").distinct("plan")


def _charge(version: PlanVersion, interval: str) -> GstSplit:
    return charge_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=interval,
    )


def _plan_view(version: PlanVersion) -> PlanView:
    tier = version.plan.tier
    offer = OFFERS.get(tier, NO_OFFER)
    month, year = _charge(version, Interval.MONTH), _charge(version, Interval.YEAR)
    return PlanView(
        tier=tier,
        label=gettext(REGISTRY[tier].label),
        version=version.number,
        monthly=month.base.format(),
        monthly_with_gst=month.total.format(),
        annual=year.base.format(),
        annual_with_gst=year.total.format(),
        monthly_paise=month.base.paise,
        monthly_with_gst_paise=month.total.paise,
        annual_paise=year.base.paise,
        annual_with_gst_paise=year.total.paise,
        features=tuple(gettext(sentence) for sentence in offer.features),
        not_included=tuple(gettext(sentence) for sentence in offer.not_included),
        trial_days=settings.TRIAL_DAYS if offer.has_trial else None,
    )


def _subscription_view(subscription: Subscription, split: GstSplit) -> SubscriptionView:
    tier = subscription.plan_version.plan.tier
    return SubscriptionView(
        state=subscription.state,
        is_live=subscription.state in LIVE_STATES,
        plan=gettext(REGISTRY[tier].label),
        interval=subscription.interval,
        base=split.base.format(),
        tax=split.tax.format(),
        total=split.total.format(),
        trial_ends_at=subscription.trial_ends_at,
        period_end=subscription.current_period_end,
        access_until=subscription.access_until,
    )


def _payment_view(payment: Payment) -> PaymentView:
    return PaymentView(
        paid_at=payment.paid_at,
        base=Rupees(payment.base_paise).format(),
        tax=Rupees(payment.tax_paise).format(),
        total=Rupees(payment.amount_paise).format(),
        remote_id=payment.remote_id,
        needs_refund=payment.needs_refund,
    )
