"""Issuing credit notes: what an invoice is less, and what went back for it."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from billing.engine.gst import TaxSplit, credit_tax, credit_until, taxable_of
from billing.engine.numbering import CREDIT_NOTES
from billing.engine.revenue import credit_slices
from billing.errors import CreditTooLarge, CreditTooLate, NotAnInvoice
from billing.models import Refund, RevenueSlice, Settlement, TaxDocument
from billing.selectors.documents import credit_notes_of, open_paise, tax_split
from billing.services.document_rows import (
    Charged,
    document_add,
    document_post,
    document_settle,
    slices_add,
)
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

HEADS = ("cgst", "sgst", "igst")
# A refund's share before tax is rounded, and so is each head: a paisa each at most.
MOST_CREDIT_ROUNDING = 2


@public_context()
def credit_note_issue(
    *,
    document: TaxDocument,
    taxable_paise: int | None,
    reason: str,
    cause: str,
    now: datetime,
    refund: Refund | None = None,
    actor_id: UUID | None = None,
) -> TaxDocument:
    """A credit note on an invoice; the same cause again answers the first one.

    With `refund` its total is what went back, to the paisa, and `taxable_paise` may be None: then
    it is what stands before tax in the refund. All notes on an invoice together never exceed it,
    and the last one closes it head by head. Takes back months that are not earned yet, the latest
    first; settles what is open of the invoice, or answers for the refund. Raises CreditTooLarge,
    CreditTooLate (after 30 November of the next financial year), NotAnInvoice and PeriodLocked.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=document.tenant_id)
        issued = TaxDocument.objects.filter(cause=cause).first()
        if issued:
            return issued
        original = TaxDocument.objects.select_related("supplier", "account").get(pk=document.pk)
        if original.kind != "invoice":
            raise NotAnInvoice(number=original.number)
        issued_on = clock.today(now)
        if issued_on > credit_until(original.issued_on):
            raise CreditTooLate(day=f"{credit_until(original.issued_on):%d-%m-%Y}")
        charged = _credited(original, taxable_paise, refund)
        note = document_add(
            tenant=original.tenant,
            kind="credit_note",
            series=CREDIT_NOTES,
            supplier=original.supplier,
            account=original.account,
            issued_on=issued_on,
            due_on=None,
            subscription=original.subscription,
            original=original,
            refund=refund,
            seller=original.seller,
            buyer=original.buyer,
            line=original.lines[0],
            place_of_supply=original.place_of_supply,
            charged=charged,
            reason=reason[:200],
            po_number=original.po_number,
            cost_centre=original.cost_centre,
            language=original.language,
            cause=cause,
            actor_id=actor_id,
            now=now,
        )
        _slices_take_back(original, note)
        document_post(note, now=now, actor_id=actor_id)
        _credit_settle(original, note, refund, now, actor_id)
    return note


@public_context()
def credit_note_found(
    *, document: TaxDocument, refund: Refund, now: datetime, is_any_amount: bool = False
) -> TaxDocument | None:
    """The earlier note, without a refund that reached the customer, that this refund is the money
    of; None if there is none. It has just this amount left, or with `is_any_amount` at least that.

    The refund opens the invoice again by what went back, and the found note closes it by the same.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=document.tenant_id)
        taken = Settlement.objects.filter(document=document, cause=f"refund:{refund.pk}").first()
        unpaid = Q(refund=None) | Q(refund__state="failed")
        for note in credit_notes_of(document).filter(unpaid):
            cause = f"credit_note:{note.number}"
            rows = Settlement.objects.filter(document=document, by="credit_note")
            if rows.filter(cause=f"{cause}:{refund.pk}").exists():
                return note
            used = rows.filter(Q(cause=cause) | Q(cause__startswith=f"{cause}:"))
            left = note.total_paise - (used.aggregate(paise=Sum("amount_paise"))["paise"] or 0)
            fits = left >= refund.amount_paise if is_any_amount else left == refund.amount_paise
            if fits and taken is None:
                _refund_settle(document, refund, now, refund.actor_id, refund.reason)
                document_settle(
                    document,
                    amount_paise=refund.amount_paise,
                    by="credit_note",
                    cause=f"{cause}:{refund.pk}",
                    now=now,
                    actor_id=refund.actor_id,
                    reason=refund.reason,
                )
                return note
    return None


def _credited(original: TaxDocument, taxable: int | None, refund: Refund | None) -> Charged:
    """The heads of a note, from what is left of the invoice."""
    notes = list(credit_notes_of(original))
    left = original.total_paise - sum(note.total_paise for note in notes)
    credited = sum(note.taxable_paise for note in notes)
    wanted = refund.amount_paise if refund else None
    if taxable is None:
        taxable = _taxable_of_refund(original, wanted or 0, left, credited)
    earlier = [tax_split(note) for note in notes]
    try:
        tax = credit_tax(
            original=tax_split(original),
            original_taxable=original.taxable_paise,
            credited_taxable=credited,
            credited=TaxSplit(*(sum(getattr(each, head) for each in earlier) for head in HEADS)),
            taxable=taxable,
        )
    except ValueError as error:
        raise CreditTooLarge(left=Rupees(left).format()) from error
    is_last = credited + taxable == original.taxable_paise
    total = left if is_last else taxable + tax.total
    if wanted is not None:
        if abs(wanted - total) > MOST_CREDIT_ROUNDING or wanted > left:
            raise CreditTooLarge(left=Rupees(left).format())
        total = wanted
    return Charged(taxable, tax, total - taxable - tax.total, original.supply)


def _taxable_of_refund(original: TaxDocument, amount: int, left: int, credited: int) -> int:
    if amount == left:
        return original.taxable_paise - credited
    return taxable_of(
        amount,
        supplier_state=original.seller["state_code"],
        place=original.place_of_supply,
        supply=original.supply,
        rate_basis_points=original.lines[0]["rate_basis_points"],
    )


def _slices_take_back(original: TaxDocument, note: TaxDocument) -> None:
    """Of the invoice and its earlier notes, what no month has earned yet goes first."""
    still_open: Counter[str] = Counter()
    rows = RevenueSlice.objects.filter(earned_at=None, document__in=[original.pk])
    notes = RevenueSlice.objects.filter(earned_at=None, document__original=original)
    for slice_ in (*rows, *notes):
        still_open[slice_.month] += slice_.amount_paise
    parts = credit_slices(
        taxable_paise=note.taxable_paise, open_by_month=still_open, issued_on=note.issued_on
    )
    slices_add(note, parts)


def _credit_settle(
    original: TaxDocument,
    note: TaxDocument,
    refund: Refund | None,
    now: datetime,
    actor_id: UUID | None,
) -> None:
    """A refund opens the invoice again by what went back, and the note closes it by the same."""
    if refund is not None:
        _refund_settle(original, refund, now, actor_id, note.reason)
    settled = min(note.total_paise, max(open_paise(original), 0))
    if settled:
        document_settle(
            original,
            amount_paise=settled,
            by="credit_note",
            cause=f"credit_note:{note.number}",
            now=now,
            actor_id=actor_id,
            reason=note.reason,
        )


def _refund_settle(
    original: TaxDocument, refund: Refund, now: datetime, actor_id: UUID | None, reason: str
) -> None:
    document_settle(
        original,
        amount_paise=-refund.amount_paise,
        by="payment",
        cause=f"refund:{refund.pk}",
        now=now,
        payment=refund.payment,
        actor_id=actor_id,
        reason=reason,
    )
