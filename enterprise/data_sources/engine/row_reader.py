"""One row at a time, by role; what cannot be used is named with its cell and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from enterprise.data_sources.engine import cells, guessing
from enterprise.data_sources.engine.contracts import ColumnMapping, Role, Row
from enterprise.data_sources.engine.money_units import currency_named, currency_of, scale_named
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

LARGEST_NUMBER = Decimal(10) ** 11
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
FIX_NUMBER = _("Write a plain number such as 1250.50.")
FIX_DATE = _("Write the date as 2026-04-27.")


class Unusable(Exception):
    """One cell of the row at hand cannot be used. ``currency`` is one that lacks a rate."""

    def __init__(
        self, role: Role, problem: str, fix: str, place: int | None = None, currency: str = ""
    ):
        self.role, self.problem, self.fix, self.place = role, problem, fix, place
        self.currency = currency
        super().__init__(problem)


@dataclass(frozen=True)
class Reader:
    """Cells of a row by role. Every method raises Unusable for what it cannot read."""

    mapping: ColumnMapping
    header: tuple[str, ...]
    places: Mapping[Role, int] = field(init=False)

    def __post_init__(self) -> None:
        roles = self.mapping.roles
        object.__setattr__(self, "places", {role: roles.index(role) for role in roles})

    def text(self, row: Row, role: Role) -> str:
        place = self.places.get(role)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def line(self, row: Row, role: Role, longest: int) -> str:
        text = self.text(row, role)
        return clean_line(text)[:longest].strip() if text else ""

    def place(self, role: Role) -> int | None:
        return self.places.get(role)

    def day(self, row: Row, role: Role = Role.DATE) -> date:
        text = self.text(row, role)
        if cells.is_empty(text):
            raise Unusable(role, _("The date is missing."), FIX_DATE)
        try:
            day = cells.date_of(text, self.mapping.date_order)
        except (ValueError, OverflowError):
            raise Unusable(role, _("This is not a date we can read."), FIX_DATE) from None
        if not EARLIEST <= day < LATEST:
            raise Unusable(role, _("This date is out of range."), FIX_DATE)
        return day

    def day_if_any(self, row: Row, role: Role) -> date | None:
        return None if cells.is_empty(self.text(row, role)) else self.day(row, role)

    def moment_if_any(self, row: Row, role: Role) -> datetime | None:
        if self.day_if_any(row, role) is None:
            return None
        try:
            return cells.moment_of(self.text(row, role), self.mapping.date_order)
        except (ValueError, OverflowError):
            raise Unusable(role, _("This is not a date we can read."), FIX_DATE) from None

    def flag(self, row: Row, role: Role) -> bool | None:
        try:
            return cells.yes_or_no(self.text(row, role))
        except ValueError:
            raise Unusable(role, _("This is neither yes nor no."), _("Write yes or no.")) from None

    def number(self, row: Row, role: Role) -> Decimal | None:
        place = self.place(role)
        return None if place is None else self.number_at(row, place, role)

    def number_at(self, row: Row, place: int, role: Role) -> Decimal | None:
        text = row.cells[place] if place < len(row.cells) else ""
        if text.startswith("="):
            raise Unusable(
                role,
                _("This cell holds a formula without a saved value."),
                _("Open the file in a spreadsheet, save it, and upload it again."),
                place,
            )
        try:
            value = cells.number_of(text, has_decimal_comma=self.mapping.has_decimal_comma)
        except (ValueError, ArithmeticError):
            raise Unusable(role, _("This is not a number."), FIX_NUMBER, place) from None
        if value is not None and abs(value) >= LARGEST_NUMBER:
            raise Unusable(role, _("This number is too large."), FIX_NUMBER, place)
        return value

    def amount(self, row: Row, role: Role) -> Decimal | None:
        value = self.number(row, role)
        if value is not None and value < 0:
            raise Unusable(role, _("This must not be negative."), FIX_NUMBER)
        return value

    def whole(self, row: Row, role: Role) -> int | None:
        value = self.amount(row, role)
        return None if value is None else round(value)

    def rupees(self, row: Row, role: Role, value: Decimal | None) -> Decimal | None:
        """``value`` of this role's cell in rupees: by its heading's lakh, by the rate given."""
        if value is None:
            return None
        if cells.scale_of(self.text(row, role)) == 1:
            value *= scale_named(self._unit(role))
        code = self._currency(row, role)
        rate = self.mapping.rate_of(code) if code else Decimal(1)
        if rate is None:
            raise Unusable(
                Role.CURRENCY if self.text(row, Role.CURRENCY) else role,
                _("The amounts are not in rupees."),
                _("Export from an account in INR, or give the exchange rate."),
                currency=code,
            )
        if value * rate >= LARGEST_NUMBER:
            raise Unusable(role, _("This number is too large."), FIX_NUMBER)
        return value * rate

    def _unit(self, role: Role) -> str:
        place = self.place(role)
        return guessing.header_unit(self.header[place]) if place is not None else ""

    def _currency(self, row: Row, role: Role) -> str:
        """'' for rupees."""
        written = self.text(row, Role.CURRENCY)
        if cells.is_empty(written):
            return currency_named(self._unit(role))
        code = currency_of(written)
        if code is None:
            raise Unusable(
                Role.CURRENCY,
                _("This is not a currency we know."),
                _("Write its code, such as INR or USD."),
            )
        return code


def paise_of(rupees: Decimal) -> int:
    return int((rupees * 100).to_integral_value())
