"""A month's return of two hundred documents of every kind, summed again from the rows alone.

The tables are chosen here by the rules as they are written (Rule 59(4), Notification 12/2024), the
tax by fractions, the check digit of a GSTIN by its own arithmetic; nothing of the engine's is used.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest

from billing.engine.gst import STATES, TaxSplit, gstin_check, gstin_state
from billing.engine.gstr1 import LARGE, tables, taxable_of_tables, totals_of, totals_of_hsn
from billing.engine.papers import Line, Original, Paper

MONTH = {"month_start": date(2026, 11, 1), "month_end": date(2026, 12, 1)}
SELLER = {"name": "Ujala", "address": "12 Residency Road", "city": "Bengaluru",
          "pincode": "560025", "state_code": "29", "gstin": "29AAACU0001A1Z9"}  # fmt: skip
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = ("home", "far", "uin", "sez", "sez_free", "export", "export_free", "person_home",
         "person_far", "person_large", "person_home_large", "other_territory")  # fmt: skip
REGISTERED = {"home", "far", "uin", "sez", "sez_free"}
SUPPLY = {"sez": "sez_with_tax", "sez_free": "sez_without_tax", "export": "export_with_tax",
          "export_free": "export_without_tax"}  # fmt: skip
GSTINS = {"home": "29AAGCB7383J1Z4", "far": "27AAPFU0939F1ZV", "sez": "27AAPFU0939F1ZV",
          "sez_free": "29AAGCB7383J1Z4"}  # fmt: skip


def check_digit(first: str) -> str:
    """Weights 1 and 2 in turn; each product's digits in base 36 are added (GSTN)."""
    total = 0
    for place, letter in enumerate(first):
        product = DIGITS.index(letter) * (1 + place % 2)
        total += product // 36 + product % 36
    return DIGITS[-total % 36]


UIN = "0717UNO00157UN" + check_digit("0717UNO00157UN")


def up(amount: Fraction) -> int:
    return int((2 * amount + 1) // 2)


def tax_of_kind(kind: str, taxable: int) -> TaxSplit:
    if kind.endswith("_free"):
        return TaxSplit()
    if kind in {"home", "person_home", "person_home_large"}:
        half = up(Fraction(9 * taxable, 100))
        return TaxSplit(half, half, 0)
    return TaxSplit(igst=up(Fraction(18 * taxable, 100)))


def invoice_of(random: Random, kind: str, number: int) -> Paper:
    is_large = kind.endswith("large")
    taxable = (
        random.randrange(8_500_000, 9_999_999) if is_large else random.randrange(100, 8_000_000)
    )
    tax, rounding = tax_of_kind(kind, taxable), random.choice([0, 0, 1, -1])
    place = {"home": "29", "person_home": "29", "person_home_large": "29", "sez_free": "29",
             "export": "96", "export_free": "96", "other_territory": "97", "uin": "07"}  # fmt: skip
    gstin = UIN if kind == "uin" else GSTINS.get(kind, "")
    country = "SG" if kind.startswith("export") else "IN"
    return Paper(
        kind="invoice",
        number=f"INV/26-27/{number}",
        financial_year="2026-27",
        issued_on=date(2026, 11, 1) + timedelta(days=random.randrange(30)),
        seller=SELLER,
        buyer={"name": f"Buyer {number}", "address": "1 Road", "gstin": gstin, "country": country},
        line=Line("Plan", random.choice(["997331", "998314"]), taxable, 1800),
        place=place.get(kind, random.choice(["27", "07", "38"])),
        supply=SUPPLY.get(kind, "regular"),
        tax=tax,
        taxable_paise=taxable,
        rounding_paise=rounding,
        total_paise=taxable + tax.total + rounding,
    )


def note_of(random: Random, kind: str, paper: Paper, number: int) -> Paper:
    taxable = random.randrange(1, paper.taxable_paise + 1)
    tax = tax_of_kind(kind, taxable)
    return replace(
        paper,
        kind="credit_note",
        number=f"CN/26-27/{number}",
        issued_on=date(2026, 11, 30),
        line=replace(paper.line, taxable_paise=taxable),
        tax=tax,
        taxable_paise=taxable,
        rounding_paise=0,
        total_paise=taxable + tax.total,
        original=Original(paper.number, paper.issued_on, paper.total_paise),
    )


def month_of(seed: int) -> list[tuple[str, Paper]]:
    random = Random(seed)
    made = []
    for number in range(1, 141):
        kind = KINDS[number % len(KINDS)]
        made.append((kind, invoice_of(random, kind, number)))
    for number, (kind, paper) in enumerate(random.sample(made, 60), start=1):
        made.append((kind, note_of(random, kind, paper, number)))
    random.shuffle(made)
    return made


def sheet_of(kind: str, paper: Paper) -> str:
    is_note = paper.kind == "credit_note"
    if kind in REGISTERED:
        return "cdnr" if is_note else "b2b"
    if kind.startswith("export"):
        return "cdnur" if is_note else "exp"
    whole = paper.original.total_paise if is_note else paper.total_paise
    if paper.place != "29" and whole > 100_000_00:
        return "cdnur" if is_note else "b2cl"
    return "b2cs"


@pytest.mark.parametrize("seed", range(4))
def test_every_table_is_the_sum_of_its_documents(seed: int) -> None:
    made = month_of(seed)
    papers = [paper for _kind, paper in made]
    found = tables(papers, **MONTH)
    own: dict[str, list[tuple[str, Paper]]] = defaultdict(list)
    for kind, paper in made:
        own[sheet_of(kind, paper)].append((kind, paper))
    assert {name for name in own if own[name]} == {"b2b", "b2cl", "b2cs", "exp", "cdnr", "cdnur"}
    for name, numbered in (("b2b", "Invoice Number"), ("b2cl", "Invoice Number"),
                           ("exp", "Invoice Number"), ("cdnr", "Note Number"),
                           ("cdnur", "Note Number")):  # fmt: skip
        place = found[name].header.index(numbered)
        rows = {row[place]: dict(zip(found[name].header, row, strict=True))
                for row in found[name].rows}  # fmt: skip
        assert set(rows) == {paper.number for _kind, paper in own[name]}, name
        for kind, paper in own[name]:
            row = rows[paper.number]
            assert row["Taxable Value"] == paper.taxable_paise
            assert row["Rate"] == ("0" if kind.endswith("_free") else "18")
            day = row.get("Invoice date") or row["Note Date"]
            assert day == f"{paper.issued_on:%d-%b-%Y}"
            assert row.get("Invoice Value", row.get("Note Value")) == paper.total_paise
    small: dict[str, int] = defaultdict(int)
    for _kind, paper in own["b2cs"]:
        sign = -1 if paper.kind == "credit_note" else 1
        small[f"{paper.place}-{STATES[paper.place]}"] += sign * paper.taxable_paise
    assert {row[1]: row[4] for row in found["b2cs"].rows} == small
    halves(found, own)
    ties(found, papers)


def halves(found, own) -> None:
    """Registered and their notes in one half, everything else in the other; six digits each."""
    for half, names in (
        ("hsn_b2b", ("b2b", "cdnr")),
        ("hsn_b2c", ("b2cl", "b2cs", "exp", "cdnur")),
    ):
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 5)
        for name in names:
            for kind, paper in own[name]:
                sign = -1 if paper.kind == "credit_note" else 1
                parts = (paper.total_paise, paper.taxable_paise, paper.tax.igst, paper.tax.cgst,
                         paper.tax.sgst)  # fmt: skip
                key = (paper.line.sac, "0" if kind.endswith("_free") else "18")
                sums[key] = [old + sign * new for old, new in zip(sums[key], parts, strict=True)]
        rows = {(row[0], row[5]): [row[4], *row[6:10]] for row in found[half].rows}
        assert rows == dict(sums)
        assert all(len(sac) == 6 and sac.isdecimal() for sac, _rate in rows)


