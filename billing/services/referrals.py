"""Who brought whom, and what the first payment earned. A reward is money back of a payment that
the other workspace made, with its credit note: nothing is prepaid."""

import logging
import secrets
from datetime import datetime

from django.db import transaction

from billing.engine.prices import base_like, taxed_like
from billing.errors import ReferralRefused
from billing.models import AccountWorkspace, Payment, Referral, ReferralCode
from billing.services.refunds import refund_plan, refundable_paise
from marketing_platform.core.text import mark as _
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.selectors import owner_of

logger = logging.getLogger(__name__)
# Without letters and digits that are read for one another.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8
# Half of the newcomer's month before GST: a yearly payment counts as a twelfth.
REWARD_BASIS_POINTS = 5_000
OWN_CODE = _("This is your own code. Pass it on to somebody else.")
PAID_ALREADY = _("A referral code is for before the first payment.")
ONE_ALREADY = _("This workspace came by another code.")
IN_A_CIRCLE = _("They came by your code: you cannot have come by theirs.")


@public_context()
def referral_code_of(*, tenant: Tenant, now: datetime) -> ReferralCode:
    """The workspace's code, made on first need."""
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    values = {"code": code, "created_at": now}
    return ReferralCode.objects.get_or_create(tenant=tenant, defaults=values)[0]


@public_context()
def referral_take(*, tenant: Tenant, code: str, now: datetime) -> Referral:
    """Before its first payment a workspace says by whom it came; once. Raises ReferralRefused."""
    wanted = code.strip().upper()
    if not wanted or len(wanted) > 12 or not wanted.isprintable():
        raise ReferralRefused(field="referral")
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        found = ReferralCode.objects.select_related("tenant").filter(code=wanted).first()
        if found is None:
            raise ReferralRefused(field="referral")
        taken = Referral.objects.filter(tenant=tenant).first()
        if taken is not None:
            if taken.code_id == found.pk:
                return taken
            raise ReferralRefused(ONE_ALREADY, field="referral")
        if _is_same_side(found.tenant, tenant):
            raise ReferralRefused(OWN_CODE, field="referral")
        if Referral.objects.filter(tenant=found.tenant_id, code__tenant=tenant).exists():
            raise ReferralRefused(IN_A_CIRCLE, field="referral")
        if Payment.objects.filter(tenant=tenant).exists():
            raise ReferralRefused(PAID_ALREADY, field="referral")
        return Referral.objects.create(tenant=tenant, code=found, created_at=now)


@public_context()
def referral_paid(*, payment: Payment, now: datetime) -> None:
    """After a payment, in its transaction: queue what it earns the one who brought this workspace,
    and what this workspace itself has waiting since it had paid nothing yet.

    As work of its own: it locks the other workspace.
    """
    if payment.needs_refund:
        return
    mine = Referral.objects.filter(tenant_id=payment.tenant_id, rewarded_at=None)
    waiting = Referral.objects.filter(code__tenant_id=payment.tenant_id, rewarded_at=None)
    for referral in (*mine, *waiting):
        work_schedule(
            task="billing.reward_referral",
            arguments={"referral_id": referral.pk},
            key=f"billing-referral:{referral.pk}:{payment.pk}",
            queue="billing",
        )


@public_context()
def referral_reward(*, referral_id: int, now: datetime) -> Referral:
    """Give the reward, once. It waits while the newcomer or the other has paid nothing."""
    referral = Referral.objects.select_related("code__tenant").get(pk=referral_id)
    with transaction.atomic():
        other = Tenant.objects.select_for_update().get(pk=referral.code.tenant_id)
        referral = Referral.objects.select_for_update().get(pk=referral_id)
        earned = _earned(referral)
        payment = _latest(other)
        if referral.rewarded_at is not None or not earned or payment is None:
            return referral
        base = min(earned, payment.base_paise)
        with_tax = taxed_like(base, tax_paise=payment.tax_paise)
        amount = min(with_tax, refundable_paise(payment))
        if amount <= 0:
            return referral
        refund_plan(payment=payment, amount_paise=amount, reason="Referral", actor_id=None, now=now)
        referral.rewarded_at, referral.reward_paise = now, amount
        referral.save(update_fields=["rewarded_at", "reward_paise"])
    return referral


def _earned(referral: Referral) -> int:
    """Before GST, from what was kept of the newcomer's first payment."""
    rows = Payment.objects.filter(tenant_id=referral.tenant_id, needs_refund=False)
    first = rows.select_related("subscription").order_by("paid_at", "pk").first()
    if first is None or first.subscription is None:
        return 0
    months = 12 if first.subscription.interval == "year" else 1
    kept = base_like(refundable_paise(first), tax_paise=first.tax_paise)
    return min(kept, first.base_paise) * REWARD_BASIS_POINTS // (10_000 * months)


def _latest(tenant: Tenant) -> Payment | None:
    rows = Payment.objects.filter(tenant=tenant, needs_refund=False)
    return rows.order_by("-paid_at", "-pk").first()


def _is_same_side(one: Tenant, other: Tenant) -> bool:
    """The same workspace, owner or payer."""
    owner = owner_of(one)
    if one.pk == other.pk or (owner is not None and owner == owner_of(other)):
        return True
    payers = AccountWorkspace.objects.filter(tenant__in=[one, other])
    return payers.count() > payers.values("account").distinct().count()
