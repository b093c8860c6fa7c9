"""Money as integer paise; goods and services tax split; Indian formatting."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from marketing_platform.core.text import indian_grouping

GST_BASIS_POINTS = 1800


@dataclass(frozen=True, order=True)
class Rupees:
    """An amount in paise (1/100 rupee); never a float."""

    paise: int

    @classmethod
    def of(cls, amount: str | int | Decimal) -> "Rupees":
        """From rupees: Rupees.of('1178.82') == Rupees(117882). Refuses fractions of a paisa."""
        paise = Decimal(amount) * 100
        if paise != paise.to_integral_value():
            raise ValueError(f"{amount} rupees has a fraction of a paisa")
        return cls(int(paise))

    def __add__(self, other: "Rupees") -> "Rupees":
        return Rupees(self.paise + other.paise)

    def __sub__(self, other: "Rupees") -> "Rupees":
        return Rupees(self.paise - other.paise)

    def __mul__(self, count: int) -> "Rupees":
        return Rupees(self.paise * count)

    def format(self) -> str:
        """'₹25,000' for whole rupees, otherwise '₹1,178.82'."""
        sign = "-" if self.paise < 0 else ""
        rupees, paise = divmod(abs(self.paise), 100)
        cents = f".{paise:02d}" if paise else ""
        return f"{sign}₹{indian_grouping(rupees)}{cents}"

    def with_gst(self, rate_basis_points: int = GST_BASIS_POINTS) -> "GstSplit":
        """Split for a price exclusive of tax; the tax is rounded half up to the paisa."""
        tax = (Decimal(self.paise) * rate_basis_points / 10_000).quantize(
            Decimal(1), rounding=ROUND_HALF_UP
        )
        return GstSplit(base=self, tax=Rupees(int(tax)), total=Rupees(self.paise + int(tax)))


@dataclass(frozen=True)
class GstSplit:
    base: Rupees
    tax: Rupees
    total: Rupees
