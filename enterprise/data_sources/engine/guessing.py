"""What kind of file this is and which column holds what; a person confirms it.

Header names as the English exports of Google Ads, Meta Ads Manager and LinkedIn Campaign
Manager write them (seen in 2026), compared without case and the unit in brackets.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from enterprise.data_sources.engine import cells
from enterprise.data_sources.engine.contracts import (
    ColumnMapping,
    DateOrder,
    FileKind,
    RawTable,
    Role,
    Row,
)
from enterprise.data_sources.errors import FileUnreadable
from marketing_platform.core.text import mark as _

SEARCHED_LINES = 40
SAMPLE = 500
# Per kind, in order of preference: the first header that is present takes the role.
HEADERS: dict[FileKind, dict[Role, tuple[str, ...]]] = {
    FileKind.GOOGLE_ADS: {
        Role.DATE: ("day", "date", "week", "month"),
        Role.CAMPAIGN: ("campaign", "campaign name"),
        Role.COST: ("cost", "spend"),
        Role.CURRENCY: ("currency code", "currency"),
        Role.IMPRESSIONS: ("impr.", "impressions"),
        Role.CLICKS: ("clicks", "interactions"),
        Role.LEADS: ("leads", "conversions"),
    },
    FileKind.META_ADS: {
        Role.DATE: ("day", "week", "month", "reporting starts"),
        Role.END_DATE: ("reporting ends",),
        Role.CAMPAIGN: ("campaign name", "campaign"),
        Role.COST: ("amount spent",),
        Role.CURRENCY: ("currency",),
        Role.IMPRESSIONS: ("impressions",),
        Role.CLICKS: ("link clicks", "clicks"),
        Role.LEADS: ("leads", "on-facebook leads", "results"),
    },
    FileKind.LINKEDIN_ADS: {
        Role.DATE: ("start date", "day", "date"),
        Role.END_DATE: ("end date",),
        Role.CAMPAIGN: ("campaign name", "campaign group name"),
        Role.COST: ("total spent", "amount spent", "spend"),
        Role.CURRENCY: ("currency",),
        Role.IMPRESSIONS: ("impressions",),
        Role.CLICKS: ("clicks", "total clicks"),
        Role.LEADS: ("leads", "conversions"),
    },
    FileKind.LEADS: {
        Role.DATE: (
            "created date", "create date", "created at", "created on", "created time", "created",
            "lead date", "lead created date", "enquiry date", "submitted at", "date", "day",
            "week", "week starting", "week start", "month", "timestamp",
        ),
        Role.SOURCE: (
            "lead source", "source", "original source", "original traffic source", "utm source",
            "channel", "medium",
        ),
        Role.LEADS: (
            "leads", "lead count", "new leads", "enquiries", "inquiries", "count", "total leads",
        ),
    },
    FileKind.SPEND: {
        Role.DATE: (
            "date", "day", "week", "week starting", "week start", "week beginning", "month",
            "period",
        ),
        Role.CHANNEL: (
            "channel", "media channel", "marketing channel", "platform", "ad network", "medium",
            "source",
        ),
        Role.CAMPAIGN: ("campaign", "campaign name"),
        Role.COST: ("cost", "spend", "amount spent", "total spent", "spends", "amount"),
        Role.CURRENCY: ("currency", "currency code"),
        Role.IMPRESSIONS: ("impressions", "impr.", "views"),
        Role.CLICKS: ("clicks", "link clicks"),
    },
    FileKind.DEALS: {
        Role.ID: ("deal id", "opportunity id", "record id", "external id", "id"),
        Role.DATE: (
            "created", "created date", "create date", "created on", "created at", "date created",
        ),
        Role.ACCOUNT: (
            "account", "account name", "company", "company name", "associated company", "customer",
        ),
        Role.AMOUNT: ("amount", "deal amount", "value", "deal value"),
        Role.CURRENCY: ("currency", "deal currency", "amount currency", "currency code"),
        Role.STAGE: ("stage", "deal stage", "stage name"),
        Role.ENTERED: ("entered at", "entered on", "stage entered", "stage entered at", "entered"),
        Role.LEFT: ("left at", "left on", "stage left at", "left"),
        Role.CLOSED: ("closed", "close date", "closed date", "closed on", "closed at"),
        Role.WON: ("won", "is won", "is closed won", "won flag"),
        Role.IS_CLOSED: ("is closed",),
        Role.SOURCE: ("source", "lead source", "original source", "deal source"),
        Role.OWNER: ("owner", "deal owner", "opportunity owner"),
    },
    FileKind.LEAD_LIST: {
        Role.ID: ("lead id", "record id", "external id", "id"),
        Role.DATE: (
            "created", "created date", "create date", "created on", "created at", "lead date",
            "date created", "date",
        ),
        Role.SOURCE: ("lead source", "source", "original source", "utm source", "channel"),
        Role.STAGE: ("stage", "lead stage", "lead status", "status", "lifecycle stage"),
        Role.ENTERED: ("entered at", "entered on", "stage entered", "stage entered at", "entered"),
        Role.LEFT: ("left at", "left on", "stage left at", "left"),
        Role.OWNER: ("owner", "lead owner"),
        Role.EMAIL: ("email hash", "hashed email", "email", "email address"),
    },
    FileKind.OUTCOMES: {
        Role.DATE: (
            "date", "day", "week", "week starting", "week start", "week beginning", "month",
            "period",
        ),
        Role.SERIES: ("metric", "outcome", "kpi", "measure"),
        Role.VALUE: ("value", "count", "actual", "orders", "units", "sales"),
        Role.REVENUE: ("revenue", "turnover", "net revenue"),
        Role.CURRENCY: ("currency", "currency code"),
        Role.REGION: ("region", "state", "zone", "city", "geo"),
    },
    FileKind.METRICS: {
        Role.DATE: (
            "date", "day", "week", "week starting", "week start", "week beginning", "month",
            "period",
        ),
    },
}  # fmt: skip
SIGNS = {
    FileKind.SPEND: tuple(
        {channel, cost}
        for channel in ("channel", "media channel", "marketing channel", "platform", "ad network")
        for cost in ("cost", "spend", "amount spent", "spends")
    ),
    FileKind.DEALS: (
        {"deal id"}, {"opportunity id"}, {"deal stage"}, {"stage", "amount"},
        {"stage", "close date"}, {"stage", "account", "created"},
    ),
    FileKind.LEAD_LIST: (
        {"lead id", "stage"}, {"lead id", "lead status"}, {"lead id", "lead stage"},
        {"lead id", "email hash"}, {"lead id", "entered at"}, {"id", "stage", "created"},
    ),
    FileKind.OUTCOMES: tuple(
        {name, value}
        for name in ("metric", "outcome", "kpi", "measure", "region", "state", "zone")
        for value in ("value", "revenue")
    ),
    FileKind.META_ADS: ({"reporting starts", "amount spent"}, {"amount spent", "campaign name"}),
    FileKind.LINKEDIN_ADS: ({"start date", "total spent"}, {"total spent", "campaign name"}),
    FileKind.GOOGLE_ADS: (
        {"campaign", "cost", "clicks"},
        {"campaign", "cost", "impr."},
        {"campaign", "cost", "currency code"},
    ),
}  # fmt: skip
LEAD_HEADERS = frozenset(HEADERS[FileKind.LEADS][Role.SOURCE]) | {
    "lead id", "lead status", "lead owner", "lead name", "record id",
}  # fmt: skip
DATE_ROLES = (Role.DATE, Role.END_DATE, Role.CLOSED, Role.ENTERED, Role.LEFT)
NUMBER_ROLES = (
    Role.COST, Role.METRIC, Role.LEADS, Role.AMOUNT, Role.VALUE, Role.REVENUE,
)  # fmt: skip
NEEDED = {
    FileKind.SPEND: (Role.DATE, Role.CHANNEL, Role.COST),
    FileKind.DEALS: (Role.ID, Role.DATE),
    FileKind.LEAD_LIST: (Role.ID, Role.DATE),
    FileKind.LEADS: (Role.DATE,),
    FileKind.OUTCOMES: (Role.DATE, Role.VALUE),
    FileKind.METRICS: (Role.DATE, Role.METRIC),
}
KNOWN = frozenset(name for roles in HEADERS.values() for names in roles.values() for name in names)
SCALE = "|".join(name for name in cells.SCALES if len(name) > 1)
UNIT = re.compile(
    rf"\s*\(([^)]*)\)\s*$|\s+in\s+((?:(?:₹|rs\.?|inr|rupees|usd|\$)\s*)?(?:{SCALE})|rs\.?|inr|usd)\s*$",
    re.IGNORECASE,
)


def header_key(text: str) -> str:
    """'Amount spent (INR)' → 'amount spent'."""
    return UNIT.sub("", " ".join(text.replace("_", " ").split())).strip().lower()


def header_unit(text: str) -> str:
    """'Amount spent (INR)' and 'Amount spent in INR' → 'INR'; '' without a unit."""
    match = UNIT.search(" ".join(text.split()))
    return (match[1] or match[2] or "").strip() if match else ""


def guess(table: RawTable) -> ColumnMapping:
    """The likeliest reading. Raises FileUnreadable when no row looks like a header."""
    header = _header(table)
    keys = [header_key(text) for text in header.cells]
    kind = _kind(keys)
    return with_evidence(
        table,
        ColumnMapping(kind=kind, header_line=header.line, roles=_roles(kind, keys, table, header)),
    )


def for_kind(table: RawTable, mapping: ColumnMapping, kind: FileKind) -> ColumnMapping:
    """The columns guessed anew for another kind of file."""
    header = header_of(table, mapping)
    keys = [header_key(text) for text in header.cells]
    roles = _roles(kind, keys, table, header)
    return with_evidence(table, replace(mapping, kind=kind, roles=roles))


def with_evidence(table: RawTable, mapping: ColumnMapping) -> ColumnMapping:
    """Date order and decimal sign as the chosen columns prove them."""
    rows = body_of(table, mapping)
    dates = _column(rows, mapping.roles, DATE_ROLES)
    numbers = _column(rows, mapping.roles, NUMBER_ROLES)
    order = cells.date_order_of(dates)
    if order is DateOrder.UNKNOWN and mapping.kind is FileKind.LINKEDIN_ADS:
        order = DateOrder.MONTH_FIRST
    return replace(
        mapping,
        date_order=DateOrder.DAY_FIRST if order is None else order,
        has_decimal_comma=cells.uses_decimal_comma(numbers),
    )


def header_of(table: RawTable, mapping: ColumnMapping) -> Row:
    return next(row for row in table.rows if row.line == mapping.header_line)


def body_of(table: RawTable, mapping: ColumnMapping) -> tuple[Row, ...]:
    return tuple(row for row in table.rows if row.line > mapping.header_line)


def _header(table: RawTable) -> Row:
    """The row with most known names among the first lines, or the first before numbers."""
    first = table.rows[:SEARCHED_LINES]
    scored = [(_known_names(row), row) for row in first]
    best, row = max(scored, key=lambda pair: pair[0])
    if best >= 2 or (best == 1 and len([text for text in row.cells if text]) >= 2):
        return row
    for row, following in zip(first, table.rows[1:], strict=False):
        filled = [text for text in row.cells if text]
        has_date = any(cells.looks_like_date(text) for text in following.cells)
        if len(filled) >= 2 and has_date and not any(map(cells.looks_like_date, filled)):
            return row
    raise FileUnreadable(
        _("No row with column names was found. The first row should name the columns.")
    )


def _known_names(row: Row) -> int:
    return len({header_key(text) for text in row.cells} & KNOWN)


def _kind(keys: Sequence[str]) -> FileKind:
    present = set(keys)
    for kind, signs in SIGNS.items():
        if any(sign <= present for sign in signs):
            return kind
    counts = set(HEADERS[FileKind.LEADS][Role.LEADS])
    created = set(HEADERS[FileKind.LEADS][Role.DATE]) - set(HEADERS[FileKind.METRICS][Role.DATE])
    if present & LEAD_HEADERS or present & created:
        return FileKind.LEADS
    others = present - set(HEADERS[FileKind.METRICS][Role.DATE]) - {""}
    return FileKind.LEADS if others and others <= counts else FileKind.METRICS


def _roles(kind: FileKind, keys: Sequence[str], table: RawTable, header: Row) -> tuple[Role, ...]:
    roles = [Role.IGNORE] * len(keys)
    for role, names in HEADERS[kind].items():
        place = next((keys.index(name) for name in names if name in keys), None)
        if place is not None and roles[place] is Role.IGNORE:
            roles[place] = role
    rows = [row for row in table.rows if row.line > header.line][:SAMPLE]
    if Role.DATE not in roles:
        place = next((i for i in range(len(keys)) if _is_mostly(rows, i, _is_date)), None)
        if place is not None:
            roles[place] = Role.DATE
    if kind is FileKind.METRICS:
        for place, key in enumerate(keys):
            if roles[place] is Role.IGNORE and key and _is_mostly(rows, place, _is_number):
                roles[place] = Role.METRIC
    return tuple(roles)


def _is_mostly(rows: Sequence[Row], place: int, test) -> bool:
    texts = [row.cells[place] for row in rows if place < len(row.cells)]
    filled = [text for text in texts if not cells.is_empty(text)]
    return bool(filled) and sum(map(test, filled)) >= 0.6 * len(filled)


def _is_date(text: str) -> bool:
    return cells.looks_like_date(text)


def _is_number(text: str) -> bool:
    for comma in (False, True):
        try:
            cells.number_of(text, has_decimal_comma=comma)
        except ValueError:
            continue
        return True
    return False


def _column(rows: Sequence[Row], roles: Sequence[Role], wanted: Sequence[Role]) -> list[str]:
    places = [place for place, role in enumerate(roles) if role in wanted]
    return [row.cells[place] for row in rows for place in places if place < len(row.cells)]


def needed_roles(kind: FileKind) -> tuple[Role, ...]:
    """Without these a file of this kind cannot be imported; revenue stands in for the value."""
    return NEEDED.get(kind, (Role.DATE, Role.COST))


def header_hash(table: RawTable, mapping: ColumnMapping) -> str:
    """The same for files with the same headers in the same order."""
    keys = [header_key(text) for text in header_of(table, mapping).cells]
    return hashlib.sha256("\x1f".join(keys).encode("utf-8", "replace")).hexdigest()
