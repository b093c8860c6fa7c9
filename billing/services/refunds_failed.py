"""Refunds that did not reach the customer: at once, or weeks after they were called processed.

Callers hold the workspace's row lock and move the refund's own row.
"""

import logging
from datetime import datetime

from django.db.models import Q

from billing.engine import ledger
from billing.models import Refund, Settlement
from billing.services.document_rows import document_settle
from billing.services.ledger import journal_post
from billing.services.staff_notices import staff_tell
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.events import tenant_event

logger = logging.getLogger(__name__)
FAILED = "refund_failed"


def take_back(refund: Refund, now: datetime) -> None:
    """The money came back from the customer's bank: the refund's entry is reversed, so that the
    customer's account shows what we owe. Its credit note stands and waits for the next refund of
    this amount; the invoice is paid as it was before."""
    journal_post(
        kind="refund",
        cause=f"refund:{refund.pk}:failed",
        narration=f"Refund {refund.remote_id} came back to {refund.payment.gateway}",
        postings=ledger.reversed_of(ledger.refund_paid(refund.amount_paise)),
        on=clock.today(now),
        now=now,
        tenant=refund.tenant,
    )
    mine = Q(cause=f"refund:{refund.pk}") | Q(cause__endswith=f":{refund.pk}")
    own = [f"credit_note:{note.number}" for note in refund.documents.all()]
    rows = Settlement.objects.filter(mine | Q(cause__in=own), document__tenant=refund.tenant)
    # What closed the invoice for the note is taken off first: it never holds more than its total.
    for row in rows.select_related("document").order_by("-amount_paise"):
        document_settle(
            row.document,
            amount_paise=-row.amount_paise,
            by=row.by,
            cause=f"{row.cause}:failed",
            now=now,
            payment=row.payment,
            reason="the refund came back",
        )


def tell_failed(refund: Refund, *, came_back: bool, now: datetime) -> None:
    """Into the workspace's history and to staff, once: only they know another way."""
    amount = Rupees(refund.amount_paise).format()
    how = "came back to us after it had gone out" if came_back else "was refused"
    text = (
        f"A refund of {amount} for payment {refund.payment.remote_id} at {refund.payment.gateway} "
        f"{how}. Ask the customer for a bank account and refund it by transfer, or plan the refund "
        f"anew."
    )
    if refund.documents.exists():
        text += " Its credit note stands: no second one is due."
    logger.error("refund %s: %s", refund.pk, text)
    tenant_event(refund.tenant, FAILED, reason=f"{refund.pk}: {text}"[:500], now=now)
    staff_tell(
        subject=f"A refund failed: {refund.tenant.name}",
        text=f"{refund.tenant.name} ({refund.tenant.slug}): {text}",
        key=f"billing-staff-failed:{refund.pk}",
    )
