"""The owner's billing page: what is next, how it is paid, what is used. Amounts are formatted."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from billing.engine.mandates import debit_way, rules_at
from billing.engine.prices import base_of
from billing.errors import UnknownDocument, UnknownGateway
from billing.gateways.base import Capabilities
from billing.gateways.registry import gateway_of
from billing.models import (
    LIVE_STATES,
    OPEN_CHANGES,
    AccountWorkspace,
    CouponUse,
    PlanChange,
    ReferralCode,
    Subscription,
    TaxDocument,
)
from billing.selectors import subscription_current
from billing.selectors.documents import DocumentFacts, documents_facts, documents_of
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import current_tenant, public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import Entitlements, resolve
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.models import Membership

SHOWN = 6
MOST_DOCUMENTS = 120
QUOTAS = {
    "people": _("People in this workspace"),
    "places": _("Places"),
    "contacts": _("Customers in the list"),
    "posts_per_day": _("Posts a day"),
    "data_sources": _("Data sources"),
    "optimisations_per_day": _("Optimisations a day"),
}
WAYS = {
    "razorpay": _("UPI, card or bank account (Razorpay)"),
    "stripe": _("Card (Stripe)"),
    "sandbox": _("Test payment: no real money"),
}
METHODS = {
    "card": _("Card"),
    "upi": _("UPI AutoPay"),
    "emandate": _("E-mandate of your bank"),
    "rupay": _("RuPay card"),
}
MANDATES = {
    "silent": _("%(amount)s is collected by itself. You get a notice a day before."),
    "needs_approval": _(
        "%(amount)s is above ₹15,000. By a rule of the Reserve Bank your bank asks you to approve "
        "each payment; please do so when it asks."
    ),
    "refused": _("This way of paying does not allow %(amount)s. Please set up another one."),
    "pending": _("Your bank is still setting this up."),
    "paused": _("Collection is paused in your UPI or bank app. Resume it there."),
    "lost": _("Your bank no longer lets us collect. Please set up another way to pay."),
    "needs_afa": _("Your bank waits for you to approve %(amount)s. Please do so in its app."),
}


@dataclass(frozen=True)
class Mandate:
    """`needs_you`: the owner has to do something."""

    label: str
    text: str
    limit: str
    needs_you: bool


@dataclass(frozen=True)
class Usage:
    """`used` is None where it is counted elsewhere, by the day."""

    label: str
    used: int | None
    limit: int
    is_full: bool


@dataclass(frozen=True)
class Way:
    code: str
    label: str


@dataclass(frozen=True)
class OwnerPage:
    """`next_on` and `next_amount`: None when nothing is charged by itself."""

    next_on: datetime | None
    next_amount: str
    is_ending: bool
    mandate: Mandate | None
    change: PlanChange | None
    able: Capabilities | None
    usage: tuple[Usage, ...]
    documents: tuple[DocumentFacts, ...]
    coupon: str
    referral: str
    ways: tuple[Way, ...]
    workspaces: int
    pays_by_invoice: bool
    may_change: bool
    may_come_back: bool
    paused_by: str


def owner_page(tenant: Tenant, *, now: datetime, access: Entitlements) -> OwnerPage:
    """Everything below the plan's own section; `access` is what the summary found."""
    subscription = subscription_current(tenant)
    link = _link(tenant)
    is_active = subscription is not None and subscription.state == "active"
    is_ending = subscription is not None and subscription.cancel_at_period_end
    has_next = is_active and not is_ending and bool(subscription.gateway)
    use = CouponUse.objects.select_related("coupon").filter(tenant=tenant, ended_at=None).first()
    code = ReferralCode.objects.filter(tenant=tenant).first()
    return OwnerPage(
        next_on=subscription.current_period_end if has_next else None,
        next_amount=Rupees(charged_paise(subscription)).format() if has_next else "",
        is_ending=is_ending and subscription.state in LIVE_STATES,
        mandate=_mandate(subscription, now) if subscription else None,
        change=_change(tenant),
        able=_able(subscription),
        usage=_usage(tenant, access),
        documents=tuple(documents_facts(documents_of(tenant)[:SHOWN])),
        coupon=use.coupon.code if use else "",
        referral=code.code if code else "",
        ways=ways_to_pay(),
        workspaces=_workspaces(link),
        pays_by_invoice=link is not None and link.account.pays_by == "invoice",
        may_change=is_active and not is_ending and bool(subscription.gateway),
        may_come_back=subscription is not None
        and bool(subscription.gateway)
        and subscription.state not in LIVE_STATES,
        paused_by=subscription.paused_by if subscription else "",
    )


