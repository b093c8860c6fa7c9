"""Does what the gateway says agree with what we asked for? Our own rows decide, always."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from billing.engine.lifecycle import FINAL
from billing.engine.prices import Interval, charge_of
from billing.errors import EventRefused
from billing.gateways.base import Charge, Observation, PaymentSnapshot
from billing.models import LIVE_STATES, Checkout, Payment, PlanChange, Subscription
from billing.selectors.prices import agreed_split
from marketing_platform.core.money import GstSplit, Rupees

SUBSCRIBE, SWITCH, PAY_LINK = "subscribe", "switch", "pay_link"
INTERVALS = frozenset(one.value for one in Interval)


@dataclass(frozen=True)
class Parties:
    """Our rows that an observation speaks of; at least one is there.

    `is_surplus`: what it speaks of was bought a second time, and its money goes back.
    """

    checkout: Checkout | None
    subscription: Subscription | None
    payment: Payment | None = None
    is_surplus: bool = False

    @property
    def tenant_id(self) -> UUID:
        return (self.subscription or self.checkout or self.payment).tenant_id

    @property
    def is_link(self) -> bool:
        """One payment by link, without a subscription of its own."""
        return self.checkout is not None and self.checkout.purpose == PAY_LINK


def parties_of(gateway: str, observation: Observation) -> Parties | None:
    """Found by our own map (gateway, remote id) only, never by what the event says of itself."""
    checkout = subscription = payment = None
    if observation.checkout:
        rows = Checkout.objects.select_related("plan_version__plan", "change")
        checkout = rows.filter(gateway=gateway, remote_id=observation.checkout.remote_id).first()
    if observation.subscription:
        rows = Subscription.objects.select_related("plan_version__plan")
        subscription = rows.filter(
            gateway=gateway, gateway_subscription_id=observation.subscription.remote_id
        ).first()
    surplus = _surplus_of(gateway, observation) if subscription is None else None
    if surplus is not None:
        return Parties(checkout or surplus.checkout, None, is_surplus=True)
    if checkout is None and subscription is None:
        ids = {one.payment_id for one in (*observation.refunds, *observation.disputes)}
        payment = Payment.objects.filter(gateway=gateway, remote_id__in=ids).first()
        return Parties(None, None, payment) if payment else None
    return Parties(checkout, subscription)


def _surplus_of(gateway: str, observation: Observation) -> Payment | None:
    """A payment by which this subscription was found to be bought a second time: it has no row of
    its own, and a later charge of it may come without its page."""
    if observation.subscription is None:
        return None
    ids = {one.remote_id for one in observation.payments}
    rows = Payment.objects.select_related("checkout__plan_version__plan", "checkout__change")
    rows = rows.filter(gateway=gateway, remote_id__in=ids, needs_refund=True)
    return rows.filter(subscription=None, checkout__isnull=False).first()


def payments_apart(
    gateway: str, parties: Parties, observation: Observation
) -> tuple[Observation, tuple[PaymentSnapshot, ...]]:
    """The observation without the payments that are none of ours, and those.

    Only of a reading of a subscription that has its row: there they change nothing that the rest
    tells, and what was counted before is not judged again. Everywhere else EventRefused.
    """
    if not observation.is_authoritative or parties.subscription is None:
        for one in observation.payments:
            payment_check(parties, one)
        return observation, ()
    ids = [one.remote_id for one in observation.payments]
    rows = Payment.objects.filter(gateway=gateway, remote_id__in=ids)
    known = {row.remote_id: row for row in rows}
    odd = tuple(one for one in observation.payments if _is_odd(parties, one, known))
    rest = tuple(one for one in observation.payments if one not in odd)
    return replace(observation, payments=rest), odd


def is_surplus(parties: Parties, subscription: Subscription | None, paid_at: datetime) -> bool:
    """Whether nothing of ours is paid by this money.

    What was paid before its subscription ended is not: it only arrives late.
    """
    if parties.is_link:
        return False
    if subscription is None:
        return True
    if subscription.state not in FINAL or paid_at < subscription.state_changed_at:
        return False
    rows = Subscription.objects.filter(tenant=parties.tenant_id, state__in=LIVE_STATES)
    return rows.exclude(pk=subscription.pk).exists()


def _is_odd(parties: Parties, one: PaymentSnapshot, known: Mapping[str, Payment]) -> bool:
    row = known.get(one.remote_id)
    if row is not None:
        return is_of_another_order(parties, row)
    try:
        payment_check(parties, one)
    except EventRefused:
        return True
    return False


def is_of_another_order(parties: Parties, row: Payment) -> bool:
    if row.tenant_id != parties.tenant_id:
        return True
    return parties.checkout is not None and row.checkout_id not in {parties.checkout.pk, None}


def payment_check(parties: Parties, one: PaymentSnapshot) -> None:
    """Raises EventRefused for an amount or a currency that we never asked for."""
    split_of(parties, one.amount_paise)
    if one.currency != (parties.checkout.currency if parties.checkout else "INR"):
        raise EventRefused(reason=f"paid in {one.currency}")


def parties_check(parties: Parties, observation: Observation) -> None:
    """Raises EventRefused when order, workspace, price or plan is not ours."""
    checkout, subscription = parties.checkout, parties.subscription
    if checkout and subscription:
        if checkout.tenant_id != subscription.tenant_id:
            raise EventRefused(reason="it joins rows of two workspaces")
        if checkout.subscription_id != subscription.pk:
            raise EventRefused(reason="the subscription came from another checkout")
    if observation.checkout and checkout is None and parties.payment is None:
        raise EventRefused(reason="the checkout is not ours")
    if observation.checkout and checkout:
        if observation.checkout.reference != str(checkout.pk):
            raise EventRefused(reason="the reference is another checkout's")
        _charge_check(checkout_charge(checkout), observation.checkout.charge)
    if observation.subscription:
        _subscription_check(parties, observation.subscription.charge)


def split_of(parties: Parties, amount_paise: int) -> GstSplit:
    """Base, tax and total of one payment, from our rows. EventRefused for what was not asked."""
    asked = 0
    for split in _asked(parties):
        if split.total.paise == amount_paise:
            return split
        asked = asked or split.total.paise
    raise EventRefused(reason=f"{amount_paise} paise were paid, {asked} were asked")


def checkout_charge(checkout: Checkout) -> Charge:
    return Charge(
        amount_paise=checkout.amount_paise,
        currency=checkout.currency,
        plan=checkout.plan_version.plan.tier,
        interval=checkout.interval,
    )


def subscription_charge(subscription: Subscription) -> Charge:
    return Charge(
        amount_paise=price_split(subscription).total.paise,
        currency="INR",
        plan=subscription.plan_version.plan.tier,
        interval=subscription.interval,
    )


def price_split(subscription: Subscription) -> GstSplit:
    """What one interval of this subscription costs now: as agreed, else as listed."""
    version = subscription.plan_version
    listed = charge_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )
    agreed = subscription.agreed_paise
    base = listed.base if agreed is None else Rupees(agreed)
    pages = subscription.checkouts.exclude(purpose=PAY_LINK).filter(base_paise=base.paise)
    opened = pages.order_by("created_at").last()
    if opened is not None:
        return _checkout_split(opened)
    return agreed_split(subscription, base.paise)


def _asked(parties: Parties) -> Iterator[GstSplit]:
    """What may have been paid, most likely first: also the price of before a change."""
    if parties.subscription:
        yield price_split(parties.subscription)
    if parties.checkout:
        yield _checkout_split(parties.checkout)
    if parties.subscription:
        for change in _changes(parties.subscription):
            if change.due_with_tax_paise:
                base, total = Rupees(change.due_paise), Rupees(change.due_with_tax_paise)
                yield GstSplit(base, total - base, total)
            yield agreed_split(parties.subscription, change.price_paise)
        for payment in parties.subscription.payments.all()[:50]:
            yield _payment_split(payment)


def _changes(subscription: Subscription) -> list[PlanChange]:
    return list(subscription.changes.order_by("-computed_at")[:20])


def _checkout_split(row: Checkout) -> GstSplit:
    return GstSplit(Rupees(row.base_paise), Rupees(row.tax_paise), Rupees(row.amount_paise))


def _payment_split(row: Payment) -> GstSplit:
    return GstSplit(Rupees(row.base_paise), Rupees(row.tax_paise), Rupees(row.amount_paise))


def _subscription_check(parties: Parties, theirs: Charge) -> None:
    """Its price is the present one, or one that a change leads to or away from."""
    if parties.subscription is None:
        _charge_check(checkout_charge(parties.checkout), theirs)
        return
    ours = subscription_charge(parties.subscription)
    changed = {
        agreed_split(parties.subscription, one.price_paise).total.paise: one.interval
        for one in _changes(parties.subscription)
    }
    if changed and theirs.amount_paise != ours.amount_paise:
        earlier = set(parties.subscription.payments.values_list("amount_paise", flat=True))
        if theirs.amount_paise in earlier | set(changed):
            # Of before or after a change: the amount and the interval may differ, nothing else.
            interval = theirs.interval if theirs.interval in INTERVALS else ours.interval
            ours = replace(ours, amount_paise=theirs.amount_paise, interval=interval)
    _charge_check(ours, theirs)


def _charge_check(ours: Charge, theirs: Charge) -> None:
    """A payment by link names no plan and no interval; whatever is named must be ours."""
    for name in ("amount_paise", "currency", "plan", "interval"):
        asked, seen = getattr(ours, name), getattr(theirs, name)
        if asked != seen and not (seen == "" and name in {"plan", "interval"}):
            raise EventRefused(reason=f"{name} is {seen!r}, we asked for {asked!r}")
