"""Money that a gateway took: the payment, its invoice, the books and the receipt, at once."""

import logging
from datetime import datetime

from django.db import transaction

from billing.engine import ledger
from billing.gateways.base import PaymentSnapshot
from billing.models import Checkout, Payment, Subscription, TaxDocument
from billing.services.disputes import lost_reopen
from billing.services.ledger import journal_post
from billing.services.matching import PAY_LINK, Parties, split_of
from billing.services.refunds import credits_later
from billing.services.staff_notices import staff_tell
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import GstSplit
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant, TenantEvent

logger = logging.getLogger(__name__)
NOT_ASKED = "payment_not_asked"


@public_context()
def payment_add(
    *,
    tenant: Tenant,
    subscription: Subscription | None,
    checkout: Checkout | None,
    snapshot: PaymentSnapshot,
    gateway: str,
    now: datetime,
    needs_refund: bool = False,
    remark: str = "",
) -> Payment:
    """The payment with all that follows from it, in one transaction; the same again adds nothing.

    Money that is to go back gets no invoice. An invoice that cannot be issued (no supplier entered,
    a month that is filed) never holds up the payment and the access: it is tried again later.
    Raises EventRefused when the amount is none that we asked for.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        known = Payment.objects.filter(gateway=gateway, remote_id=snapshot.remote_id).first()
        if known is not None:
            return known
        split = split_of(Parties(checkout, subscription), snapshot.amount_paise)
        payment = _create(
            tenant, subscription, checkout, snapshot, gateway, split, now, needs_refund, remark
        )
        _post(payment, now)
        if needs_refund:
            return payment
        if not _settle_safely(payment, now):
            invoice_later(payment)
        _rewards(payment, now)
        _receipt_later(payment)
    return payment


def _create(
    tenant: Tenant,
    subscription: Subscription | None,
    checkout: Checkout | None,
    snapshot: PaymentSnapshot,
    gateway: str,
    split: GstSplit,
    now: datetime,
    needs_refund: bool,
    remark: str,
) -> Payment:
    start, end = _period(subscription, snapshot)
    if needs_refund:
        start = end = None
    return Payment.objects.create(
        tenant=tenant,
        subscription=subscription,
        checkout=checkout,
        gateway=gateway,
        remote_id=snapshot.remote_id,
        base_paise=split.base.paise,
        tax_paise=split.tax.paise,
        amount_paise=split.total.paise,
        currency=snapshot.currency,
        needs_refund=needs_refund,
        remark=remark,
        method=snapshot.method[:20],
        remote_invoice_id=snapshot.remote_invoice_id,
        period_start=start,
        period_end=end,
        paid_at=snapshot.paid_at,
        created_at=now,
    )


def _period(
    subscription: Subscription | None, snapshot: PaymentSnapshot
) -> tuple[datetime | None, datetime | None]:
    """What the gateway says is paid for, else the period in which it was paid, if that is known."""
    if snapshot.period_start or subscription is None:
        return snapshot.period_start, snapshot.period_end
    start, end = subscription.current_period_start, subscription.current_period_end
    if start is None or end is None or not start <= snapshot.paid_at < end:
        return None, None
    return start, end


def _settle_safely(payment: Payment, now: datetime) -> bool:
    """Whether what this money pays for is on paper."""
    try:
        with transaction.atomic():
            payment_settle(payment=payment, now=now)
    except PlatformError as error:
        logger.error("payment %s has no invoice yet: %s", payment.pk, error.english)
        return False
    except Exception:
        # Whatever is wrong with the paper, who has paid has access.
        logger.exception("payment %s has no invoice yet", payment.pk)
        return False
    return True


@public_context()
def payment_settle(*, payment: Payment, now: datetime) -> TaxDocument:
    """The document that this payment pays for: the one that its link names, or a new invoice.

    Called again it answers the same one. What a link brings beyond what is open stays the
    customer's credit.
    """
    from billing.services.invoicing import invoice_issue

    with transaction.atomic():
        named = _named_document(payment)
        if named is not None:
            _settle_named(named, payment, now)
            credits_later(payment)
            return named
        credits_later(payment)
        invoice = invoice_issue(
            tenant=payment.tenant,
            subscription=payment.subscription,
            base_paise=payment.base_paise,
            cause=f"payment:{payment.gateway}:{payment.remote_id}",
            now=now,
            charged_paise=payment.amount_paise,
            payment=payment,
            period_start=payment.period_start,
            period_end=payment.period_end,
        )
        lost_reopen(payment, now=now)
        return invoice


@public_context()
def payments_catch_up(*, gateway_code: str, now: datetime) -> int:
    """Put on paper what waits for it: a supplier was entered, a month was opened. How many were."""
    rows = Payment.objects.select_related("tenant", "subscription", "checkout")
    waiting = rows.filter(gateway=gateway_code, needs_refund=False, settlements=None)
    return sum(_settle_safely(payment, now) for payment in waiting.order_by("pk"))


def _named_document(payment: Payment) -> TaxDocument | None:
    checkout = payment.checkout
    if checkout is None or checkout.purpose != PAY_LINK or not checkout.document_number:
        return None
    rows = TaxDocument.objects.filter(tenant_id=payment.tenant_id, kind="invoice")
    return rows.filter(number=checkout.document_number).order_by("-pk").first()


def _settle_named(document: TaxDocument, payment: Payment, now: datetime) -> None:
    from billing.selectors.documents import open_paise
    from billing.services.dunning import money_arrived
    from billing.services.settling import settle

    cause = f"payment:{payment.pk}"
    amount = min(open_paise(document), payment.amount_paise)
    if amount <= 0 or document.settlements.filter(cause=cause).exists():
        return
    settle(
        document=document,
        amount_paise=amount,
        by="payment",
        cause=cause,
        on=clock.today(payment.paid_at),
        now=now,
        payment=payment,
    )
    money_arrived(tenant=payment.tenant, now=now)


@public_context()
def payment_tell_odd(
    *, tenant: Tenant, gateway: str, snapshot: PaymentSnapshot, now: datetime
) -> None:
    """The gateway shows money of this workspace's subscription that nobody asked for. Nothing is
    booked or given for it: into the workspace's history and to staff, once (`payments_odd`)."""
    known = f"{gateway} {snapshot.remote_id}: "
    rows = TenantEvent.objects.filter(tenant=tenant, kind=NOT_ASKED)
    if rows.filter(reason__startswith=known).exists():
        return
    amount = f"{snapshot.currency} {snapshot.amount_paise / 100:.2f}"
    text = (
        f"{known}{amount} of {snapshot.paid_at:%d-%m-%Y} is no payment that we asked for. Look it "
        f"up there: give it back there, or change the price to what was agreed."
    )
    logger.error("workspace %s: %s", tenant.slug, text)
    tenant_event(tenant, NOT_ASKED, reason=text[:500], now=now)
    staff_tell(
        subject=f"A payment that nobody asked for: {tenant.name}",
        text=text,
        key=f"billing-staff-odd:{gateway}:{snapshot.remote_id}",
    )


