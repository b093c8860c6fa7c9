"""From rows and a confirmed mapping to entries, with a report of every row that cannot be used."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from enterprise.data_sources.engine import cells, guessing
from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    MOST_PROBLEMS_SHOWN,
    RECORD_KINDS,
    ColumnMapping,
    Entry,
    FileKind,
    ParsedFile,
    Problem,
    RawTable,
    Role,
    Row,
)
from enterprise.data_sources.engine.gathering import gathered, grain_of
from enterprise.data_sources.engine.row_kinds import ROW_READERS
from enterprise.data_sources.engine.row_reader import Reader, Unusable
from enterprise.data_sources.errors import MappingIncomplete
from marketing_platform.core.text import mark as _

TOTAL_WORDS = ("total", "grand total", "summary", "overall")
TOTAL_CAMPAIGN = re.compile(
    r"^(?:grand )?totals?$|^results from \d[\d,]* (?:campaigns?|ad sets?|ads?)$"
)
NAME_ROLES = (Role.CAMPAIGN, Role.SOURCE, Role.CHANNEL)
# How often a long file says how far it is.
REPORT_EVERY = 2_000
NEEDED = {
    Role.DATE: _("Choose the column with the date."),
    Role.COST: _("Choose the column with the cost."),
    Role.METRIC: _("Choose at least one column with a figure."),
    Role.CHANNEL: _("Choose the column with the channel."),
    Role.ID: _("Choose the column with the record's id."),
    Role.VALUE: _("Choose the column with the figure or the revenue."),
}


@dataclass
class _Found:
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    seen: set[object] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    good: int = 0
    bad: int = 0
    totals: int = 0


def parse(
    table: RawTable, mapping: ColumnMapping, progress: Callable[[float], None] | None = None
) -> ParsedFile:
    """Every row read as ``mapping`` says. Rows of totals are left out and counted.

    ``progress`` is told the part that is done, 0 to 1, and may raise to stop. Raises
    MappingIncomplete when a needed column is not chosen, or the order of dates such as 03/04/2026
    is still open.
    """
    header = guessing.header_of(table, mapping)
    check_mapping(table, mapping)
    reader = Reader(mapping, header.cells)
    found = _Found()
    body = guessing.body_of(table, mapping)
    for count, row in enumerate(body):
        if progress is not None and count % REPORT_EVERY == 0:
            progress(count / len(body))
        if _is_total(row, reader):
            found.totals += 1
        else:
            _take(row, reader, table, found)
    grain = grain_of(found.entries, found.spans, reader)
    wanted = mapping.grain or grain
    entries = tuple(gathered(mapping.kind, found.entries, found=grain, wanted=wanted))
    is_record = mapping.kind in RECORD_KINDS and Role.ENTERED not in mapping.roles
    return ParsedFile(
        entries=entries,
        problems=tuple(found.problems),
        good_rows=found.good,
        bad_rows=found.bad,
        total_rows_skipped=found.totals,
        grain=wanted,
        found_grain=grain,
        repeated_ids=len(found.entries) - len(entries) if is_record else 0,
        currencies=tuple(sorted(found.currencies)),
    )


def check_mapping(table: RawTable, mapping: ColumnMapping) -> None:
    """Raises MappingIncomplete when the table cannot be read with this mapping."""
    for role in guessing.needed_roles(mapping.kind):
        has_other = role is Role.VALUE and Role.REVENUE in mapping.roles
        if role not in mapping.roles and not has_other:
            raise MappingIncomplete(NEEDED[role], field="roles")
    for role in set(mapping.roles) - {Role.IGNORE, Role.METRIC}:
        if mapping.roles.count(role) > 1:
            raise MappingIncomplete(
                _("Two columns are chosen for the same thing. Keep one of them."), field="roles"
            )
    if not mapping.date_order:
        raise MappingIncomplete(
            _("Say how dates such as 03/04/2026 are meant: day first or month first."),
            field="date_order",
        )


def _take(row: Row, reader: Reader, table: RawTable, found: _Found) -> None:
    try:
        _refuse_surplus(row, reader, table)
        entries = list(ROW_READERS[reader.mapping.kind](row, reader))
        span = _span(row, reader)
        _refuse_second(row, reader, found.seen)
    except Unusable as unusable:
        found.bad += 1
        found.currencies |= {unusable.currency} - {""}
        if len(found.problems) < MOST_PROBLEMS_SHOWN:
            found.problems.append(_problem(row, reader, unusable))
        return
    found.good += 1
    found.spans.append(span)
    found.entries += entries


def _refuse_surplus(row: Row, reader: Reader, table: RawTable) -> None:
    """1,04,500.50 without quotation marks falls apart into cells and would be read as 1."""
    width = len(reader.header)
    if table.delimiter and any(row.cells[width:]):
        raise Unusable(
            Role.IGNORE,
            _("This row has more cells than there are columns."),
            _("Put quotation marks around a value that holds a comma, or export as XLSX."),
            width,
        )


def _refuse_second(row: Row, reader: Reader, seen: set[object]) -> None:
    """A figure has one value a date; a second row for it is a problem, not a sum."""
    kind = reader.mapping.kind
    if kind not in {FileKind.METRICS, FileKind.OUTCOMES}:
        return
    names = [reader.text(row, role).lower() for role in (Role.SERIES, Role.REGION)]
    key = (reader.day(row), *names)
    if key in seen:
        raise Unusable(
            Role.DATE, _("This date stands in the file twice."), _("Keep one row for each date.")
        )
    seen.add(key)


def _is_total(row: Row, reader: Reader) -> bool:
    """Google's 'Total: …' lines, and Meta's summary line, which names no campaign or date."""
    date_text = reader.text(row, Role.DATE)
    has_date = not cells.is_empty(date_text)
    first = next((text for text in row.cells if text and not text.isspace()), "")
    if _is_total_word(first) and not cells.looks_like_date(date_text):
        return True
    if not has_date and any(_is_total_word(reader.text(row, role)) for role in NAME_ROLES):
        return True
    return reader.mapping.kind in AD_KINDS and _is_total_of_campaigns(row, reader, has_date)


def _is_total_word(text: str) -> bool:
    return text.strip().lower().startswith(TOTAL_WORDS)


def _is_total_of_campaigns(row: Row, reader: Reader, has_date: bool) -> bool:
    campaign = reader.text(row, Role.CAMPAIGN)
    if campaign:
        return bool(TOTAL_CAMPAIGN.match(campaign.lower()))
    names_campaign = reader.place(Role.CAMPAIGN) is not None
    return not has_date or (reader.mapping.kind is FileKind.META_ADS and names_campaign)


def _span(row: Row, reader: Reader) -> int:
    """Days that the row covers, if it says so; 0 if not."""
    if reader.place(Role.END_DATE) is None or not reader.text(row, Role.END_DATE):
        return 0
    days = (reader.day(row, Role.END_DATE) - reader.day(row)).days + 1
    if 1 <= days <= 7 or 28 <= days <= 31:
        return days
    raise Unusable(
        Role.END_DATE,
        _("This row covers more than a week and not one month."),
        _("Export with a time breakdown by day, week or month."),
    )


def _problem(row: Row, reader: Reader, unusable: Unusable) -> Problem:
    place = unusable.place if unusable.place is not None else reader.place(unusable.role)
    has_cell = place is not None and place < len(row.cells)
    return Problem(
        line=row.line,
        column=reader.header[place] if place is not None and place < len(reader.header) else "",
        value=row.cells[place][:60] if has_cell else "",
        problem=unusable.problem,
        fix=unusable.fix,
    )
