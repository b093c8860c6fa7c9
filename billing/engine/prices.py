"""What a plan costs. List prices are exclusive of GST; the gateway charges the total."""

from enum import StrEnum

from marketing_platform.core.money import GstSplit, Rupees

CURRENCY = "INR"
MONTHS_PAID_A_YEAR = 10


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


def annual_price(monthly: Rupees) -> Rupees:
    """A year costs ten months: 999 -> 9,990."""
    return monthly * MONTHS_PAID_A_YEAR


def charge_of(*, monthly_paise: int, annual_paise: int, interval: str) -> GstSplit:
    """Base, 18% GST and total of one interval, each in paise: 99900 -> 117882.

    Raises ValueError for an interval that is not month or year.
    """
    base = {Interval.MONTH: monthly_paise, Interval.YEAR: annual_paise}[Interval(interval)]
    return Rupees(base).with_gst()
