"""From rows of a file to customers, bills and consents, with a reason for every row left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from local.customers.engine import cells, columns
from local.customers.engine.cells import Moment
from local.customers.engine.columns import Mapping, Role
from local.customers.engine.phones import mobile_of
from local.customers.errors import ColumnsMissing
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.tables import Table, TableRow
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

MOST_ROWS = 10_000
LONGEST = {Role.NAME: 80, Role.ITEMS: 300, Role.NOTE: 300, Role.CONSENT_HOW: 200}
LANGUAGES = {
    "en": "en", "english": "en", "eng": "en", "अंग्रेज़ी": "en", "अंग्रेजी": "en", "इंग्रजी": "en",
    "hi": "hi", "hindi": "hi", "हिंदी": "hi", "हिन्दी": "hi",
    "mr": "mr", "marathi": "mr", "मराठी": "mr", "hinglish": "hinglish",
}  # fmt: skip
NOTHING_IN_ROW = _("This row has neither a mobile number nor an amount with a date.")
DATE_MISSING = _("Date: a bill needs its day.")
MORE_CELLS = _("This row has more cells than there are columns. Put quotation marks round a comma.")
TOTAL = ("total", "grand total", "कुल", "एकूण")
_COLUMN = {"phone": Role.PHONE, "amount": Role.AMOUNT, "date": Role.DATE}


@dataclass(frozen=True, slots=True)
class Entry:
    """One usable row. Without `phone` it is a bill of somebody unknown.

    `consent_at` is set when the row itself says yes; it is None for a yes without a date.
    """

    line: int
    phone: str | None
    name: str = ""
    paise: int | None = None
    moment: Moment | None = None
    items: str = ""
    language: str = ""
    birthday: tuple[int, int] | None = None
    note: str = ""
    says_yes: bool = False
    says_no: bool = False
    consent_at: Moment | None = None
    consent_how: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is left out. `reason` is a sentence to be translated, filled with `params`."""

    line: int
    column: str
    value: str
    reason: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]

    @property
    def yes_count(self) -> int:
        return sum(entry.says_yes for entry in self.entries)

    @property
    def no_count(self) -> int:
        return sum(entry.says_no for entry in self.entries)

    @property
    def has_undated_yes(self) -> bool:
        return any(entry.says_yes and entry.consent_at is None for entry in self.entries)


class _Unusable(Exception):
    def __init__(self, role: Role, error: PlatformError):
        self.role, self.error = role, error
        super().__init__(error.english)


def mapping_check(mapping: Mapping) -> None:
    """Raises ColumnsMissing when no row could be used, or a column is chosen twice."""
    chosen = [role for role in mapping.roles if role is not Role.IGNORE]
    if len(chosen) != len(set(chosen)):
        raise ColumnsMissing(
            _("Two columns are chosen for the same thing. Keep one of them."), field="roles"
        )
    if Role.PHONE not in chosen and not {Role.DATE, Role.AMOUNT} <= set(chosen):
        raise ColumnsMissing(field="roles")
    if Role.AMOUNT in chosen and Role.DATE not in chosen:
        raise ColumnsMissing(_("Choose the column with the date of the bills too."), field="roles")


def parse(table: Table, mapping: Mapping, *, today: date) -> Parsed:
    """Every row, in the order of the file. Raises ColumnsMissing."""
    mapping_check(mapping)
    header = columns.header_cells(table, mapping.header_line)
    entries: list[Entry] = []
    refusals: list[Refusal] = []
    for row in columns.body(table, mapping):
        if _is_total(row, mapping):
            continue
        try:
            entries.append(_entry(row, mapping, table, today))
        except _Unusable as unusable:
            refusals.append(_refusal(row, mapping, header, unusable))
    return Parsed(tuple(entries), tuple(refusals))


def _entry(row: TableRow, mapping: Mapping, table: Table, today: date) -> Entry:
    if table.delimiter and any(row.cells[len(mapping.roles) :]):
        raise _Unusable(Role.IGNORE, PlatformError(MORE_CELLS))
    moment = _read(Role.DATE, row, mapping, lambda text: cells.moment_of(text, today))
    paise = _read(Role.AMOUNT, row, mapping, cells.paise_of)
    phone = _read(Role.PHONE, row, mapping, _phone)
    if paise is not None and moment is None:
        raise _Unusable(Role.DATE, PlatformError(DATE_MISSING))
    if phone is None and paise is None:
        raise _Unusable(Role.PHONE, PlatformError(NOTHING_IN_ROW))
    said = cells.yes_or_no(_text(Role.CONSENT, row, mapping)) if phone is not None else None
    says_yes = said is True
    agreed = _read(Role.CONSENT_DATE, row, mapping, lambda text: cells.moment_of(text, today))
    language = _text(Role.LANGUAGE, row, mapping).strip().lower()
    return Entry(
        line=row.line,
        phone=phone,
        name=_short(Role.NAME, row, mapping),
        paise=paise,
        moment=moment,
        items=_short(Role.ITEMS, row, mapping),
        language=LANGUAGES.get(language, ""),
        birthday=cells.birthday_of(_text(Role.BIRTHDAY, row, mapping)),
        note=_short(Role.NOTE, row, mapping),
        says_yes=says_yes,
        says_no=said is False,
        consent_at=agreed if says_yes else None,
        consent_how=_short(Role.CONSENT_HOW, row, mapping) if says_yes else "",
    )


def _phone(text: str) -> str | None:
    return None if cells.is_empty(text) else mobile_of(text)


def _read(role: Role, row: TableRow, mapping: Mapping, read: Any) -> Any:
    try:
        return read(_text(role, row, mapping))
    except PlatformError as error:
        raise _Unusable(role, error) from None


def _text(role: Role, row: TableRow, mapping: Mapping) -> str:
    place = mapping.place(role)
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _short(role: Role, row: TableRow, mapping: Mapping) -> str:
    return clean_line(_text(role, row, mapping))[: LONGEST[role]].strip()


def _is_total(row: TableRow, mapping: Mapping) -> bool:
    """A sum at the foot of the list: it names no number and no day."""
    filled = [cell.strip().lower() for cell in row.cells if cell.strip()]
    has_person = _text(Role.PHONE, row, mapping) or _text(Role.DATE, row, mapping)
    return bool(filled) and filled[0].startswith(TOTAL) and not has_person


def _refusal(
    row: TableRow, mapping: Mapping, header: Sequence[str], unusable: _Unusable
) -> Refusal:
    place = mapping.place(unusable.role) if unusable.role is not Role.IGNORE else None
    named = place is not None and place < len(header)
    value = _text(unusable.role, row, mapping) if place is not None else ""
    return Refusal(
        line=row.line,
        column=header[place][:60] if named and place is not None else "",
        value=clean_line(value)[:60],
        reason=unusable.error.sentence,
        params=unusable.error.params,
    )


def people(entries: Sequence[Entry]) -> Iterator[str]:
    """Each number once, in the order of the file."""
    yield from dict.fromkeys(entry.phone for entry in entries if entry.phone)
