"""A month of documents of every kind against sums that this file makes by itself, from the files.

Nothing of the engine is used to expect anything: taxes are Decimal shares, tables are sorted by the
words of the law, and what the files say is read back from CSV and XML.
"""

import csv
import io
import random
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from billing.models import GstRegistration, JournalLine, Payment, Supplier, TaxDocument
from billing.services.invoicing import credit_note_issue
from billing.services.returns import gstr1_ties, gstr1_zip, tally_file

Make = Callable[..., Any]
FIRST = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
THEIRS = {"27": "27AAACV0001A1ZC", "29": "29AAGCB7383J1Z4"}
HOME = "29"
WHO = ("intra", "inter", "sez", "shop", "shop_away", "large", "export", "ut")
HEADS = ("cgst", "sgst", "igst")


def share(paise: int, percent: str) -> int:
    return int((paise * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP))


def paise(text: str) -> int:
    return int(Decimal(text) * 100)


class Month:
    """Issues documents and remembers, by its own reckoning, what must stand where."""

    def __init__(self, seed: int, issue: Make, payer: Make) -> None:
        self.random = random.Random(seed)
        self.issue, self.payer = issue, payer
        self.tables: dict[str, int] = defaultdict(int)
        self.small: dict[str, int] = defaultdict(int)
        self.hsn: dict[str, int] = defaultdict(int)
        self.sums: dict[str, int] = defaultdict(int)
        self.counts: Counter[str] = Counter()
        self.invoices: list[tuple[TaxDocument, str, dict[str, int]]] = []

    def move(self, who: str) -> str:
        """The payer becomes this kind of customer; the place of supply."""
        GstRegistration.objects.update(removed_at=FIRST, is_default=False)
        place = {"inter": "27", "shop_away": "07", "large": "33", "ut": "38", "export": "96"}
        country = "SG" if who == "export" else "IN"
        account = self.payer(country=country, state_code=place.get(who, HOME))
        if who in {"intra", "inter", "sez"}:
            gstin = THEIRS[place.get(who, HOME)]
            facts = {"legal_name": 'Veda, "Appliances"', "address": "4 Nariman Point"}
            GstRegistration.objects.create(
                account=account, gstin=gstin, pincode="400021", is_default=True,
                is_sez=who == "sez", **facts,
            )  # fmt: skip
        return place.get(who, HOME)

    def invoice(self, count: int, who: str, base: int) -> None:
        place = self.move(who)
        at = FIRST + timedelta(days=count // 14, seconds=count)
        row = self.issue(base_paise=base, cause=f"m:{count}", now=at)
        inside = who in {"intra", "shop"}
        half = share(base, "9") if inside else 0
        tax = {"cgst": half, "sgst": half, "igst": 0 if inside else share(base, "18")}
        if who in {"export", "sez"} and self.has_letter:
            tax = dict.fromkeys(HEADS, 0)
        self.keep(row, who, place, base, tax, 1)
        self.invoices.append((row, who, {"place": place, "base": base, **tax}))

    has_letter = False

    def note(self, count: int) -> None:
        """On an invoice that has none yet: a part, or all of it."""
        place = self.random.randrange(len(self.invoices))
        row, who, facts = self.invoices.pop(place)
        part = self.random.choice([facts["base"], self.random.randint(1, facts["base"])])
        exact = {name: Decimal(facts[name]) * part / facts["base"] for name in HEADS}
        tax = {name: int(each.quantize(Decimal(1), ROUND_HALF_UP)) for name, each in exact.items()}
        note = credit_note_issue(
            document=row, taxable_paise=part, reason="=1+1", cause=f"n:{count}",
            now=FIRST + timedelta(days=16, seconds=count),
        )  # fmt: skip
        self.keep(note, who, facts["place"], part, tax, -1, large=self.is_large(who, row))

    def is_large(self, who: str, row: TaxDocument) -> bool:
        return who in {"shop_away", "large", "ut"} and row.total_paise > 100_000_00

    def keep(
        self, row: TaxDocument, who: str, place: str, base: int, tax: dict[str, int], sign: int,
        *, large: bool | None = None,
    ) -> None:  # fmt: skip
        total = base + sum(tax.values())
        assert (row.taxable_paise, row.cgst_paise, row.sgst_paise, row.igst_paise) == (
            base, *(tax[name] for name in HEADS),
        )  # fmt: skip
        assert (row.total_paise, row.place_of_supply, row.rounding_paise) == (total, place, 0)
        large = self.is_large(who, row) if large is None else large
        registered = who in {"intra", "inter", "sez"}
        if registered:
            table = "b2b" if sign > 0 else "cdnr"
        elif who == "export" or large:
            table = ("exp" if who == "export" else "b2cl") if sign > 0 else "cdnur"
        else:
            table = "b2cs"
            self.small[place] += sign * base
        self.counts[table] += table != "b2cs"
        self.tables[table] += base if table != "b2cs" else sign * base
        half = "hsn_b2b" if registered else "hsn_b2c"
        for name, each in {"taxable": base, "total": total, **tax}.items():
            self.hsn[f"{half} {name}"] += sign * each
            self.sums[name] += sign * each


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"gstr1-2026-11-{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def column(rows: list[dict[str, str]], name: str) -> int:
    return sum(paise(row[name]) for row in rows)


def make(month: Month, count: int, letter_from: int, supplier: Make) -> None:
    # Exactly a lakh is not above it; a paisa more is.
    month.invoice(1, "large", 8_474_576)
    month.invoice(2, "large", 8_474_577)
    for number in range(3, count + 1):
        if number == letter_from:
            supplier(lut_number="AD29", lut_valid_until=date(2026, 11, 30))
            month.has_letter = True
        if month.invoices and month.random.random() < 0.25:
            month.note(number)
        else:
            most = 20_000_000 if number % 3 else 300_000
            month.invoice(number, month.random.choice(WHO), month.random.randint(1, most))


@pytest.mark.parametrize(
    ("count", "seed"),
    [(16, 1), pytest.param(200, 2, marks=pytest.mark.slow),
     pytest.param(200, 3, marks=pytest.mark.slow)],
)  # fmt: skip
def test_every_total_is_that_of_the_documents(
    count: int, seed: int, issue: Make, payer: Make, us: Supplier, supplier: Make, pay: Make
) -> None:
    month = Month(seed, issue, payer)
    make(month, count, count // 2, supplier)
    month.move("shop_away")
    waiting = pay(remote_id="waiting")
    Payment.objects.filter(pk=waiting.pk).update(paid_at=FIRST)
    with zipfile.ZipFile(io.BytesIO(gstr1_zip(supplier=us, month="2026-11"))) as archive:
        _tables(month, archive)
        assert [(row["Place Of Supply"], row["Gross Advance Received"])
                for row in rows_of(archive, "at")] == [("07-Delhi", "999.00")]  # fmt: skip
        assert rows_of(archive, "atadj") == []
        for name in archive.namelist():
            cells = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            assert not [cell for row in cells for cell in row if cell[:1] in {"=", "+", "@"}]
    assert {tie.difference_paise for tie in gstr1_ties(supplier=us, month="2026-11")} == {0}
    _books(month)
    _tally(month, us, count)


def _tables(month: Month, archive: zipfile.ZipFile) -> None:
    for name in ("b2b", "b2cl", "exp", "cdnr", "cdnur"):
        rows = rows_of(archive, name)
        assert (len(rows), column(rows, "Taxable Value")) == (
            month.counts[name], month.tables[name],
        ), name  # fmt: skip
    small = {row["Place Of Supply"][:2]: row for row in rows_of(archive, "b2cs")}
    assert {place: paise(row["Taxable Value"]) for place, row in small.items()} == month.small
    heads = {"taxable": "Taxable Value", "total": "Total Value", "cgst": "Central Tax Amount",
             "sgst": "State/UT Tax Amount", "igst": "Integrated Tax Amount"}  # fmt: skip
    for half in ("hsn_b2b", "hsn_b2c"):
        rows = rows_of(archive, half)
        for name, title in heads.items():
            assert column(rows, title) == month.hsn[f"{half} {name}"], (half, name)
    papers = {row["Nature of Document"]: row for row in rows_of(archive, "docs")}
    issued = Counter(TaxDocument.objects.values_list("kind", flat=True))
    for kind, title in (("invoice", "Invoices for outward supply"), ("credit_note", "Credit Note")):
        assert int(papers[title]["Total Number"]) == issued[kind]
        assert papers[title]["Cancelled"] == "0"


def _books(month: Month) -> None:
    booked: dict[str, int] = defaultdict(int)
    for line in JournalLine.objects.filter(entry__kind__in=["invoice", "credit_note"]):
        booked[line.account] += line.amount_paise
    sums = month.sums
    assert booked["customers"] == sums["total"]
    assert booked["deferred_revenue"] == -sums["taxable"]
    assert [booked[f"output_{name}"] for name in HEADS] == [-sums[name] for name in HEADS]
    assert sum(booked.values()) == 0


def _tally(month: Month, us: Supplier, count: int) -> None:
    root = ElementTree.fromstring(tally_file(supplier=us, month="2026-11"))
    vouchers = root.findall(".//VOUCHER")
    assert len(vouchers) == count
    sums: dict[str, int] = defaultdict(int)
    for voucher in vouchers:
        lines = voucher.findall("ALLLEDGERENTRIES.LIST")
        amounts = [paise(line.findtext("AMOUNT") or "") for line in lines]
        assert sum(amounts) == 0
        for line, amount in zip(lines, amounts, strict=True):
            assert line.findtext("ISDEEMEDPOSITIVE") == ("Yes" if amount < 0 else "No")
            sums[line.findtext("LEDGERNAME") or ""] += amount
    assert sums["Subscriptions"] == month.sums["taxable"]
    assert sums["Output IGST"] == month.sums["igst"]
    assert sums["Output CGST"] == month.sums["cgst"]
