"""The owner's billing page: what is next, how it is paid, what is used. Amounts are formatted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from billing.engine.access import LATE, grace_ends_at
from billing.engine.mandates import debit_way, rules_at
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
    StaffTerms,
    Subscription,
    TaxDocument,
)
from billing.selectors import BillingSummary
from billing.selectors.accounts import facts_by, place_of
from billing.selectors.documents import DocumentFacts, documents_facts, documents_of
from billing.selectors.offered import OwnPrices, own_prices
from billing.selectors.prices import price_agreed
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import indian_grouping
from marketing_platform.tenants.context import current_tenant, public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QUOTAS, usage_here
from marketing_platform.users.models import Membership

SHOWN = 6
MOST_DOCUMENTS = 120
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
class Late:
    """A payment that is open. `tries_on`: the payment company tries again then, None when it does
    not; `works_until`: None once the workspace is read-only."""

    amount: str
    is_invoice: bool
    tries_on: datetime | None
    works_until: datetime | None


@dataclass(frozen=True)
class Usage:
    """`used` is None where nothing counts it; both figures as the pages write them too."""

    label: str
    used: int | None
    limit: int
    is_full: bool

    @property
    def used_said(self) -> str:
        return indian_grouping(self.used or 0)

    @property
    def limit_said(self) -> str:
        return indian_grouping(self.limit)


@dataclass(frozen=True)
class Way:
    code: str
    label: str


@dataclass(frozen=True)
class OwnerPage:
    """`next_on` and `next_amount`: None when nothing is charged by itself. `asks_state`: the State
    of the payer is not known, and no tax without it. `prices`: None where there is nothing to pay.
    """

    next_on: datetime | None
    next_amount: str
    is_ending: bool
    mandate: Mandate | None
    late: Late | None
    change: PlanChange | None
    able: Capabilities | None
    usage: tuple[Usage, ...]
    documents: tuple[DocumentFacts, ...]
    coupon: str
    referral: str
    staff_terms_until: datetime | None
    ways: tuple[Way, ...]
    prices: OwnPrices | None
    workspaces: int
    asks_state: bool
    pays_by_invoice: bool
    may_change: bool
    may_come_back: bool
    paused_by: str


def owner_page(tenant: Tenant, *, now: datetime, summary: BillingSummary) -> OwnerPage:
    """Everything below the plan's own section; what the summary found is not asked again."""
    subscription, access = summary.row, summary.access
    with public_context():
        link = _link(tenant)
        prices = own_prices(tenant, now=now) if summary.may_pay else None
    is_active = subscription is not None and subscription.state == "active"
    is_ending = subscription is not None and subscription.cancel_at_period_end
    has_next = is_active and not is_ending and bool(subscription.gateway)
    small = _small_facts(tenant, now)
    return OwnerPage(
        next_on=subscription.current_period_end if has_next else None,
        next_amount=Rupees(summary.charged_paise).format() if has_next else "",
        is_ending=is_ending and subscription.state in LIVE_STATES,
        mandate=_mandate(subscription, summary.charged_paise, now) if subscription else None,
        late=_late(subscription, summary, now) if subscription else None,
        change=_change(tenant),
        able=_able(subscription),
        usage=_usage(tenant, access, small["people"]),
        documents=tuple(documents_facts(documents_of(tenant)[:SHOWN])),
        coupon=small["coupon"] or "",
        referral=small["referral"] or "",
        staff_terms_until=small["staff_terms_until"],
        ways=ways_to_pay(),
        prices=prices,
        workspaces=link.workspaces if link else 1,
        asks_state=summary.may_pay and _asks_state(tenant, link),
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
    return price_agreed(subscription).total.paise


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
    """With how many workspaces its payer stands behind."""
    rows = AccountWorkspace.objects.select_related("account", "registration")
    counted = rows.annotate(workspaces=Count("account__workspaces"))
    return counted.filter(tenant=tenant).first()


def _asks_state(tenant: Tenant, link: AccountWorkspace | None) -> bool:
    if link is None:
        return not place_of(tenant)[1]
    payer = facts_by(tenant, link)
    return not payer.state_code and payer.country == "IN"


def _change(tenant: Tenant) -> PlanChange | None:
    return PlanChange.objects.filter(tenant=tenant, state__in=OPEN_CHANGES).first()


def _able(subscription: Subscription | None) -> Capabilities | None:
    if subscription is None or not subscription.gateway:
        return None
    try:
        return gateway_of(subscription.gateway).capabilities
    except UnknownGateway:
        return None


def _mandate(subscription: Subscription, amount: int, now: datetime) -> Mandate | None:
    if subscription.mandate == "none" or subscription.state not in LIVE_STATES:
        return None
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


def _late(subscription: Subscription, summary: BillingSummary, now: datetime) -> Late | None:
    if subscription.state not in LATE:
        return None
    tries_on, since = subscription.next_attempt_at, subscription.past_due_since
    is_open = subscription.state == "past_due" and summary.access.may_write and since
    return Late(
        amount=Rupees(summary.charged_paise).format(),
        is_invoice=not subscription.gateway,
        tries_on=tries_on if tries_on is not None and now < tries_on else None,
        works_until=grace_ends_at(since, tries_on) if is_open else None,
    )


def _small_facts(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """Coupon, referral code, terms of staff and people, in one query."""

    def one(rows: QuerySet[Any], name: str) -> Subquery:
        return Subquery(rows.filter(tenant=tenant).values(name)[:1])

    asked = {
        "coupon": one(CouponUse.objects.filter(ended_at=None), "coupon__code"),
        "referral": one(ReferralCode.objects.all(), "code"),
        "staff_terms_until": one(
            StaffTerms.objects.filter(until__gt=now).order_by("-until"), "until"
        ),
        "people": Count("pk"),
    }
    people = Membership.objects.filter(tenant=tenant).order_by().values("tenant")
    found = list(people.annotate(**asked).values(*asked))
    return found[0] if found else {**dict.fromkeys(asked), "people": 0}


def _usage(tenant: Tenant, access: Entitlements, people: int) -> tuple[Usage, ...]:
    used = {"people": people, **_counted(tenant)}
    return tuple(
        Usage(
            label=gettext(QUOTAS[name].label) if name in QUOTAS else name,
            used=used.get(name),
            limit=limit,
            # A shop is one place and has it: nothing is wrong with that.
            is_full=name != "places" and used.get(name, -1) >= limit,
        )
        for name, limit in access.quotas.items()
    )


def _counted(tenant: Tenant) -> dict[str, int]:
    """What the tier counts itself, where it says how."""
    return dict(usage_here(tenant.tier)) if current_tenant() is not None else {}
