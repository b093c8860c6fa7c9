"""What settles an invoice: payments, transfers, deducted tax, credit notes, writing off."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from billing.engine import ledger
from billing.errors import CauseDiffers, NothingToSettle, SettledTooMuch, TakenBackTooMuch
from billing.models import Payment, Settlement, TaxDocument
from billing.selectors.documents import open_paise
from billing.services.ledger import journal_post
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

# Only these move money by being settled; payments, transfers and notes have entries of their own.
POSTINGS = {"tds": ledger.tds_deducted, "write_off": ledger.written_off}


@public_context()
def settle(
    *,
    document: TaxDocument,
    amount_paise: int,
    by: str,
    cause: str,
    on: date,
    now: datetime,
    payment: Payment | None = None,
    actor_id: UUID | None = None,
    reason: str = "",
) -> Settlement:
    """Settle a part of an invoice; the same cause again answers the first row.

    A negative amount takes back (a lost dispute, a wrong match). Raises SettledTooMuch when it is
    more than what is open, TakenBackTooMuch when it takes back more than was settled,
    NothingToSettle for zero, CauseDiffers for a cause that settled it by another amount or way.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=document.tenant_id)
        known = Settlement.objects.filter(document=document, cause=cause).first()
        if known is not None:
            if (known.amount_paise, known.by) != (amount_paise, by):
                raise CauseDiffers(cause=cause)
            return known
        _check(document, amount_paise)
        settlement = Settlement.objects.create(
            tenant_id=document.tenant_id,
            document=document,
            amount_paise=amount_paise,
            by=by,
            payment=payment,
            cause=cause,
            actor_id=actor_id,
            reason=reason[:200],
            settled_on=on,
            created_at=now,
        )
        if by in POSTINGS:
            _post(settlement, now)
    return settlement


def _check(document: TaxDocument, amount_paise: int) -> None:
    left = open_paise(document)
    settled = document.total_paise - left if document.kind == "invoice" else 0
    if not amount_paise:
        raise NothingToSettle(field="amount")
    if amount_paise > 0 and amount_paise > left:
        raise SettledTooMuch(number=document.number, left=Rupees(left).format())
    if amount_paise < 0 and -amount_paise > settled:
        raise TakenBackTooMuch(number=document.number, settled=Rupees(settled).format())


def _post(settlement: Settlement, now: datetime) -> None:
    document = settlement.document
    journal_post(
        kind=settlement.by,
        cause=f"settlement:{settlement.pk}",
        narration=f"{document.number}: {settlement.get_by_display()}",
        postings=POSTINGS[settlement.by](settlement.amount_paise),
        on=settlement.settled_on,
        now=now,
        tenant=document.tenant,
        actor_id=settlement.actor_id,
        reason=settlement.reason,
    )
