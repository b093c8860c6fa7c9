"""GSTR-1 of one month, table by table, in the columns of the offline tool (gst.gov.in, v2.1).

Which document stands in which table (CGST Rule 59(4)): registered buyers in b2b and cdnr; exports
in exp; of unregistered ones, invoices between States above a dated threshold in b2cl and their
notes in cdnur, everything else summed by State in b2cs, less its notes. Every document stands in
exactly one of them, and in one half of the HSN summary. A cell is text or paise (Paise).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billing.engine.gst import RATE_BASIS_POINTS, STATES, TaxSplit
from billing.engine.papers import Paper
from billing.engine.prices import base_in

# Notification 12/2024-Central Tax: from August 2024 above one lakh, before above two and a half.
LARGE = ((date(2024, 8, 1), 100_000_00), (date(2017, 7, 1), 250_000_00))
# From the return of May 2025 the HSN summary has a half for B2B and one for B2C.
HSN_IN_HALVES_FROM = date(2025, 5, 1)
INVOICE_TYPES = {
    "regular": "Regular B2B",
    "sez_with_tax": "SEZ supplies with payment",
    "sez_without_tax": "SEZ supplies without payment",
}
ADVANCE_RATE = f"{RATE_BASIS_POINTS / 100:g}"
EXPORT_TYPES = {"export_with_tax": "WPAY", "export_without_tax": "WOPAY"}
DOCUMENT_NAMES = {
    "invoice": "Invoices for outward supply",
    "credit_note": "Credit Note",
}
# As the offline tool writes them, whatever the machine's language is.
MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


class Paise(int):
    """An amount in a table, apart from counts."""


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[str | int | Paise, ...], ...]

    def total(self, column: str) -> int:
        place = self.header.index(column)
        return sum(int(row[place]) for row in self.rows)


@dataclass(frozen=True)
class Receipt:
    """Money of a customer, and what became of it: invoices it settled, or its return, by day.

    `is_taxed`: no tax lies in it when its supply goes without (an SEZ under a letter of
    undertaking).
    """

    place: str
    paid_on: date
    amount_paise: int
    uses: tuple[tuple[date, int], ...] = ()
    is_taxed: bool = True

    def left(self, day: date) -> int:
        """What was received before this day and still without an invoice then."""
        if self.paid_on >= day:
            return 0
        return self.amount_paise - sum(paise for on, paise in self.uses if on < day)

    def taxable_left(self, day: date) -> int:
        """The same before tax, half up: an advance includes the tax on it (Rule 50, Rule 35)."""
        left = self.left(day)
        return base_in(left) if left > 0 and self.is_taxed else left

    @property
    def rate(self) -> str:
        return ADVANCE_RATE if self.is_taxed else "0"


def table_of(paper: Paper) -> str:
    """b2b, b2cl, b2cs, exp, cdnr or cdnur."""
    is_note = paper.kind == "credit_note"
    if paper.supply in EXPORT_TYPES:
        return "cdnur" if is_note else "exp"
    if paper.gstin:
        return "cdnr" if is_note else "b2b"
    if is_large(paper):
        return "cdnur" if is_note else "b2cl"
    return "b2cs"


def is_large(paper: Paper) -> bool:
    """Between States and above the threshold of its day; a note is as large as its invoice."""
    total, day = paper.total_paise, paper.issued_on
    if paper.original:
        total, day = paper.original.total_paise, paper.original.issued_on
    threshold = next((paise for start, paise in LARGE if day >= start), LARGE[-1][1])
    return paper.is_between_states and total > threshold


def tables(
    papers: Sequence[Paper],
    *,
    month_start: date,
    month_end: date,
    receipts: Sequence[Receipt] = (),
) -> dict[str, Table]:
    """Every table of [month_start, month_end) by its sheet; an empty one has its header only.

    An advance (11A) is what was received in the month and has no invoice at its end; it is adjusted
    (11B) in the month in which it is invoiced or given back. Both are told before tax, as the
    offline tool wants them.
    """
    sorted_papers = sorted(papers, key=lambda paper: (paper.issued_on, paper.kind, _order(paper)))
    of = {name: [paper for paper in sorted_papers if table_of(paper) == name] for name in SHEETS}
    made = {
        name: Table(header, tuple(row(paper) for paper in of[name]))
        for name, (header, row) in SHEETS.items()
    }
    made["b2cs"] = _small(of["b2cs"])
    new = [
        (each.place, each.rate, each.taxable_left(month_end))
        for each in receipts
        if each.paid_on >= month_start
    ]
    used = [
        (each.place, each.rate, each.taxable_left(month_start) - each.taxable_left(month_end))
        for each in receipts
        if each.paid_on < month_start
    ]
    made["at"] = _advances(new, "Gross Advance Received")
    made["atadj"] = _advances(used, "Gross Advance Adjusted")
    if month_start >= HSN_IN_HALVES_FROM:
        made["hsn_b2b"] = _hsn([*of["b2b"], *of["cdnr"]])
        made["hsn_b2c"] = _hsn([*of["b2cl"], *of["b2cs"], *of["exp"], *of["cdnur"]])
    else:
        made["hsn"] = _hsn(sorted_papers)
    made["docs"] = _documents(sorted_papers)
    return made


@dataclass(frozen=True)
class Totals:
    """Invoices less credit notes."""

    taxable: int = 0
    cgst: int = 0
    sgst: int = 0
    igst: int = 0
    rounding: int = 0
    total: int = 0


def totals_of(papers: Iterable[Paper]) -> Totals:
    """Of the documents themselves."""
    parts = [
        (
            paper.sign * paper.taxable_paise,
            paper.sign * paper.tax.cgst,
            paper.sign * paper.tax.sgst,
            paper.sign * paper.tax.igst,
            paper.sign * paper.rounding_paise,
            paper.sign * paper.total_paise,
        )
        for paper in papers
    ]
    return Totals(*(sum(column) for column in zip(*parts, strict=True)))


def totals_of_hsn(made: Mapping[str, Table]) -> Totals:
    """Of the HSN sheets, read back from their rows; rounding is not reported and stays zero."""
    sheets = [table for name, table in made.items() if name.startswith("hsn")]
    return Totals(
        taxable=sum(table.total("Taxable Value") for table in sheets),
        cgst=sum(table.total("Central Tax Amount") for table in sheets),
        sgst=sum(table.total("State/UT Tax Amount") for table in sheets),
        igst=sum(table.total("Integrated Tax Amount") for table in sheets),
        total=sum(table.total("Total Value") for table in sheets),
    )


def taxable_of_tables(made: Mapping[str, Table]) -> int:
    """Before tax, of the tables by buyer, read back from their rows; notes count against it."""
    signs = {"b2b": 1, "b2cl": 1, "b2cs": 1, "exp": 1, "cdnr": -1, "cdnur": -1}
    return sum(sign * made[name].total("Taxable Value") for name, sign in signs.items())


def _order(paper: Paper) -> tuple[str, int]:
    series, _slash, count = paper.number.rpartition("/")
    return series, int(count)


def _place(code: str) -> str:
    return f"{code}-{STATES.get(code, 'Other Countries')}"


def _day(day: date) -> str:
    """22-Nov-2026"""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"


def _rate(paper: Paper) -> str:
    return f"{paper.line.rate_basis_points / 100:g}" if paper.tax.total else "0"


def _b2b(paper: Paper) -> tuple[str | int, ...]:
    return (
        paper.gstin, paper.buyer["name"], paper.number, _day(paper.issued_on),
        Paise(paper.total_paise), _place(paper.place), "N", "", INVOICE_TYPES[paper.supply], "",
        _rate(paper), Paise(paper.taxable_paise), Paise(0),
    )  # fmt: skip


def _b2cl(paper: Paper) -> tuple[str | int, ...]:
    return (
        paper.number, _day(paper.issued_on), Paise(paper.total_paise), _place(paper.place), "",
        _rate(paper), Paise(paper.taxable_paise), Paise(0), "",
    )  # fmt: skip


def _exp(paper: Paper) -> tuple[str | int, ...]:
    return (
        EXPORT_TYPES[paper.supply], paper.number, _day(paper.issued_on), Paise(paper.total_paise),
        "", "", "", _rate(paper), Paise(paper.taxable_paise), Paise(0),
    )  # fmt: skip


def _cdnr(paper: Paper) -> tuple[str | int, ...]:
    return (
        paper.gstin, paper.buyer["name"], paper.number, _day(paper.issued_on), "C",
        _place(paper.place), "N", INVOICE_TYPES[paper.supply], Paise(paper.total_paise), "",
        _rate(paper), Paise(paper.taxable_paise), Paise(0),
    )  # fmt: skip


def _cdnur(paper: Paper) -> tuple[str | int, ...]:
    kinds = {"export_with_tax": "EXPWP", "export_without_tax": "EXPWOP"}
    place = "" if paper.supply in EXPORT_TYPES else _place(paper.place)
    return (
        kinds.get(paper.supply, "B2CL"), paper.number, _day(paper.issued_on), "C", place,
        Paise(paper.total_paise), "", _rate(paper), Paise(paper.taxable_paise), Paise(0),
    )  # fmt: skip


Row = Callable[[Paper], tuple[str | int, ...]]
SHEETS: dict[str, tuple[tuple[str, ...], Row]] = {
    "b2b": (
        ("GSTIN/UIN of Recipient", "Receiver Name", "Invoice Number", "Invoice date",
         "Invoice Value", "Place Of Supply", "Reverse Charge", "Applicable % of Tax Rate",
         "Invoice Type", "E-Commerce GSTIN", "Rate", "Taxable Value", "Cess Amount"),
        _b2b,
    ),
    "b2cl": (
        ("Invoice Number", "Invoice date", "Invoice Value", "Place Of Supply",
         "Applicable % of Tax Rate", "Rate", "Taxable Value", "Cess Amount", "E-Commerce GSTIN"),
        _b2cl,
    ),
    "b2cs": ((), _b2cl),
    "exp": (
        ("Export Type", "Invoice Number", "Invoice date", "Invoice Value", "Port Code",
         "Shipping Bill Number", "Shipping Bill Date", "Rate", "Taxable Value", "Cess Amount"),
        _exp,
    ),
    "cdnr": (
        ("GSTIN/UIN of Recipient", "Receiver Name", "Note Number", "Note Date", "Note Type",
         "Place Of Supply", "Reverse Charge", "Note Supply Type", "Note Value",
         "Applicable % of Tax Rate", "Rate", "Taxable Value", "Cess Amount"),
        _cdnr,
    ),
    "cdnur": (
        ("UR Type", "Note Number", "Note Date", "Note Type", "Place Of Supply", "Note Value",
         "Applicable % of Tax Rate", "Rate", "Taxable Value", "Cess Amount"),
        _cdnur,
    ),
}  # fmt: skip
SMALL_HEADER = (
    "Type", "Place Of Supply", "Applicable % of Tax Rate", "Rate", "Taxable Value", "Cess Amount",
    "E-Commerce GSTIN",
)  # fmt: skip
HSN_HEADER = (
    "HSN", "Description", "UQC", "Total Quantity", "Total Value", "Rate", "Taxable Value",
    "Integrated Tax Amount", "Central Tax Amount", "State/UT Tax Amount", "Cess Amount",
)  # fmt: skip


def _small(papers: Iterable[Paper]) -> Table:
    sums: dict[tuple[str, str], int] = {}
    for paper in papers:
        key = (_place(paper.place), _rate(paper))
        sums[key] = sums.get(key, 0) + paper.sign * paper.taxable_paise
    rows = [("OE", place, "", rate, Paise(sums[place, rate]), Paise(0), "") for place, rate in sums]
    return Table(SMALL_HEADER, tuple(sorted(rows, key=lambda row: row[1:4])))


def _advances(parts: Iterable[tuple[str, str, int]], column: str) -> Table:
    sums: dict[tuple[str, str], int] = {}
    for place, rate, paise in parts:
        sums[place, rate] = sums.get((place, rate), 0) + paise
    header = ("Place Of Supply", "Applicable % of Tax Rate", "Rate", column, "Cess Amount")
    rows = [
        (_place(place), "", rate, Paise(paise), Paise(0))
        for (place, rate), paise in sorted(sums.items())
        if paise
    ]
    return Table(header, tuple(rows))


def _hsn(papers: Iterable[Paper]) -> Table:
    sums: dict[tuple[str, str], list[int]] = {}
    for paper in papers:
        parts = (paper.total_paise, paper.taxable_paise, *_heads(paper.tax))
        kept = sums.setdefault((paper.line.sac, _rate(paper)), [0] * 5)
        for place, paise in enumerate(parts):
            kept[place] += paper.sign * paise
    rows = []
    for (sac, rate), parts in sorted(sums.items()):
        total, taxable, igst, cgst, sgst = map(Paise, parts)
        # Of services no quantity is reported: its unit is "NA".
        rows.append((sac, "", "NA", 0, total, rate, taxable, igst, cgst, sgst, Paise(0)))
    return Table(HSN_HEADER, tuple(rows))


def _heads(tax: TaxSplit) -> tuple[int, int, int]:
    return tax.igst, tax.cgst, tax.sgst


def _documents(papers: Sequence[Paper]) -> Table:
    """From–to of every series; a number in between that no document has counts as cancelled."""
    header = ("Nature of Document", "Sr. No. From", "Sr. No. To", "Total Number", "Cancelled")
    rows = []
    for kind, name in DOCUMENT_NAMES.items():
        for series in sorted({_order(paper)[0] for paper in papers if paper.kind == kind}):
            counts = [
                count
                for paper in papers
                for own, count in [_order(paper)]
                if paper.kind == kind and own == series
            ]
            first, last = min(counts), max(counts)
            total = last - first + 1
            rows.append((name, f"{series}/{first}", f"{series}/{last}", total, total - len(counts)))
    return Table(header, tuple(rows))
