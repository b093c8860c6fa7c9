"""What a change of price would cost, to the paisa, before anything is asked of anybody."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from billing.engine.coupons import REFUND_REASON
from billing.engine.lifecycle import State
from billing.engine.prices import CURRENCY, Interval, base_like, base_of, taxed_like
from billing.engine.proration import Figures, PaidPeriod, change_figures, credit_of
from billing.errors import ChangeNotPossible, NothingToChange
from billing.gateways.base import Charge
from billing.gateways.registry import gateway_of
from billing.models import Payment, PlanVersion, Subscription
from billing.selectors.prices import Headroom, Price, agreed_split, headroom_of, price_for
from billing.services.refunds import refundable_paise
from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context

logger = logging.getLogger(__name__)
# A gateway rounds each line of its invoice, we round the sum.
MOST_DIFFERENCE = 2
NEW_MANDATE = frozenset({"switch", "later"})
WITHOUT_GATEWAY = _("Nothing is paid yet: choose a plan and pay for it.")
NOT_ACTIVE = {
    State.PAST_DUE: _("The last payment failed. Pay it first, then change the plan."),
    State.SUSPENDED: _("The last payment failed. Pay it first, then change the plan."),
    State.PAUSED: _("Your plan is paused. Resume it first, then change it."),
    State.TRIALING: _("Your first payment is on its way. Change the plan after it."),
    State.INCOMPLETE: _("Your first payment is on its way. Change the plan after it."),
}
TOO_CLOSE = _(
    "Your paid time ends in less than two days. Change the plan after the next payment; it is for "
    "one period only."
)
ENDING = _("Your plan is cancelled for the end of the period. Keep it first, then change it.")


@dataclass(frozen=True)
class Credit:
    """The unused part of one payment: before GST, and as it would go back. `is_whole`: nothing of
    the payment went back before."""

    payment: Payment
    base_paise: int
    amount_paise: int
    is_whole: bool = True


@dataclass(frozen=True)
class Preview:
    """`charged_paise`: with GST, now. `refund_paise`: with GST, after the switch. `price_paise` is
    the new price before GST and `price_with_tax_paise` what each renewal costs.

    `way` is relabel, later, in_place or switch (see engine.proration). `headroom`: of the mandate
    that is there, for a renewal at the new price; a way with a new mandate needs none.
    """

    way: str
    plan_version: PlanVersion
    interval: str
    credit_paise: int
    price_paise: int
    price_with_tax_paise: int
    due_paise: int
    charged_paise: int
    refund_paise: int
    currency: str
    effective_at: datetime
    computed_at: datetime
    headroom: Headroom

    @property
    def needs_mandate(self) -> bool:
        return self.way in NEW_MANDATE


@public_context()
def change_preview(*, subscription: Subscription, interval: str, now: datetime) -> Preview:
    """The figures of changing to the price in force for this interval, at `now` to the second.

    Where the gateway prorates, it is asked, and its answer is compared with our own. Raises
    NothingToChange, ChangeNotPossible, PlanNotOnSale or GatewayUnavailable.
    """
    if interval not in set(Interval):
        raise InvalidInput(field="interval")
    now = now.replace(microsecond=0)
    possible_check(subscription)
    price = price_for(subscription.tenant, interval, now=now)
    headroom = headroom_of(subscription, price.amount_paise, now=now)
    found = credits_of(subscription, now)
    figures = _figures(subscription, interval, price, headroom, found, now)
    if figures.way == "relabel" and subscription.plan_version_id == price.plan_version.pk:
        raise NothingToChange
    if figures.way == "later":
        lead_check(subscription, figures.effective_at, now)
    due, charged = _charged(subscription, interval, price, figures, now)
    is_given_back = figures.way == "switch"
    return Preview(
        way=figures.way,
        plan_version=price.plan_version,
        interval=interval,
        credit_paise=figures.credit_paise,
        price_paise=price.base_paise,
        price_with_tax_paise=price.amount_paise,
        due_paise=due,
        charged_paise=charged,
        refund_paise=sum(one.amount_paise for one in found) if is_given_back else 0,
        currency=CURRENCY,
        effective_at=figures.effective_at,
        computed_at=now,
        headroom=headroom,
    )


@public_context()
def mandate_preview(*, subscription: Subscription, now: datetime) -> Preview:
    """A new mandate for the price as it is, first debited at the end of the paid period.

    Raises ChangeNotPossible.
    """
    now = now.replace(microsecond=0)
    possible_check(subscription)
    ends_at = max(subscription.current_period_end, now)
    lead_check(subscription, ends_at, now)
    base = agreed_base(subscription)
    amount = new_charge(subscription, subscription.interval, base).amount_paise
    return Preview(
        way="later",
        plan_version=subscription.plan_version,
        interval=subscription.interval,
        credit_paise=0,
        price_paise=base,
        price_with_tax_paise=amount,
        due_paise=0,
        charged_paise=0,
        refund_paise=0,
        currency=CURRENCY,
        effective_at=ends_at,
        computed_at=now,
        headroom=headroom_of(subscription, amount, now=now),
    )


def lead_check(subscription: Subscription, starts_at: datetime, now: datetime) -> None:
    """Raises ChangeNotPossible when the gateway takes no mandate that begins so soon."""
    if starts_at - now < gateway_of(subscription.gateway).capabilities.shortest_start:
        raise ChangeNotPossible(TOO_CLOSE)


def possible_check(subscription: Subscription) -> None:
    """Raises ChangeNotPossible with what to do first."""
    if not subscription.gateway:
        raise ChangeNotPossible(WITHOUT_GATEWAY)
    if subscription.state != State.ACTIVE:
        raise ChangeNotPossible(NOT_ACTIVE.get(State(subscription.state), WITHOUT_GATEWAY))
    if subscription.cancel_at_period_end:
        raise ChangeNotPossible(ENDING)
    if None in {subscription.current_period_start, subscription.current_period_end}:
        raise ChangeNotPossible(NOT_ACTIVE[State.INCOMPLETE])


def credits_of(subscription: Subscription, at: datetime) -> tuple[Credit, ...]:
    """What is unused of each payment whose period is not over at that time.

    A period that begins later is unused altogether.
    """
    rows = Payment.objects.filter(
        subscription=subscription, needs_refund=False, period_end__gt=at, period_start__isnull=False
    )
    found = (_credit(row, at) for row in rows.order_by("pk"))
    return tuple(one for one in found if one.amount_paise)


def agreed_base(subscription: Subscription) -> int:
    """The price of an interval that is agreed now, before GST."""
    version = subscription.plan_version
    listed = base_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )
    return listed if subscription.agreed_paise is None else subscription.agreed_paise


def new_charge(subscription: Subscription, interval: str, base_paise: int) -> Charge:
    """The new price as the gateway charges it."""
    return Charge(
        amount_paise=agreed_split(subscription, base_paise).total.paise,
        currency=CURRENCY,
        plan=subscription.plan_version.plan.tier,
        interval=interval,
    )


def _figures(
    subscription: Subscription,
    interval: str,
    price: Price,
    headroom: Headroom,
    found: tuple[Credit, ...],
    now: datetime,
) -> Figures:
    able = gateway_of(subscription.gateway).capabilities.change_plan
    # With another tax than before it needs a page that says so; and a gateway that prorates does
    # not know what came back of a payment since.
    wanted = new_charge(subscription, interval, price.base_paise).amount_paise
    is_plain = wanted == price.amount_paise and all(one.is_whole for one in found)
    figures = change_figures(
        period=(subscription.current_period_start, subscription.current_period_end),
        credit_paise=sum(one.base_paise for one in found),
        old=(subscription.interval, agreed_base(subscription)),
        new=(interval, price.base_paise),
        can_in_place=able == "in_place" and headroom.is_enough and is_plain,
        now=now,
    )
    if able == "none" and figures.way != "relabel":
        raise ChangeNotPossible
    return figures


def _charged(
    subscription: Subscription, interval: str, price: Price, figures: Figures, now: datetime
) -> tuple[int, int]:
    """What is charged now, before and with GST."""
    if figures.way == "switch":
        return price.base_paise, price.amount_paise
    if figures.way != "in_place":
        return 0, 0
    ours = agreed_split(subscription, figures.due_paise).total.paise
    theirs = gateway_of(subscription.gateway).preview_change(
        subscription.gateway_subscription_id,
        new_charge(subscription, interval, price.base_paise),
        at=now,
    )
    if abs(ours - theirs) > MOST_DIFFERENCE:
        logger.error(
            "subscription %s: the gateway would charge %s paise, by our own reckoning %s",
            subscription.pk,
            theirs,
            ours,
        )
        raise ChangeNotPossible
    return base_like(theirs, tax_paise=price.tax_paise), theirs


def _credit(payment: Payment, at: datetime) -> Credit:
    """Of what the period really cost: a coupon that came back lowers its price from the start."""
    tax, left = payment.tax_paise, refundable_paise(payment)
    is_whole = left == payment.amount_paise
    given_back = 0 if is_whole else payment.base_paise - base_like(left, tax_paise=tax)
    of_coupon = 0 if is_whole else min(given_back, _coupon_base(payment))
    start, end = payment.period_start, payment.period_end
    price = payment.base_paise - of_coupon
    base = credit_of(PaidPeriod(price, start, end, given_back - of_coupon), at)
    amount = left if base == price else min(taxed_like(base, tax_paise=tax), left)
    return Credit(payment, base, amount, is_whole)


def _coupon_base(payment: Payment) -> int:
    rows = payment.refunds.exclude(state="failed")
    rows = rows.filter(actor_id=None, reason__startswith=f"{REFUND_REASON} ")
    given = rows.aggregate(total=Sum("amount_paise"))["total"] or 0
    return base_like(given, tax_paise=payment.tax_paise)