@public_context()
def payments_odd() -> list[TenantEvent]:
    """What was set aside and has not been counted since, the newest first; `reason` begins with
    the gateway and its id of the payment."""
    rows = TenantEvent.objects.filter(kind=NOT_ASKED).select_related("tenant")
    paid = Payment.objects.filter(tenant__in=rows.values("tenant"))
    counted = {
        f"{gateway} {number}" for gateway, number in paid.values_list("gateway", "remote_id")
    }
    return [row for row in rows if row.reason.partition(":")[0] not in counted]


def invoice_later(payment: Payment) -> None:
    """In the caller's transaction; the work tries again by itself."""
    work_schedule(
        task="billing.settle_payment",
        arguments={"payment_id": payment.pk},
        key=f"billing-invoice:{payment.pk}",
        queue="billing",
    )


def _post(payment: Payment, now: datetime) -> None:
    """The gateway owes us what it took; until an invoice is settled, we owe the customer."""
    journal_post(
        kind="payment",
        cause=f"payment:{payment.gateway}:{payment.remote_id}",
        narration=f"Payment {payment.remote_id} at {payment.gateway}",
        postings=ledger.payment_received(payment.amount_paise),
        on=clock.today(now),
        now=now,
        tenant=payment.tenant,
    )


def _rewards(payment: Payment, now: datetime) -> None:
    """A month of a coupon is used up, and whoever brought this workspace earns their month."""
    from billing.services.coupons import coupon_paid
    from billing.services.referrals import referral_paid

    coupon_paid(payment=payment, now=now)
    referral_paid(payment=payment, now=now)


def _receipt_later(payment: Payment) -> None:
    work_schedule(
        task="billing.send_receipt",
        tenant=payment.tenant,
        arguments={"payment_id": payment.pk},
        key=f"billing-receipt:{payment.pk}",
        queue="billing",
    )
