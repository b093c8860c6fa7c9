"""A refund that found no credit note: staff say which paper answers for the money.

What earlier notes of the invoice have left is used first. Only the rest needs a note of its own, or
is a loss.
"""

from copy import copy
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from billing.errors import RefundNotWaiting
from billing.models import Refund, Settlement, TaxDocument
from billing.selectors.documents import credit_notes_of
from billing.services.crediting import credit_note_found, credit_note_issue
from billing.services.refunds import refunds_for_staff
from billing.services.settling import settle
from billing.services.staff_acts import reason_checked
from marketing_platform.core import clock
from marketing_platform.core.errors import NotFound
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant


@public_context()
def refund_note(
    *, refund: Refund, document: TaxDocument, reason: str, actor_id: UUID, now: datetime
) -> TaxDocument:
    """The credit note of a refund, on the invoice that staff choose: an earlier note with enough
    left, else a new one over what the earlier ones leave.

    Raises RefundNotWaiting (so a second time does nothing), and what credit_note_issue raises.
    """
    reason = reason_checked(reason)
    with transaction.atomic():
        _waits(refund)
        if document.tenant_id != refund.tenant_id:
            raise NotFound
        facts = {"document": document, "now": now}
        note = credit_note_found(refund=refund, is_any_amount=True, **facts)
        if note is None:
            rest = copy(refund)
            rest.amount_paise -= _notes_use(refund, document, reason, actor_id, now)
            note = credit_note_issue(
                refund=rest,
                taxable_paise=None,
                reason=reason,
                cause=f"refund:{refund.pk}",
                actor_id=actor_id,
                **facts,
            )
        said = f"{refund.pk}: {note.number} on {document.number}. {reason}"[:500]
        kind = "refund_credited_by_staff"
        tenant_event(refund.tenant, kind, reason=said, actor_id=actor_id, now=now)
    return note


@public_context()
def refund_without_note(
    *, refund: Refund, reason: str, actor_id: UUID, now: datetime
) -> tuple[TaxDocument, int]:
    """No more credit note is due for a refund: its invoice stands with its GST, and what no earlier
    note answers for is a loss in the books. Answers the invoice and the paise of the loss.

    Raises RefundNotWaiting (so a second time does nothing), TakenBackTooMuch.
    """
    reason = reason_checked(reason)
    with transaction.atomic():
        _waits(refund)
        paid = refund.payment.settlements.select_related("document").order_by("pk").first()
        document = paid.document
        loss = refund.amount_paise - _notes_use(refund, document, reason, actor_id, now)
        cause = f"refund:{refund.pk}"
        facts = {"document": document, "on": clock.today(now), "now": now}
        facts |= {"actor_id": actor_id, "reason": reason}
        settle(amount_paise=-loss, by="payment", cause=cause, payment=refund.payment, **facts)
        settle(amount_paise=loss, by="write_off", cause=f"write_off:{cause}", **facts)
        said = f"{refund.pk}: {Rupees(loss).format()} without a note on {document.number}. {reason}"
        kind = "refund_without_note"
        tenant_event(refund.tenant, kind, reason=said[:500], actor_id=actor_id, now=now)
    return document, loss


def _notes_use(
    refund: Refund, document: TaxDocument, reason: str, actor_id: UUID, now: datetime
) -> int:
    """What notes without a refund of their own have left answers for a part of this one, the oldest
    first; the paise. That part opens the invoice again, and the notes close it by the same."""
    left, used = refund.amount_paise, 0
    facts = {"document": document, "on": clock.today(now), "now": now}
    facts |= {"actor_id": actor_id, "reason": reason}
    for note in credit_notes_of(document).filter(refund=None).order_by("pk"):
        part = min(left - used, _left_of(note, document))
        if part > 0:
            opened, closed = f"refund:{note.number}:{refund.pk}", f"credit_note:{note.number}"
            settle(amount_paise=-part, by="payment", cause=opened, payment=refund.payment, **facts)
            settle(amount_paise=part, by="credit_note", cause=f"{closed}:{refund.pk}", **facts)
            used += part
    return used


def _left_of(note: TaxDocument, document: TaxDocument) -> int:
    cause = f"credit_note:{note.number}"
    rows = Settlement.objects.filter(document=document, by="credit_note")
    rows = rows.filter(Q(cause=cause) | Q(cause__startswith=f"{cause}:"))
    return note.total_paise - (rows.aggregate(paise=Sum("amount_paise"))["paise"] or 0)


def _waits(refund: Refund) -> None:
    """Under the workspace's lock, so that of two at once the second is refused."""
    Tenant.objects.select_for_update(of=("self",)).get(pk=refund.tenant_id)
    if not refunds_for_staff().filter(pk=refund.pk).exists():
        raise RefundNotWaiting
