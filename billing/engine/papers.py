"""A tax document as returns, e-invoice and accounting files read it. Amounts are integer paise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billing.engine.gst import TaxSplit


@dataclass(frozen=True)
class Line:
    description: str
    sac: str
    taxable_paise: int
    rate_basis_points: int


@dataclass(frozen=True)
class Original:
    """The invoice that a credit note is on."""

    number: str
    issued_on: date
    total_paise: int


@dataclass(frozen=True)
class Paper:
    """An invoice, or a credit note with its `original`; amounts are positive in both.

    `seller` and `buyer` are as printed: name, address, city, pincode, state_code, gstin; the buyer
    has a country too.
    """

    kind: str
    number: str
    financial_year: str
    issued_on: date
    seller: Mapping[str, str]
    buyer: Mapping[str, str]
    line: Line
    place: str
    supply: str
    tax: TaxSplit
    taxable_paise: int
    rounding_paise: int
    total_paise: int
    original: Original | None = None
    irn: str = ""

    @property
    def sign(self) -> int:
        return -1 if self.kind == "credit_note" else 1

    @property
    def gstin(self) -> str:
        return self.buyer.get("gstin", "")

    @property
    def is_between_states(self) -> bool:
        return self.supply != "regular" or self.seller["state_code"] != self.place


def rupees(paise: int) -> str:
    """117882 -> "1178.82", -5 -> "-0.05": for files, without grouping."""
    whole, rest = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{whole}.{rest:02d}"
