"""What the books say of a month's documents, to compare with the return."""

from django.db.models import Q, Sum

from billing.engine import ledger
from billing.engine.gstr1 import Totals, totals_of
from billing.engine.numbering import month_bounds
from billing.models import JournalLine, Supplier
from billing.selectors.documents import papers_of

OF_DOCUMENTS = Q(entry__kind__in=["invoice", "credit_note"])


def document_totals(*, supplier: Supplier, month: str) -> Totals:
    """Of the ledger's lines of the month, invoices less credit notes.

    The tax heads are of every entry of the month, so that an adjustment of output tax that no
    document stands for shows as a difference. What other suppliers of ours issued in the month is
    taken off.
    """
    start, end = month_bounds(month)
    lines = JournalLine.objects.filter(entry__posted_on__gte=start, entry__posted_on__lt=end)
    all_sums = _sums(lines)
    own_sums = _sums(lines.filter(OF_DOCUMENTS))
    others = Supplier.objects.exclude(pk=supplier.pk)
    off = totals_of(paper for other in others for paper in papers_of(supplier=other, month=month))
    return Totals(
        taxable=-own_sums.get(ledger.DEFERRED_REVENUE, 0) - off.taxable,
        cgst=-all_sums.get(ledger.OUTPUT_CGST, 0) - off.cgst,
        sgst=-all_sums.get(ledger.OUTPUT_SGST, 0) - off.sgst,
        igst=-all_sums.get(ledger.OUTPUT_IGST, 0) - off.igst,
        rounding=-own_sums.get(ledger.ROUNDING, 0) - off.rounding,
        total=own_sums.get(ledger.CUSTOMERS, 0) - off.total,
    )


def _sums(lines: object) -> dict[str, int]:
    rows = lines.order_by().values("account").annotate(paise=Sum("amount_paise"))  # type: ignore[attr-defined]
    return {row["account"]: row["paise"] for row in rows}
