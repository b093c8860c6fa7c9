"""Invoices and credit notes as pages, files and returns read them. Amounts are integer paise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from billing.engine.gst import TaxSplit
from billing.engine.numbering import month_bounds
from billing.engine.papers import Line, Original, Paper
from billing.errors import UnknownDocument
from billing.models import PeriodLock, Settlement, Supplier, TaxDocument
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.models import Tenant


@dataclass(frozen=True)
class DocumentFacts:
    """A row of a list of documents; `total` and `open` are formatted."""

    id: int
    kind: str
    number: str
    issued_on: date
    due_on: date | None
    total: str
    total_paise: int
    open: str
    open_paise: int
    description: str
    original_number: str
    reason: str


def documents_of(tenant: Tenant) -> QuerySet[TaxDocument]:
    """The workspace's documents, the newest first."""
    rows = TaxDocument.objects.filter(tenant=tenant).select_related("original", "supplier")
    return rows.order_by("-issued_on", "-id")


def document_by_number(tenant: Tenant, number: str) -> TaxDocument:
    """Raises UnknownDocument. Of two years with one number (never in our series) the newest."""
    document = documents_of(tenant).filter(number=number[:16].replace("\x00", "")).first()
    if document is None:
        raise UnknownDocument
    return document


def open_paise(document: TaxDocument) -> int:
    """What is still to be settled of an invoice; nothing of a credit note."""
    return _open(document, settled_paise([document]).get(document.pk, 0))


def settled_paise(documents: Iterable[TaxDocument]) -> dict[int, int]:
    """By document; those without a settlement are missing. One query."""
    rows = Settlement.objects.filter(document__in=[document.pk for document in documents])
    sums = rows.order_by().values("document").annotate(paise=Sum("amount_paise"))
    return {row["document"]: row["paise"] for row in sums}


def document_facts(document: TaxDocument) -> DocumentFacts:
    return documents_facts([document])[0]


def documents_facts(documents: Iterable[TaxDocument]) -> list[DocumentFacts]:
    """Two queries however many there are, when they come from `documents_of`."""
    rows = list(documents)
    settled = settled_paise(rows)
    return [_facts(row, _open(row, settled.get(row.pk, 0))) for row in rows]


def credit_notes_of(document: TaxDocument) -> QuerySet[TaxDocument]:
    return TaxDocument.objects.filter(original=document).order_by("id")


def papers_of(*, supplier: Supplier, month: str) -> list[Paper]:
    """Every document of a month ("2026-11"), in the order of its numbers."""
    start, end = month_bounds(month)
    rows = TaxDocument.objects.filter(
        supplier=supplier, issued_on__gte=start, issued_on__lt=end
    ).select_related("original")
    return [paper_of(row) for row in rows.order_by("id")]


def paper_of(document: TaxDocument) -> Paper:
    """As the engines read it. Our documents have one line each."""
    (line,) = document.lines
    original = document.original
    return Paper(
        kind=document.kind,
        number=document.number,
        financial_year=document.financial_year,
        issued_on=document.issued_on,
        seller=document.seller,
        buyer=document.buyer,
        line=Line(
            description=line["description"],
            sac=line["sac"],
            taxable_paise=line["taxable_paise"],
            rate_basis_points=line["rate_basis_points"],
        ),
        place=document.place_of_supply,
        supply=document.supply,
        tax=tax_split(document),
        taxable_paise=document.taxable_paise,
        rounding_paise=document.rounding_paise,
        total_paise=document.total_paise,
        original=original and Original(original.number, original.issued_on, original.total_paise),
        irn=document.irn,
    )


def tax_split(document: TaxDocument) -> TaxSplit:
    return TaxSplit(document.cgst_paise, document.sgst_paise, document.igst_paise)


def month_is_locked(supplier: Supplier, month: str) -> bool:
    return PeriodLock.objects.filter(supplier=supplier, month=month).exists()


def months_locked(supplier: Supplier) -> list[str]:
    """The newest first."""
    rows = PeriodLock.objects.filter(supplier=supplier)
    return list(rows.order_by("-month").values_list("month", flat=True))


def locked_at_of(supplier: Supplier) -> dict[str, datetime]:
    """Each month whose return is filed, and when it was locked."""
    rows = PeriodLock.objects.filter(supplier=supplier)
    return dict(rows.values_list("month", "locked_at"))


def _open(document: TaxDocument, settled: int) -> int:
    return document.total_paise - settled if document.kind == "invoice" else 0


def _facts(document: TaxDocument, left: int) -> DocumentFacts:
    return DocumentFacts(
        id=document.pk,
        kind=document.kind,
        number=document.number,
        issued_on=document.issued_on,
        due_on=document.due_on,
        total=Rupees(document.total_paise).format(),
        total_paise=document.total_paise,
        open=Rupees(left).format(),
        open_paise=left,
        description=document.lines[0]["description"],
        original_number=document.original.number if document.original else "",
        reason=document.reason,
    )
