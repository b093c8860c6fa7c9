"""Rows sent as JSON become the same table that a file does, so both are judged alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from enterprise.data_sources.engine.contracts import (
    ColumnMapping,
    DateOrder,
    FileKind,
    RawTable,
    Role,
    Row,
)
from enterprise.data_sources.errors import RowUnreadable

MOST_SENT = 5_000
LONGEST_CELL = 500
KINDS = {
    "spend": FileKind.SPEND,
    "outcomes": FileKind.OUTCOMES,
    "leads": FileKind.LEAD_LIST,
    "deals": FileKind.DEALS,
}
FIELDS: dict[str, dict[str, Role]] = {
    "spend": {
        "date": Role.DATE, "channel": Role.CHANNEL, "campaign": Role.CAMPAIGN, "cost": Role.COST,
        "currency": Role.CURRENCY, "impressions": Role.IMPRESSIONS, "clicks": Role.CLICKS,
    },
    "outcomes": {
        "date": Role.DATE, "metric": Role.SERIES, "value": Role.VALUE, "revenue": Role.REVENUE,
        "currency": Role.CURRENCY, "region": Role.REGION,
    },
    "leads": {
        "id": Role.ID, "created": Role.DATE, "source": Role.SOURCE, "stage": Role.STAGE,
        "entered_at": Role.ENTERED, "left_at": Role.LEFT, "owner": Role.OWNER,
        "email_hash": Role.EMAIL,
    },
    "deals": {
        "id": Role.ID, "created": Role.DATE, "account": Role.ACCOUNT, "amount": Role.AMOUNT,
        "currency": Role.CURRENCY, "stage": Role.STAGE, "entered_at": Role.ENTERED,
        "left_at": Role.LEFT, "closed": Role.CLOSED, "won": Role.WON, "source": Role.SOURCE,
        "owner": Role.OWNER,
    },
}  # fmt: skip
ALWAYS = {
    "spend": ("date", "channel", "cost"),
    "outcomes": ("date",),
    "leads": ("id", "created"),
    "deals": ("id", "created"),
}


def table_of(kind: str, rows: Sequence[Any]) -> tuple[RawTable, ColumnMapping]:
    """``rows`` are objects with the fields of ``kind``; row 0 stands on line 1.

    Dates are YYYY-MM-DD, numbers JSON numbers or text. Raises RowUnreadable, which names the place,
    for a row that is no object, an unknown field or a value that is a list or an object.
    """
    fields = FIELDS[kind]
    used = [name for name in fields if name in ALWAYS[kind] or any(_has(row, name) for row in rows)]
    if kind == "outcomes" and "value" not in used and "revenue" not in used:
        used.append("value")
    body = [
        Row(place + 1, tuple(_cells(row, place, fields, used))) for place, row in enumerate(rows)
    ]
    table = RawTable((Row(0, tuple(used)), *body), "json", "")
    roles = tuple(fields[name] for name in used)
    return table, ColumnMapping(KINDS[kind], 0, roles, DateOrder.DAY_FIRST)


def _has(row: Any, name: str) -> bool:
    return isinstance(row, Mapping) and row.get(name) is not None


def _cells(row: Any, place: int, fields: Mapping[str, Role], used: list[str]) -> list[str]:
    if not isinstance(row, Mapping):
        raise RowUnreadable(place=f"rows[{place}]")
    for name in row:
        if name not in fields:
            raise RowUnreadable(place=f"rows[{place}].{str(name)[:40]}")
    return [_text(row.get(name), f"rows[{place}].{name}") for name in used]


def _text(value: Any, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e15 else "9" * 40
    if isinstance(value, str) and len(value) <= LONGEST_CELL:
        return value.encode("utf-8", "replace").decode()
    raise RowUnreadable(place=place)
