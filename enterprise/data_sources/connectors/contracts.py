"""What a reader of a CRM gives, and how values of theirs become ours."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from enterprise.data_sources.engine.contracts import RecordEntry
from enterprise.data_sources.errors import CrmAnswerOdd
from marketing_platform.connections.http import ProviderClient
from marketing_platform.core.text import clean_line

INDIA = ZoneInfo("Asia/Kolkata")
# Clocks of their servers differ, and a record may be committed after its stamp.
OVERLAP = timedelta(seconds=30)
MOST_PAISE = 10**17
AN_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True)
class Page:
    """Records to store together. ``position``, JSON, is from where to go on once they are stored.

    ``unreadable``: records without id or date; ``amounts_left_out``: amounts in another currency;
    ``merged``: ids that are gone because their records became part of another.
    """

    entries: tuple[RecordEntry, ...]
    position: dict[str, Any]
    unreadable: int = 0
    amounts_left_out: int = 0
    merged: tuple[str, ...] = ()


# (client, position of the last stored page or {}, now): everything changed since, oldest first.
Pages = Callable[[ProviderClient, dict[str, Any], datetime], Iterator[Page]]


@dataclass(frozen=True)
class Stream:
    """One table's records: "contact", "deal" or "lead"."""

    table: str
    pages: Pages


@dataclass(frozen=True)
class Reader:
    """How one CRM is read. ``account_of`` asks which account a token belongs to."""

    provider: str
    account_of: Callable[[ProviderClient], str]
    streams: tuple[Stream, ...]


@dataclass
class Batch:
    """Records of one page, made one by one."""

    make: Callable[[Mapping[str, Any]], RecordEntry | None]
    unreadable: int = 0
    entries: list[RecordEntry] = field(default_factory=list)

    def take(self, records: Iterable[Any]) -> None:
        for record in records:
            entry = self.make(record) if isinstance(record, dict) else None
            if entry is None:
                self.unreadable += 1
            else:
                self.entries.append(entry)


def records_of(answer: Mapping[str, Any], name: str) -> list[Any]:
    """A list in an answer. Raises CrmAnswerOdd: a page without its list is not an empty page."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise CrmAnswerOdd
    return found


def inner(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def text_of(found: Any, length: int = 120) -> str:
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    # Half of a pair, as JSON may hold, cannot be stored.
    text = str(found)[:2_000].encode("utf-8", "replace").decode()
    return clean_line(text.replace("\x00", " "))[:length]


def id_of(found: Any) -> str:
    """An id that can stand in a query; '' for anything else."""
    text = text_of(found)
    return text if AN_ID.fullmatch(text) else ""


def moment_of(found: Any) -> datetime | None:
    """Of ISO 8601 text ("2026-05-01T09:30:00.000+0000", "…Z") or milliseconds since 1970."""
    if isinstance(found, bool):
        return None
    try:
        if isinstance(found, int) or (isinstance(found, str) and found.isdecimal() and found[8:]):
            moment = datetime.fromtimestamp(int(found) / 1_000, UTC)
        else:
            moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if moment is None or not 1970 < moment.year < 2200:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def day_of(found: Any) -> Any:
    """The day in India of a moment; a plain date stays."""
    moment = moment_of(found)
    if moment is None:
        return None
    is_plain = isinstance(found, str) and len(found) == 10 and found[4] == "-"
    return moment.date() if is_plain else moment.astimezone(INDIA).date()


def paise_of(found: Any) -> int | None:
    """Of rupees as a number or text; None when there are none or they cannot be."""
    if found is None or found == "" or isinstance(found, bool | list | dict):
        return None
    try:
        paise = Decimal(str(found)[:60]) * 100
        return int(paise.to_integral_value()) if abs(paise) < MOST_PAISE else None
    except (ArithmeticError, ValueError):
        return None


def stamp(moment: datetime) -> str:
    """UTC with milliseconds, as all three take it."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )


def since_of(position: Mapping[str, Any]) -> datetime | None:
    """Where to begin: a little before the last stored change; None for all."""
    reached = moment_of(position.get("reached"))
    return reached - OVERLAP if reached else None


def reached(
    stamps: Iterable[datetime | None], position: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The position after a page: its last change by the CRM's own clock.

    Never after now: a record dated in the future would hide all that changes until then.
    """
    known = [each for each in [*stamps, moment_of(position.get("reached"))] if each]
    return {"reached": stamp(min(max(known), now))} if known else {}
