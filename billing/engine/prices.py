"""What a plan costs. List prices are exclusive of GST; the gateway charges the total."""

from dataclasses import dataclass
from enum import StrEnum

from marketing_platform.core.money import GstSplit, Rupees

CURRENCY = "INR"
MONTHS_PAID_A_YEAR = 10


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


MONTHS_IN = {Interval.MONTH: 1, Interval.YEAR: 12}


@dataclass(frozen=True)
class Amounts:
    """One charge: list price less discount, then GST on what is left. Paise."""

    base_paise: int
    discount_paise: int
    tax_paise: int
    amount_paise: int


def annual_price(monthly: Rupees) -> Rupees:
    """A year costs ten months: 999 -> 9,990."""
    return monthly * MONTHS_PAID_A_YEAR


def base_of(*, monthly_paise: int, annual_paise: int, interval: str) -> int:
    """The price of one interval before GST. ValueError for one that is not month or year."""
    return {Interval.MONTH: monthly_paise, Interval.YEAR: annual_paise}[Interval(interval)]


def charge_of(*, monthly_paise: int, annual_paise: int, interval: str) -> GstSplit:
    """Base, 18% GST and total of one interval, each in paise: 99900 -> 117882.

    Raises ValueError for an interval that is not month or year.
    """
    base = base_of(monthly_paise=monthly_paise, annual_paise=annual_paise, interval=interval)
    return Rupees(base).with_gst()


def amounts_of(list_paise: int, discount_paise: int = 0, *, is_taxed: bool = True) -> Amounts:
    """GST is due on the price after a discount that is on the invoice (s.15(3)(a) CGST).

    (99900, 49950) -> base 49950, tax 8991, amount 58941. Not `is_taxed`: an export, or a supply to
    an SEZ, under a letter of undertaking. ValueError unless something is left.
    """
    if not 0 <= discount_paise < list_paise:
        raise ValueError(f"no discount of {discount_paise} on {list_paise} paise")
    base = list_paise - discount_paise
    if not is_taxed:
        return Amounts(base, discount_paise, 0, base)
    split = Rupees(base).with_gst()
    return Amounts(split.base.paise, discount_paise, split.tax.paise, split.total.paise)


def base_in(amount_paise: int) -> int:
    """What stands before GST in an amount with it, half up: 117882 -> 99900.

    With its GST it may miss the amount by a paisa, which is the document's rounding.
    """
    return (2 * 100 * amount_paise + 118) // (2 * 118)


def taxed_like(base_paise: int, *, tax_paise: int) -> int:
    """A part of a payment with the tax that it had: what was charged without it goes back so."""
    return Rupees(base_paise).with_gst().total.paise if tax_paise else base_paise


def base_like(amount_paise: int, *, tax_paise: int) -> int:
    """What stands before tax in a part of a payment that had this tax, or none."""
    return base_in(amount_paise) if tax_paise else amount_paise