def ties(found, papers) -> None:
    signs = [(-1 if paper.kind == "credit_note" else 1, paper) for paper in papers]
    taxable = sum(sign * paper.taxable_paise for sign, paper in signs)
    assert taxable_of_tables(found) == totals_of(papers).taxable == taxable
    assert totals_of_hsn(found).taxable == taxable
    assert totals_of_hsn(found).total == sum(sign * paper.total_paise for sign, paper in signs)
    assert found["docs"].rows == (
        ("Invoices for outward supply", "INV/26-27/1", "INV/26-27/140", 140, 0),
        ("Credit Note", "CN/26-27/1", "CN/26-27/60", 60, 0),
    )


def test_the_thresholds_and_their_days() -> None:
    assert LARGE[0] == (date(2024, 8, 1), 10_000_000)
    far = replace(invoice_of(Random(1), "person_far", 1), rounding_paise=0, place="27")
    for day, total, name in (
        (date(2024, 8, 1), 10_000_000, "b2cs"), (date(2024, 8, 1), 10_000_001, "b2cl"),
        (date(2024, 7, 31), 25_000_000, "b2cs"), (date(2024, 7, 31), 25_000_001, "b2cl"),
    ):  # fmt: skip
        start = day.replace(day=1)
        paper = replace(far, issued_on=day, total_paise=total)
        end = (start + timedelta(days=32)).replace(day=1)
        made = tables([paper], month_start=start, month_end=end)
        assert [sheet for sheet in ("b2cs", "b2cl") if made[sheet].rows] == [name]


@pytest.mark.parametrize(
    ("first", "kind", "state", "place"),
    [
        ("0717UNO00157UN", "uin", "07", "07"),
        # An embassy or a body of the UN, registered with the centre: its address says where it is.
        ("9917UNO00021UN", "uin", "99", ""),
        ("97AAGCB7383J1Z", "regular", "97", "97"),
        ("38AAGCB7383J1Z", "regular", "38", "38"),
        ("25AAGCB7383J1Z", "regular", "26", "26"),
        ("9919USA29001OS", "online", "96", ""),
    ],
)
def test_gstins_of_unusual_buyers(first: str, kind: str, state: str, place: str) -> None:
    value = first + check_digit(first)
    found = gstin_check(value)
    assert (found.kind, found.state_code, gstin_state(value)) == (kind, state, place)
    wrong = first + DIGITS[(DIGITS.index(value[-1]) + 1) % 36]
    with pytest.raises(ValueError, match="checksum"):
        gstin_check(wrong)


@pytest.mark.parametrize("prefix", ["96", "99", "00", "39", "98"])
def test_no_business_is_registered_in_no_state(prefix: str) -> None:
    first = f"{prefix}AAGCB7383J1Z"
    with pytest.raises(ValueError, match="state"):
        gstin_check(first + check_digit(first))


def test_the_check_digit_of_ten_thousand_numbers() -> None:
    random = Random(7)
    for _turn in range(10_000):
        pan = "".join(random.choices(DIGITS[10:], k=3)) + random.choice("ABCFGHJLPT")
        pan += (
            random.choice(DIGITS[10:])
            + f"{random.randrange(10_000):04d}"
            + random.choice(DIGITS[10:])
        )
        first = random.choice(sorted(STATES)) + pan + random.choice(DIGITS[1:]) + "Z"
        value = first + check_digit(first)
        assert gstin_check(value).pan == pan
