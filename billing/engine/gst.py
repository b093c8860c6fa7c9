"""GST of services: who is where, which tax applies, and how much. Amounts are integer paise.

CGST and IGST Acts 2017: place of supply s.12(2) IGST, intra-State supply s.8, zero-rated s.16.
Each head is rounded by itself, half up to the paisa; whole rupees (s.170 CGST) are a matter of the
return and not of the invoice, so that what is charged is what is invoiced.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from stdnum import luhn

from billing.engine.words import amount_in_words
from marketing_platform.core.text import mark as _

__all__ = [
    "ABROAD",
    "RATE_BASIS_POINTS",
    "STATES",
    "SUPPLIES",
    "Gstin",
    "TaxSplit",
    "amount_in_words",
    "charged_tax",
    "charged_within",
    "credit_tax",
    "credit_until",
    "gstin_check",
    "gstin_state",
    "place_of_supply",
    "state_tax_name",
    "supply_kind",
    "tax_of",
    "taxable_of",
]
RATE_BASIS_POINTS = 1800
# Between the tax of a charge as a whole and the sum of its heads lies at most this.
MOST_ROUNDING = 1
ABROAD = "96"
STATES: Mapping[str, str] = MappingProxyType({
    "01": _("Jammu and Kashmir"), "02": _("Himachal Pradesh"), "03": _("Punjab"),
    "04": _("Chandigarh"), "05": _("Uttarakhand"), "06": _("Haryana"), "07": _("Delhi"),
    "08": _("Rajasthan"), "09": _("Uttar Pradesh"), "10": _("Bihar"), "11": _("Sikkim"),
    "12": _("Arunachal Pradesh"), "13": _("Nagaland"), "14": _("Manipur"), "15": _("Mizoram"),
    "16": _("Tripura"), "17": _("Meghalaya"), "18": _("Assam"), "19": _("West Bengal"),
    "20": _("Jharkhand"), "21": _("Odisha"), "22": _("Chhattisgarh"), "23": _("Madhya Pradesh"),
    "24": _("Gujarat"), "26": _("Dadra and Nagar Haveli and Daman and Diu"),
    "27": _("Maharashtra"), "29": _("Karnataka"), "30": _("Goa"), "31": _("Lakshadweep"),
    "32": _("Kerala"), "33": _("Tamil Nadu"), "34": _("Puducherry"),
    "35": _("Andaman and Nicobar Islands"), "36": _("Telangana"), "37": _("Andhra Pradesh"),
    "38": _("Ladakh"), "97": _("Other territory"),
})  # fmt: skip
# Union territories without a legislature: UTGST stands where a State has SGST.
WITHOUT_LEGISLATURE = frozenset({"04", "26", "31", "35", "38", "97"})
# Prefixes of GSTINs that are still in use though their State is now part of another.
FORMER = MappingProxyType({"25": "26", "28": "37"})
NOT_RESIDENT = "99"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PAN_HOLDERS = "ABCFGHJLPT"
# By the 14th character and the part before it (developer.gst.gov.in); the first that fits counts.
KINDS = (
    ("tds", re.compile(r"[0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]")),
    ("tcs", re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]")),
    ("online", re.compile(r"99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]")),
    ("non_resident", re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]")),
    ("uin", re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[0-9A-Z]")),
    ("government", re.compile(r"[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9A-Z]")),
    ("regular", re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABE-J][0-9A-Z]")),
)
HAS_PAN = frozenset({"regular", "tcs"})
SUPPLIES = (
    "regular",
    "sez_with_tax",
    "sez_without_tax",
    "export_with_tax",
    "export_without_tax",
)
WITHOUT_TAX = frozenset({"sez_without_tax", "export_without_tax"})


@dataclass(frozen=True)
class Gstin:
    """`pan` is empty for kinds without one. `state_code` is the place that it stands for."""

    value: str
    state_code: str
    pan: str
    kind: str


@dataclass(frozen=True)
class TaxSplit:
    """Either CGST and SGST (UTGST), or IGST, or nothing."""

    cgst: int = 0
    sgst: int = 0
    igst: int = 0

    @property
    def total(self) -> int:
        return self.cgst + self.sgst + self.igst

    def __sub__(self, other: "TaxSplit") -> "TaxSplit":
        return TaxSplit(self.cgst - other.cgst, self.sgst - other.sgst, self.igst - other.igst)


def gstin_check(text: str) -> Gstin:
    """A GSTIN or UIN as printed, in capitals. Only its form is known: whether it is active is not.

    Raises ValueError with a code: "length", "state", "form", "pan" or "checksum". The checksum is
    Luhn's in base 36.
    """
    value = re.sub(r"[\s-]", "", text).upper()
    if len(value) != 15:
        raise ValueError("length")
    kind = next((name for name, form in KINDS if form.fullmatch(value)), "")
    if not kind:
        raise ValueError("form")
    state = _state_of(value, kind)
    pan = value[2:12] if kind in HAS_PAN else ""
    if pan and pan[3] not in PAN_HOLDERS:
        raise ValueError("pan")
    if luhn.checksum(value, ALPHABET) != 0:
        raise ValueError("checksum")
    return Gstin(value, state, pan, kind)


def gstin_state(gstin: str) -> str:
    """The State that a GSTIN on record stands for, by its first two digits: "25…" is now 26. "" for
    none, and for numbers that stand for no State (99)."""
    prefix = FORMER.get(gstin[:2], gstin[:2])
    return prefix if prefix in STATES else ""


def place_of_supply(*, country: str, state_code: str, gstin_state: str, supplier_state: str) -> str:
    """Two digits: abroad, the State of the GSTIN, else of the address on record, else our own.

    s.12(2) IGST. An online service must record its customer's State (Rule 46(f) proviso); the last
    resort is for money that is here already.
    """
    if country != "IN":
        return ABROAD
    return gstin_state or state_code or supplier_state


def supply_kind(*, country: str, is_sez: bool, has_lut: bool) -> str:
    """One of SUPPLIES: exports and SEZ go without tax under a letter of undertaking (s.16)."""
    if country == "IN" and not is_sez:
        return "regular"
    return f"{'sez' if country == 'IN' else 'export'}_{'without' if has_lut else 'with'}_tax"


def tax_of(
    *,
    taxable_paise: int,
    supplier_state: str,
    place: str,
    supply: str = "regular",
    rate_basis_points: int = RATE_BASIS_POINTS,
) -> TaxSplit:
    """The tax on an amount exclusive of it; a negative amount gives the same with the other sign.

    99900 within Karnataka -> 8991 + 8991; between States -> 17982. Raises ValueError for a supply
    that is not one of SUPPLIES.
    """
    if supply not in SUPPLIES:
        raise ValueError(f"no such supply: {supply}")
    if supply in WITHOUT_TAX:
        return TaxSplit()
    if supply == "regular" and supplier_state == place:
        half = _share(taxable_paise, rate_basis_points, 20_000)
        return TaxSplit(cgst=half, sgst=half)
    return TaxSplit(igst=_share(taxable_paise, rate_basis_points, 10_000))


def charged_tax(
    *,
    taxable_paise: int,
    charged_paise: int,
    supplier_state: str,
    place: str,
    supply: str,
    rate_basis_points: int = RATE_BASIS_POINTS,
) -> tuple[str, TaxSplit, int]:
    """Supply, tax and rounding, so that they add up to what was charged.

    What could go without tax but was charged with it is a supply with payment of IGST (s.16(3)).
    Raises ValueError when the charge fits neither to the paisa.
    """
    for kind in (supply, supply.replace("without", "with")):
        tax = tax_of(
            taxable_paise=taxable_paise,
            supplier_state=supplier_state,
            place=place,
            supply=kind,
            rate_basis_points=rate_basis_points,
        )
        rounding = charged_paise - taxable_paise - tax.total
        if abs(rounding) <= MOST_ROUNDING:
            return kind, tax, rounding
    raise ValueError(f"{charged_paise} paise were charged on {taxable_paise}")


def charged_within(
    *,
    charged_paise: int,
    supplier_state: str,
    place: str,
    supply: str,
    rate_basis_points: int = RATE_BASIS_POINTS,
) -> tuple[int, TaxSplit, int]:
    """Taxable value, tax and rounding of a charge that was agreed without tax, on a day on which
    tax is due: the tax lies inside what was charged (Rule 35). 99900 -> 84661 + 15239.
    """
    where = {"supplier_state": supplier_state, "place": place, "supply": supply}
    taxable = taxable_of(charged_paise, **where, rate_basis_points=rate_basis_points)
    tax = tax_of(taxable_paise=taxable, **where, rate_basis_points=rate_basis_points)
    return taxable, tax, charged_paise - taxable - tax.total


def taxable_of(
    total_paise: int,
    *,
    supplier_state: str,
    place: str,
    supply: str = "regular",
    rate_basis_points: int = RATE_BASIS_POINTS,
) -> int:
    """What stands before tax in an amount that includes it, half up: 99900 -> 84661.

    With its tax it may miss the total by a paisa, which is the document's rounding.
    """
    has_tax = tax_of(
        taxable_paise=10_000,
        supplier_state=supplier_state,
        place=place,
        supply=supply,
        rate_basis_points=rate_basis_points,
    ).total
    return _share(total_paise, 10_000, 10_000 + (rate_basis_points if has_tax else 0))


def credit_tax(
    *,
    original: TaxSplit,
    original_taxable: int,
    credited_taxable: int,
    credited: TaxSplit,
    taxable: int,
) -> TaxSplit:
    """The tax of a credit note so that all notes on an invoice end at its own tax, head by head.

    It is the share of the original's heads that is credited with this note, less what earlier
    notes had. Raises ValueError for zero, less, or more than is left.
    """
    reached = credited_taxable + taxable
    if not 0 < taxable <= original_taxable - credited_taxable:
        raise ValueError("a credit note is for at least a paisa and at most what is left")
    return (
        TaxSplit(
            _share(original.cgst, reached, original_taxable),
            _share(original.sgst, reached, original_taxable),
            _share(original.igst, reached, original_taxable),
        )
        - credited
    )


def credit_until(issued_on: date) -> date:
    """The last day of a credit note that lowers our tax: 30 November after the year (s.34(2))."""
    ends = issued_on.year + (1 if issued_on.month >= 4 else 0)
    return date(ends, 11, 30)


def state_tax_name(place: str) -> str:
    return "UTGST" if place in WITHOUT_LEGISLATURE else "SGST"


def _state_of(value: str, kind: str) -> str:
    prefix = FORMER.get(value[:2], value[:2])
    if kind in {"online", "non_resident"}:
        return ABROAD
    if prefix not in STATES and not (kind == "uin" and prefix == NOT_RESIDENT):
        raise ValueError("state")
    return prefix


def _share(amount: int, part: int, whole: int) -> int:
    """amount x part / whole, half away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * part + whole) // (2 * whole))
