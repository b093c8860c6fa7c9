"""A customer's bank takes a payment back, or may: kept as the gateway tells it, and told to us.

A lost one opens the invoice again by what was taken, so that paper and books say the same. What
then is for staff: write it off, or ask the customer. Nobody is reminded of it by itself, and the
subscription goes on as the gateway says.
"""

import logging
from datetime import datetime

from billing.engine import ledger
from billing.gateways.base import DisputeSnapshot
from billing.models import Dispute, Payment, Settlement, TaxDocument
from billing.selectors.documents import open_paise
from billing.services.ledger import journal_post
from billing.services.settling import settle
from billing.services.staff_notices import staff_tell
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
# What the customer's bank decided stands, whatever arrives later.
OVER = frozenset({"won", "lost", "closed"})
LOST = "lost"


def dispute_record(
    *, gateway: str, tenant: Tenant, snapshot: DisputeSnapshot, now: datetime
) -> str:
    """Insert or move forward, in the caller's transaction; an older word changes nothing."""
    payment = Payment.objects.filter(
        tenant=tenant, gateway=gateway, remote_id=snapshot.payment_id
    ).first()
    if payment is None:
        return "we know no such payment"
    facts = {
        "amount_paise": snapshot.amount_paise,
        "state": snapshot.state[:20],
        "reason": snapshot.reason[:200],
        "observed_at": snapshot.updated_at,
    }
    dispute, is_new = Dispute.objects.get_or_create(
        payment=payment,
        remote_id=snapshot.remote_id,
        defaults={**facts, "tenant": tenant, "created_at": now},
    )
    if is_new and snapshot.state not in OVER:
        _tell(dispute, "A payment is disputed", "Answer it there before its last day.", now)
    is_moved = is_new or _is_newer(dispute, snapshot)
    if is_moved and not is_new:
        Dispute.objects.filter(pk=dispute.pk).update(**facts)
        logger.error("dispute %s is %s", snapshot.remote_id, snapshot.state)
    if is_moved and snapshot.state == LOST:
        dispute.refresh_from_db()
        _post(dispute, now)
        _tell(dispute, "A dispute is lost", _choices(lost_reopen(payment, now=now)), now)
    return f"the dispute is {snapshot.state}"


def _post(dispute: Dispute, now: datetime) -> None:
    """The gateway took the money back: it is owed again. Once per dispute."""
    journal_post(
        kind="dispute",
        cause=f"dispute:{dispute.pk}",
        narration=f"Dispute {dispute.remote_id} lost",
        postings=ledger.dispute_lost(dispute.amount_paise),
        on=clock.today(now),
        now=now,
        tenant=dispute.tenant,
    )


def lost_reopen(payment: Payment, *, now: datetime) -> list[TaxDocument]:
    """Open again what this payment had settled, by what its lost disputes took; once each. Which
    invoices those are. In the caller's transaction, also when an invoice came after the dispute."""
    opened = []
    for dispute in payment.disputes.filter(state=LOST).order_by("pk"):
        cause, left = f"dispute:{dispute.pk}", dispute.amount_paise
        if Settlement.objects.filter(document__tenant=payment.tenant_id, cause=cause).exists():
            continue
        for document, settled in _settled_by(payment):
            taken = min(left, settled, document.total_paise - open_paise(document))
            if taken <= 0:
                continue
            settle(
                document=document,
                amount_paise=-taken,
                by="payment",
                cause=cause,
                on=clock.today(now),
                now=now,
                payment=payment,
                reason=f"dispute {dispute.remote_id} lost",
            )
            opened.append(document)
            left -= taken
    return opened


def _settled_by(payment: Payment) -> list[tuple[TaxDocument, int]]:
    sums: dict[TaxDocument, int] = {}
    for row in payment.settlements.select_related("document").order_by("pk"):
        sums[row.document] = sums.get(row.document, 0) + row.amount_paise
    return list(sums.items())


def _choices(opened: list[TaxDocument]) -> str:
    if not opened:
        return "No invoice stands on it: nothing more is to be done in the books."
    numbers = ", ".join(document.number for document in opened)
    return (
        f"Open again: {numbers}. Either write off what is open of it, or ask the customer: send "
        f"the invoice again, and it can be paid by link. No reminder goes out by itself, and "
        f"access stays as it is; cancel the subscription if it should not."
    )


def _tell(dispute: Dispute, subject: str, what_next: str, now: datetime) -> None:
    """Into the workspace's history and to staff, once per dispute and step."""
    payment, tenant = dispute.payment, dispute.tenant
    amount, why = Rupees(dispute.amount_paise).format(), dispute.reason or "no reason told"
    text = (
        f"{amount} of payment {payment.remote_id} at {payment.gateway} "
        f"({dispute.remote_id}, {why}). {what_next}"
    )
    logger.error("%s: %s", subject, text)
    step = "dispute_lost" if dispute.state == LOST else "dispute_opened"
    tenant_event(tenant, step, reason=text[:500], now=now)
    staff_tell(
        subject=f"{subject}: {tenant.name}",
        text=f"{tenant.name} ({tenant.slug}): {text}",
        key=f"billing-staff-{step}:{dispute.pk}",
    )


def _is_newer(dispute: Dispute, snapshot: DisputeSnapshot) -> bool:
    if dispute.state == snapshot.state or dispute.state in OVER:
        return False
    return snapshot.updated_at >= dispute.observed_at or snapshot.state in OVER
