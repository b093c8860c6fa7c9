"""Does what the gateway says agree with what we asked for? Our own rows decide, always."""

from dataclasses import dataclass
from uuid import UUID

from billing.engine.prices import charge_of
from billing.errors import EventRefused
from billing.gateways.base import Charge, Observation
from billing.models import Checkout, Subscription
from marketing_platform.core.money import GstSplit, Rupees


@dataclass(frozen=True)
class Parties:
    """Our rows that an observation speaks of; at least one is there."""

    checkout: Checkout | None
    subscription: Subscription | None

    @property
    def tenant_id(self) -> UUID:
        return (self.subscription or self.checkout).tenant_id


def parties_of(gateway: str, observation: Observation) -> Parties | None:
    """Found by our own map (gateway, remote id) only, never by what the event says of itself."""
    checkout = subscription = None
    if observation.checkout:
        rows = Checkout.objects.select_related("plan_version__plan")
        checkout = rows.filter(gateway=gateway, remote_id=observation.checkout.remote_id).first()
    if observation.subscription:
        rows = Subscription.objects.select_related("plan_version__plan")
        subscription = rows.filter(
            gateway=gateway, gateway_subscription_id=observation.subscription.remote_id
        ).first()
    if checkout is None and subscription is None:
        return None
    return Parties(checkout, subscription)


def parties_check(parties: Parties, observation: Observation) -> None:
    """Raises EventRefused when order, workspace, amount, currency or plan is not ours."""
    checkout, subscription = parties.checkout, parties.subscription
    if checkout and subscription:
        if checkout.tenant_id != subscription.tenant_id:
            raise EventRefused(reason="it joins rows of two workspaces")
        if checkout.subscription_id != subscription.pk:
            raise EventRefused(reason="the subscription came from another checkout")
    if observation.checkout and checkout is None:
        raise EventRefused(reason="the checkout is not ours")
    if observation.checkout and checkout:
        if observation.checkout.reference != str(checkout.pk):
            raise EventRefused(reason="the reference is another checkout's")
        _charge_check(checkout_charge(checkout), observation.checkout.charge)
    if observation.subscription:
        ours = subscription_charge(subscription) if subscription else checkout_charge(checkout)
        _charge_check(ours, observation.subscription.charge)
    split = split_of(parties)
    for payment in observation.payments:
        if payment.amount_paise != split.total.paise:
            raise EventRefused(
                reason=f"{payment.amount_paise} paise were paid, {split.total.paise} were asked"
            )
        if payment.currency != (checkout.currency if checkout else "INR"):
            raise EventRefused(reason=f"paid in {payment.currency}")


def split_of(parties: Parties) -> GstSplit:
    """Base, tax and total of one payment, from our row."""
    if parties.subscription:
        return _split(parties.subscription)
    checkout = parties.checkout
    return GstSplit(
        Rupees(checkout.base_paise), Rupees(checkout.tax_paise), Rupees(checkout.amount_paise)
    )


def checkout_charge(checkout: Checkout) -> Charge:
    return Charge(
        amount_paise=checkout.amount_paise,
        currency=checkout.currency,
        plan=checkout.plan_version.plan.tier,
        interval=checkout.interval,
    )


def subscription_charge(subscription: Subscription) -> Charge:
    return Charge(
        amount_paise=_split(subscription).total.paise,
        currency="INR",
        plan=subscription.plan_version.plan.tier,
        interval=subscription.interval,
    )


def _split(subscription: Subscription) -> GstSplit:
    version = subscription.plan_version
    return charge_of(
        monthly_paise=version.monthly_paise,
        annual_paise=version.annual_paise,
        interval=subscription.interval,
    )


def _charge_check(ours: Charge, theirs: Charge) -> None:
    for name in ("amount_paise", "currency", "plan", "interval"):
        asked, seen = getattr(ours, name), getattr(theirs, name)
        if asked != seen:
            raise EventRefused(reason=f"{name} is {seen!r}, we asked for {asked!r}")