def ways_to_pay() -> tuple[Way, ...]:
    """Those of BILLING_GATEWAYS; the first is the default."""
    return tuple(Way(code, gettext(WAYS.get(code, code))) for code in settings.BILLING_GATEWAYS)


def charged_paise(subscription: Subscription) -> int:
    """What one interval costs with GST, as agreed."""
    version = subscription.plan_version
    listed = base_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )
    agreed = subscription.agreed_paise
    return Rupees(listed if agreed is None else agreed).with_gst().total.paise


def document_of(tenant: Tenant, document_id: int) -> TaxDocument:
    """Raises UnknownDocument, for another workspace's as for one that never was."""
    rows = TaxDocument.objects.select_related(
        "supplier", "account", "original", "subscription__plan_version__plan"
    )
    found = rows.filter(tenant=tenant, pk=document_id).first()
    if found is None:
        raise UnknownDocument
    return found


def documents_page(tenant: Tenant) -> list[DocumentFacts]:
    return documents_facts(documents_of(tenant)[:MOST_DOCUMENTS])


def _link(tenant: Tenant) -> AccountWorkspace | None:
    with public_context():
        return AccountWorkspace.objects.select_related("account").filter(tenant=tenant).first()


def _workspaces(link: AccountWorkspace | None) -> int:
    with public_context():
        rows = AccountWorkspace.objects.filter(account=link.account_id) if link else None
        return rows.count() if rows is not None else 1


def _change(tenant: Tenant) -> PlanChange | None:
    return PlanChange.objects.filter(tenant=tenant, state__in=OPEN_CHANGES).first()


def _able(subscription: Subscription | None) -> Capabilities | None:
    if subscription is None or not subscription.gateway:
        return None
    try:
        return gateway_of(subscription.gateway).capabilities
    except UnknownGateway:
        return None


def _mandate(subscription: Subscription, now: datetime) -> Mandate | None:
    if subscription.mandate == "none" or subscription.state not in LIVE_STATES:
        return None
    amount = charged_paise(subscription)
    word = subscription.mandate
    if word == "confirmed":
        word = debit_way(subscription.mandate_method, amount, rules_at(clock.today(now)))
    limit = subscription.mandate_limit_paise
    return Mandate(
        label=gettext(METHODS.get(subscription.mandate_method, _("Automatic payment"))),
        text=gettext(MANDATES[word]) % {"amount": Rupees(amount).format()},
        limit=Rupees(limit).format() if limit is not None else "",
        needs_you=word not in {"silent", "pending"},
    )


def _usage(tenant: Tenant, access: Entitlements) -> tuple[Usage, ...]:
    used = {"people": Membership.objects.filter(tenant=tenant).count(), **_counted(tenant)}
    return tuple(
        Usage(
            label=gettext(QUOTAS.get(name, name)),
            used=used.get(name),
            limit=limit,
            is_full=used.get(name) is not None and used[name] >= limit,
        )
        for name, limit in access.quotas.items()
    )


def _counted(tenant: Tenant) -> dict[str, int]:
    """What the tier counts itself, where it says how."""
    path = getattr(REGISTRY[tenant.tier], "usage", None)
    is_inside = current_tenant() is not None
    return resolve(path)() if path and is_inside else {}
