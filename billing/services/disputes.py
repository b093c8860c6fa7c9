"""A customer's bank takes a payment back, or may: kept as the gateway tells it, and told to us."""

import logging
from datetime import datetime

from billing.engine import ledger
from billing.gateways.base import DisputeSnapshot
from billing.models import Dispute, Payment
from billing.services.ledger import journal_post
from marketing_platform.core import clock
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
    if is_new:
        logger.error("payment %s is disputed: %s", payment.remote_id, snapshot.reason)
    is_moved = is_new or _is_newer(dispute, snapshot)
    if is_moved and not is_new:
        Dispute.objects.filter(pk=dispute.pk).update(**facts)
        logger.error("dispute %s is %s", snapshot.remote_id, snapshot.state)
    if is_moved and snapshot.state == LOST:
        _post(dispute, now)
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


def _is_newer(dispute: Dispute, snapshot: DisputeSnapshot) -> bool:
    if dispute.state == snapshot.state or dispute.state in OVER:
        return False
    return snapshot.updated_at >= dispute.observed_at or snapshot.state in OVER
