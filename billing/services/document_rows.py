"""The rows of a document: itself, the months it earns, its journal entry, what settles it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.engine.einvoice import irn_of, needs_irn
from billing.engine.gst import RATE_BASIS_POINTS, TaxSplit
from billing.engine.numbering import financial_year
from billing.engine.revenue import Slices
from billing.models import Payment, RevenueSlice, Supplier, TaxDocument
from billing.selectors.documents import tax_split
from billing.services.earning import earning_plan
from billing.services.numbers import number_take
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant


@dataclass(frozen=True)
class Charged:
    """What a document is about, before it has a number."""

    taxable: int
    tax: TaxSplit
    rounding: int
    supply: str

    @property
    def total(self) -> int:
        return self.taxable + self.tax.total + self.rounding


def document_add(
    *,
    series: str,
    line: Mapping[str, object],
    charged: Charged,
    tenant: Tenant,
    kind: str,
    supplier: Supplier,
    issued_on: date,
    buyer: Mapping[str, str],
    now: datetime,
    **fields: Any,
) -> TaxDocument:
    """Number and write a document; its lines are one, with the amount and rate put in."""
    year = financial_year(issued_on)
    number = number_take(supplier=supplier, series=series, issued_on=issued_on)
    amounts = {"taxable_paise": charged.taxable, "rate_basis_points": RATE_BASIS_POINTS}
    has_irn = needs_irn(
        issues_e_invoices=supplier.issues_e_invoices, gstin=buyer["gstin"], supply=charged.supply
    )
    irn = irn_of(supplier_gstin=supplier.gstin, financial_year=year, kind=kind, number=number)
    return TaxDocument.objects.create(
        tenant=tenant,
        kind=kind,
        supplier=supplier,
        number=number,
        financial_year=year,
        issued_on=issued_on,
        buyer=dict(buyer),
        lines=[{**line, **amounts}],
        supply=charged.supply,
        taxable_paise=charged.taxable,
        cgst_paise=charged.tax.cgst,
        sgst_paise=charged.tax.sgst,
        igst_paise=charged.tax.igst,
        rounding_paise=charged.rounding,
        total_paise=charged.total,
        irn=irn if has_irn else "",
        created_at=now,
        **fields,
    )


def slices_add(document: TaxDocument, slices: Slices) -> None:
    """The months that earn the document; the first of them is planned once this is committed."""
    RevenueSlice.objects.bulk_create(
        RevenueSlice(
            tenant_id=document.tenant_id, document=document, month=month, amount_paise=paise
        )
        for month, paise in slices
    )
    if slices:
        # Not in this transaction: two that issue would wait for each other's row of the plan.
        transaction.on_commit(lambda: earning_plan(slices[0][0]))


def document_post(document: TaxDocument, *, now: datetime, actor_id: UUID | None) -> None:
    """The document's entry in the books; a credit note's is an invoice's with the signs turned."""
    from billing.engine import ledger
    from billing.services.ledger import journal_post

    postings_of = ledger.invoice_issued if document.kind == "invoice" else ledger.credit_note_issued
    journal_post(
        kind=document.kind,
        cause=f"document:{document.pk}",
        narration=document.number,
        postings=postings_of(
            taxable_paise=document.taxable_paise,
            tax=tax_split(document),
            rounding_paise=document.rounding_paise,
        ),
        on=document.issued_on,
        now=now,
        tenant=document.tenant,
        actor_id=actor_id,
        reason=document.reason,
    )


def document_settle(
    document: TaxDocument,
    *,
    amount_paise: int,
    by: str,
    cause: str,
    now: datetime,
    payment: Payment | None = None,
    actor_id: UUID | None = None,
    reason: str = "",
) -> None:
    from billing.services.settling import settle

    settle(
        document=document,
        amount_paise=amount_paise,
        by=by,
        cause=cause,
        on=clock.today(now),
        now=now,
        payment=payment,
        actor_id=actor_id,
        reason=reason,
    )
