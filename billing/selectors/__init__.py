"""What others may ask of billing: access, prices, the state of a checkout, the summary page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
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
    Refund,
    Settlement,
    Subscription,
)
from billing.selectors.access import entitlements_of, quotas_of
from billing.selectors.prices import price_agreed
from marketing_platform.core import clock
from marketing_platform.core.money import GstSplit, Rupees
from marketing_platform.core.text import indian_grouping
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QUOTAS
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


# Late without a payment company: the open invoice is paid, by its own button or by transfer. A pay
# page would charge the same period again and leave it open.
INVOICED = frozenset({State.PAST_DUE, State.SUSPENDED})


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
    # (name, how many) of each limit, in the order of the registry.
    limits: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SubscriptionView:
    """The present agreement; `base`, `tax` and `total` are one interval's, formatted.

    `is_used_up`: what was paid, or tried, lies behind. `was_paid`: it had a payment company.
    """

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
    is_used_up: bool
    was_paid: bool


@dataclass(frozen=True)
class NextCharge:
    """`paise` with GST."""

    at: datetime
    paise: int


@dataclass(frozen=True)
class PaymentView:
    """`base` and `tax` as the invoice has them. `tax`, `returned` and `on_its_way` (what went back,
    what is going back) are empty where there is none."""

    paid_at: datetime
    base: str
    tax: str
    total: str
    remote_id: str
    needs_refund: bool
    returned: str
    on_its_way: str


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
    rows = _with_paper(Payment.objects.filter(tenant=tenant))[:24]
    plans = {plan.tier: plan for plan in plans_on_sale(now=now)}
    access = access or entitlements_of(tenant, now=now)
    split = price_agreed(subscription) if subscription else None
    is_paid = subscription is not None and bool(subscription.gateway)
    is_paused = is_paid and subscription.state == State.PAUSED
    # Active without a gateway: it is paid by invoice and transfer.
    is_on_paper = subscription is not None and subscription.state == State.ACTIVE
    is_live = is_paid and subscription.state in LIVE_STATES
    is_covered = (is_live or is_on_paper) and access.may_write
    is_invoiced = subscription is not None and not is_paid and subscription.state in INVOICED
    return BillingSummary(
        access=access,
        row=subscription,
        charged_paise=split.total.paise if split else 0,
        subscription=_subscription_view(subscription, split, now)
        if subscription and split
        else None,
        payments=tuple(_payment_view(row) for row in rows),
        plan=plans.get(tenant.tier),
        may_pay=tenant.tier in plans and not (is_covered or is_paused or is_invoiced),
    )


def next_charge(tenant: Tenant) -> NextCharge | None:
    """What a payment company will take by itself; None when nothing is planned."""
    row = subscription_current(tenant)
    if row is None or not row.gateway or row.cancel_at_period_end:
        return None
    if row.state not in {State.TRIALING, State.ACTIVE}:
        return None
    at = row.trial_ends_at if row.state == State.TRIALING else row.current_period_end
    return NextCharge(at=at, paise=price_agreed(row).total.paise) if at else None


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
        limits=_limits_sold(tier, version.quotas),
    )


def _limits_sold(tier: str, bought: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    counts = {**REGISTRY[tier].limits, **bought}
    named = [(QUOTAS[name], count) for name, count in counts.items() if name in QUOTAS]
    return tuple(
        (gettext(quota.offered or quota.label), indian_grouping(count)) for quota, count in named
    )


def _subscription_view(
    subscription: Subscription, split: GstSplit, now: datetime
) -> SubscriptionView:
    tier = subscription.plan_version.plan.tier
    until = subscription.access_until
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
        access_until=until,
        is_used_up=until is not None and until <= now,
        was_paid=bool(subscription.gateway),
    )


def _with_paper(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """With the tax of the invoice that each pays for, and what went back, in the same query."""
    settled = Settlement.objects.filter(
        payment=OuterRef("pk"),
        amount_paise=OuterRef("amount_paise"),
        document__kind="invoice",
        document__total_paise=OuterRef("amount_paise"),
    )
    tax = F("document__cgst_paise") + F("document__sgst_paise") + F("document__igst_paise")
    given = Refund.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    back, going = (
        given.filter(state__in=states).values(paise=Sum("amount_paise"))
        for states in (["processed"], ["planned", "asked"])
    )
    return payments.annotate(
        tax_on_paper=Subquery(settled.values(tax=tax)[:1]),
        returned_paise=Subquery(back),
        on_its_way_paise=Subquery(going),
    )


def _payment_view(payment: Payment) -> PaymentView:
    """Tax that was taken out of a fixed amount is not the tax that was agreed."""
    known = payment.tax_on_paper
    tax = payment.tax_paise if known is None else known
    return PaymentView(
        paid_at=payment.paid_at,
        base=Rupees(payment.amount_paise - tax).format(),
        tax=_words(tax),
        total=Rupees(payment.amount_paise).format(),
        remote_id=payment.remote_id,
        needs_refund=payment.needs_refund,
        returned=_words(payment.returned_paise),
        on_its_way=_words(payment.on_its_way_paise),
    )


def _words(paise: int | None) -> str:
    return Rupees(paise).format() if paise else ""
