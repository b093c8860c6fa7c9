"""What messages cost. Meta's rates have four decimals: amounts are in 1/10,000 of a rupee."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from marketing_platform.core.money import GST_BASIS_POINTS, Rupees


@dataclass(frozen=True)
class Rate:
    """What one delivered message of a category costs from a day on, before tax.

    `amount` in 1/10,000 of a rupee: ₹0.8631 is 8631.
    """

    category: str
    valid_from: date
    amount: int
    source: str

    def with_gst(self) -> int:
        """In the same unit, tax included, rounded half up."""
        amount = Decimal(self.amount) * (10_000 + GST_BASIS_POINTS) / 10_000
        return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rate_on(rates: Sequence[Rate], category: str, day: date) -> Rate | None:
    """The latest rate of the category that holds on this day."""
    holding = [each for each in rates if each.category == category and each.valid_from <= day]
    return max(holding, key=lambda each: each.valid_from, default=None)


def in_rupees(amount: int) -> Rupees:
    """Rounded half up to the paisa."""
    return Rupees(int((Decimal(amount) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
