"""Which column of a customers' file holds what: guessed from its headers, confirmed by a person."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from local.customers.engine import cells
from local.customers.engine.phones import digits_of, mobile_of
from local.customers.errors import NumberUnusable
from marketing_platform.core.tables import Table, TableRow

SEARCHED_LINES = 20
SAMPLE = 200
BRACKETS = re.compile(r"\s*[(\[].*?[)\]]\s*")


class Role(StrEnum):
    IGNORE = "ignore"
    NAME = "name"
    PHONE = "phone"
    AMOUNT = "amount"
    DATE = "date"
    ITEMS = "items"
    LANGUAGE = "language"
    BIRTHDAY = "birthday"
    NOTE = "note"
    CONSENT = "consent"
    CONSENT_DATE = "consent_date"
    CONSENT_HOW = "consent_how"


# In order: a header takes the first role that knows it. English, Hindi and Marathi.
HEADERS: dict[Role, tuple[str, ...]] = {
    Role.CONSENT_DATE: (
        "consent date", "opt in date", "opted in on", "agreed on", "consent on", "सहमति की तारीख",
        "सहमति तारीख", "सहमति दिनांक", "संमती दिनांक", "संमतीची तारीख",
    ),
    Role.CONSENT_HOW: (
        "consent how", "how agreed", "consent source", "consent method", "सहमति कैसे", "संमती कशी",
    ),
    Role.CONSENT: (
        "consent", "whatsapp consent", "opt in", "optin", "opted in", "agreed", "permission",
        "agreed to whatsapp offers", "whatsapp ok", "सहमति", "अनुमति", "संमती", "परवानगी",
    ),
    Role.PHONE: (
        "phone", "phone number", "phone no", "mobile", "mobile number", "mobile no", "contact",
        "contact number", "contact no", "number", "whatsapp", "whatsapp number", "cell", "mob",
        "mob no", "customer mobile", "customer phone", "मोबाइल", "मोबाइल नंबर", "फोन", "फ़ोन",
        "फोन नंबर", "फ़ोन नंबर", "नंबर", "मोबाईल", "मोबाईल नंबर", "दूरध्वनी", "फोन क्रमांक",
    ),
    Role.NAME: (
        "name", "customer name", "customer", "full name", "client", "client name", "party name",
        "student name", "patient name", "guest name", "नाम", "ग्राहक", "ग्राहक का नाम", "नाव",
        "ग्राहकाचे नाव",
    ),
    Role.AMOUNT: (
        "amount", "bill amount", "total", "bill total", "net amount", "grand total", "paid",
        "amount paid", "bill", "value", "sale", "sales", "fees", "fee", "रकम", "राशि", "बिल",
        "कुल", "रक्कम", "एकूण",
    ),
    Role.BIRTHDAY: (
        "birthday", "birth date", "date of birth", "dob", "जन्मदिन", "जन्म तिथि", "जन्मतिथि",
        "वाढदिवस", "जन्म तारीख", "जन्मतारीख",
    ),
    Role.DATE: (
        "date", "bill date", "visit date", "date of visit", "invoice date", "last visit",
        "order date", "day", "timestamp", "date and time", "तारीख", "दिनांक", "बिल तारीख", "तिथि",
    ),
    Role.ITEMS: (
        "items", "item", "products", "product", "service", "services", "description",
        "particulars", "सामान", "वस्तु", "सेवा", "वस्तू",
    ),
    Role.LANGUAGE: ("language", "lang", "भाषा"),
    Role.NOTE: ("note", "notes", "remark", "remarks", "comment", "टिप्पणी", "नोट", "शेरा"),
}  # fmt: skip
ROLE_OF = {name: role for role, names in HEADERS.items() for name in names}


@dataclass(frozen=True)
class Mapping:
    """`header_line` is a TableRow.line, or 0 when the first row is already a customer."""

    header_line: int
    roles: tuple[Role, ...]

    def place(self, role: Role) -> int | None:
        return self.roles.index(role) if role in self.roles else None


def guess(table: Table) -> Mapping:
    """The likeliest reading; a column that no header names is recognised by its cells."""
    width = max(len(row.cells) for row in table.rows[:SAMPLE])
    first = table.rows[:SEARCHED_LINES]
    header = max(first, key=_known)
    is_header = _known(header) > 0 or not _has_phone(table.rows[0])
    line = (header if _known(header) else table.rows[0]).line if is_header else 0
    named = [key_of(cell) for cell in header_cells(table, line)] + [""] * width
    roles: list[Role] = []
    for key in named[:width]:
        role = ROLE_OF.get(key, Role.IGNORE)
        roles.append(Role.IGNORE if role in roles else role)
    return _by_content(table, Mapping(line, tuple(roles)))


def with_roles(mapping: Mapping, roles: Sequence[Role]) -> Mapping:
    """A person's choice; columns that it does not name are left out."""
    width = len(mapping.roles)
    return replace(mapping, roles=(*roles[:width], *[Role.IGNORE] * (width - len(roles))))


def header_cells(table: Table, line: int) -> tuple[str, ...]:
    return next((row.cells for row in table.rows if row.line == line), ())


def body(table: Table, mapping: Mapping) -> tuple[TableRow, ...]:
    return tuple(row for row in table.rows if row.line > mapping.header_line)


def key_of(text: str) -> str:
    """'Mobile No. (WhatsApp)' → 'mobile no'."""
    bare = BRACKETS.sub(" ", text.lower()).replace("_", " ").replace("-", " ").replace("/", " ")
    return " ".join(bare.replace(".", " ").replace(":", " ").split())


def _known(row: TableRow) -> int:
    return len({ROLE_OF[key] for key in map(key_of, row.cells) if key in ROLE_OF})


def _has_phone(row: TableRow) -> bool:
    return any(map(_is_phone, row.cells))


def _by_content(table: Table, mapping: Mapping) -> Mapping:
    rows = body(table, mapping)[:SAMPLE]
    roles = list(mapping.roles)
    tests: list[tuple[Role, Callable[[str], bool]]] = [
        (Role.PHONE, _is_phone),
        (Role.DATE, _looks_dated),
    ]
    for role, test in tests:
        if role not in roles:
            free = [place for place, taken in enumerate(roles) if taken is Role.IGNORE]
            found = next((place for place in free if _mostly(rows, place, test)), None)
            if found is not None:
                roles[found] = role
    return replace(mapping, roles=tuple(roles))


def _mostly(rows: Sequence[TableRow], place: int, test: Callable[[str], bool]) -> bool:
    filled = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place]]
    return bool(filled) and sum(map(test, filled)) >= 0.6 * len(filled)


def _is_phone(text: str) -> bool:
    if len(digits_of(text)) < 10:
        return False
    try:
        mobile_of(text)
    except NumberUnusable:
        return False
    return True


def _looks_dated(text: str) -> bool:
    bare = text.strip().lower()
    return bool(cells.ISO.match(bare) or cells.NUMERIC.match(bare) or cells.NAMED.match(bare))
