"""A month's GSTR-1 as files, whether it ties to the books, Tally's file, and the lock after."""

import csv
import io
import json
import zipfile
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.engine.einvoice import lacking, payload_of
from billing.engine.gstr1 import (
    Paise,
    Table,
    tables,
    taxable_of_tables,
    totals_of,
    totals_of_hsn,
)
from billing.engine.numbering import (
    CREDIT_NOTES,
    INVOICES,
    financial_year,
    month_bounds,
    month_of,
)
from billing.engine.papers import rupees
from billing.engine.tally import tally_xml
from billing.errors import EInvoiceIncomplete, PeriodNotReady
from billing.models import PeriodLock, Supplier, TaxDocument
from billing.selectors.accounts import pincode_of
from billing.selectors.documents import locked_at_of, paper_of, papers_of
from billing.selectors.receipts import receipts_until
from billing.selectors.ties import document_totals
from billing.services.numbers import counter_lock
from marketing_platform.core import clock
from marketing_platform.core.tables import formula_safe
from marketing_platform.tenants.context import public_context

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Tie:
    """A figure of the month as the documents say it, and as somewhere else says it."""

    figure: str
    where: str
    documents_paise: int
    other_paise: int

    @property
    def difference_paise(self) -> int:
        return self.other_paise - self.documents_paise


@public_context()
def gstr1_tables(*, supplier: Supplier, month: str) -> dict[str, Table]:
    """Every table of "2026-11". Raises ValueError for text that is no month."""
    start, end = month_bounds(month)
    return tables(
        papers_of(supplier=supplier, month=month),
        month_start=start,
        month_end=end,
        receipts=receipts_until(
            day=end,
            supplier_state=supplier.gstin[:2],
            lut_until=supplier.lut_valid_until,
            locked=locked_at_of(supplier),
        ),
    )


@public_context()
def gstr1_ties(*, supplier: Supplier, month: str) -> list[Tie]:
    """Documents against the return's tables and against the books, to the paisa."""
    papers, made = (
        papers_of(supplier=supplier, month=month),
        gstr1_tables(supplier=supplier, month=month),
    )
    own = totals_of(papers)
    hsn, ledger = totals_of_hsn(made), document_totals(supplier=supplier, month=month)
    ties = [Tie("taxable", "tables", own.taxable, taxable_of_tables(made))]
    ties += [
        Tie(figure, where, getattr(own, figure), getattr(other, figure))
        for where, other in (("HSN summary", hsn), ("ledger", ledger))
        for figure in asdict(own)
        if not (figure == "rounding" and where == "HSN summary")
    ]
    counted = made["docs"]
    issued = counted.total("Total Number") - counted.total("Cancelled")
    return [*ties, Tie("count", "documents issued", len(papers), issued)]


@public_context()
def gstr1_files(*, supplier: Supplier, month: str) -> dict[str, bytes]:
    """CSV of every table by its file name, and the comparison with documents and books."""
    made = gstr1_tables(supplier=supplier, month=month)
    files = {f"gstr1-{month}-{name}.csv": _csv(table) for name, table in made.items()}
    ties = gstr1_ties(supplier=supplier, month=month)
    header = ("Figure", "Compared with", "Documents", "There", "Difference")
    rows = tuple(_tie_row(tie) for tie in ties)
    return {**files, f"gstr1-{month}-check.csv": _csv(Table(header, rows))}


def gstr1_zip(*, supplier: Supplier, month: str) -> bytes:
    """All files of the month in one; the same documents give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in gstr1_files(supplier=supplier, month=month).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


@public_context()
def tally_file(*, supplier: Supplier, month: str) -> bytes:
    """XML that Tally imports: masters and a voucher for every document of the month."""
    return tally_xml(papers_of(supplier=supplier, month=month))


@public_context()
def einvoice_file(document: TaxDocument) -> bytes:
    """The INV-01 payload of a document as JSON, for the registration portal's upload.

    A PIN code that was not known when it was issued is the one on record today. Raises
    EInvoiceIncomplete with the field that still lacks.
    """
    paper = paper_of(document)
    if lacking(paper) == "buyer.pincode":
        buyer = {**paper.buyer, "pincode": pincode_of(document.account, paper.gstin)}
        paper = replace(paper, buyer=buyer)
    if lacks := lacking(paper):
        raise EInvoiceIncomplete(number=document.number, lacks=lacks)
    payload = payload_of(paper)
    return json.dumps(payload, ensure_ascii=False, indent=1).encode()


@public_context()
def period_lock(*, supplier: Supplier, month: str, actor_id: UUID, now: datetime) -> PeriodLock:
    """After the month's return is filed: nothing is issued into it any more; doing it again
    changes nothing.

    Raises PeriodNotReady while the month runs and while any figure does not tie. Waits for
    whoever is issuing, since both take the counters.
    """
    first, following = month_bounds(month)
    if clock.today(now) < following:
        raise PeriodNotReady(month=month, reason="it is not over")
    with transaction.atomic():
        for series in (CREDIT_NOTES, INVOICES):
            counter_lock(supplier=supplier, series=series, year=financial_year(first))
        off = [tie for tie in gstr1_ties(supplier=supplier, month=month) if tie.difference_paise]
        if off:
            reason = f"{off[0].figure} differs between documents and {off[0].where}"
            raise PeriodNotReady(month=month, reason=reason)
        lock, _is_new = PeriodLock.objects.get_or_create(
            supplier=supplier,
            month=month_of(first),
            defaults={"actor_id": actor_id, "locked_at": now},
        )
    return lock


def _csv(table: Table) -> bytes:
    """Amounts as they are, a minus included; text that a spreadsheet would compute is escaped."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows([[_cell(cell) for cell in row] for row in table.rows])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _cell(cell: str | int) -> str:
    if isinstance(cell, Paise):
        return rupees(cell)
    return formula_safe(cell) if isinstance(cell, str) else str(cell)


def _tie_row(tie: Tie) -> tuple[str | int, ...]:
    kind = int if tie.figure == "count" else Paise
    parts = (tie.documents_paise, tie.other_paise, tie.difference_paise)
    return (tie.figure, tie.where, *(kind(part) for part in parts))
