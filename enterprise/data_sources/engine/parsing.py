"""From rows and a confirmed mapping to entries, with a report of every row that cannot be used."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from enterprise.data_sources.engine import cells, guessing
from enterprise.data_sources.engine.channels import channel_of
from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    LONGEST_NAME,
    MOST_PROBLEMS_SHOWN,
    ColumnMapping,
    Entry,
    FileKind,
    LeadEntry,
    MetricEntry,
    ParsedFile,
    Problem,
    RawTable,
    Role,
    Row,
    SpendEntry,
)
from enterprise.data_sources.errors import MappingIncomplete
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

LARGEST_NUMBER = Decimal(10) ** 11
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
TOTAL_WORDS = ("total", "grand total", "summary", "overall")
TOTAL_CAMPAIGN = re.compile(
    r"^(?:grand )?totals?$|^results from \d[\d,]* (?:campaigns?|ad sets?|ads?)$"
)
FIX_NUMBER = _("Write a plain number such as 1250.50.")
FIX_DATE = _("Write the date as 2026-04-27.")


class _Unusable(Exception):
    """One cell of the row at hand cannot be used."""

    def __init__(self, role: Role, problem: str, fix: str, place: int | None = None):
        self.role, self.problem, self.fix, self.place = role, problem, fix, place
        super().__init__(problem)


@dataclass(frozen=True)
class _Reader:
    """One row at a time, by role."""

    mapping: ColumnMapping
    header: tuple[str, ...]

    def text(self, row: Row, role: Role) -> str:
        place = self.place(role)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def place(self, role: Role) -> int | None:
        roles = self.mapping.roles
        return roles.index(role) if role in roles else None

    def day(self, row: Row, role: Role = Role.DATE) -> date:
        text = self.text(row, role)
        if cells.is_empty(text):
            raise _Unusable(role, _("The date is missing."), FIX_DATE)
        try:
            day = cells.date_of(text, self.mapping.date_order)
        except (ValueError, OverflowError):
            raise _Unusable(role, _("This is not a date we can read."), FIX_DATE) from None
        if not EARLIEST <= day < LATEST:
            raise _Unusable(role, _("This date is out of range."), FIX_DATE)
        return day

    def number(self, row: Row, role: Role) -> Decimal | None:
        place = self.place(role)
        return None if place is None else self.number_at(row, place, role)

    def number_at(self, row: Row, place: int, role: Role) -> Decimal | None:
        text = row.cells[place] if place < len(row.cells) else ""
        if text.startswith("="):
            raise _Unusable(
                role,
                _("This cell holds a formula without a saved value."),
                _("Open the file in a spreadsheet, save it, and upload it again."),
                place,
            )
        try:
            value = cells.number_of(text, has_decimal_comma=self.mapping.has_decimal_comma)
        except (ValueError, ArithmeticError):
            raise _Unusable(role, _("This is not a number."), FIX_NUMBER, place) from None
        if value is not None and abs(value) >= LARGEST_NUMBER:
            raise _Unusable(role, _("This number is too large."), FIX_NUMBER, place)
        return value

    def amount(self, row: Row, role: Role) -> Decimal | None:
        value = self.number(row, role)
        if value is not None and value < 0:
            raise _Unusable(role, _("This must not be negative."), FIX_NUMBER)
        return value

    def whole(self, row: Row, role: Role) -> int | None:
        value = self.amount(row, role)
        return None if value is None else round(value)


def parse(table: RawTable, mapping: ColumnMapping) -> ParsedFile:
    """Every row read as ``mapping`` says. Rows of totals are left out and counted.

    Raises MappingIncomplete when a needed column is not chosen, or the order of dates such as
    03/04/2026 is still open.
    """
    header = guessing.header_of(table, mapping)
    check_mapping(table, mapping)
    reader = _Reader(mapping, header.cells)
    read_row = _ROW_READERS[mapping.kind]
    entries: list[Entry] = []
    problems: list[Problem] = []
    spans: list[int] = []
    seen: set[date] = set()
    good = bad = totals = 0
    for row in guessing.body_of(table, mapping):
        if _is_total(row, reader):
            totals += 1
            continue
        try:
            _refuse_surplus(row, reader, table)
            found = list(read_row(row, reader))
            span = _span(row, reader)
            _refuse_second(row, reader, seen)
        except _Unusable as unusable:
            bad += 1
            if len(problems) < MOST_PROBLEMS_SHOWN:
                problems.append(_problem(row, reader, unusable))
            continue
        good += 1
        spans.append(span)
        entries += found
    grain = _grain(entries, spans, reader)
    return ParsedFile(
        entries=tuple(_ADDED_UP[mapping.kind](_snapped(entries, grain))),
        problems=tuple(problems),
        good_rows=good,
        bad_rows=bad,
        total_rows_skipped=totals,
        grain=grain,
    )


def check_mapping(table: RawTable, mapping: ColumnMapping) -> None:
    """Raises MappingIncomplete when the table cannot be read with this mapping."""
    for role in guessing.needed_roles(mapping.kind):
        if role not in mapping.roles:
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


NEEDED = {
    Role.DATE: _("Choose the column with the date."),
    Role.COST: _("Choose the column with the cost."),
    Role.METRIC: _("Choose at least one column with a figure."),
}


def _spend_row(row: Row, reader: _Reader) -> Iterable[Entry]:
    _refuse_other_currency(row, reader)
    cost = reader.amount(row, Role.COST)
    if cost is None:
        raise _Unusable(Role.COST, _("The cost is missing."), _("Write 0 if nothing was spent."))
    yield SpendEntry(
        date=reader.day(row),
        campaign=clean_line(reader.text(row, Role.CAMPAIGN))[:LONGEST_NAME],
        cost_paise=int((cost * 100).to_integral_value()),
        impressions=reader.whole(row, Role.IMPRESSIONS),
        clicks=reader.whole(row, Role.CLICKS),
        leads=reader.amount(row, Role.LEADS),
    )


def _lead_row(row: Row, reader: _Reader) -> Iterable[Entry]:
    count = 1
    if reader.place(Role.LEADS) is not None:
        given = reader.amount(row, Role.LEADS)
        if given is None:
            raise _Unusable(Role.LEADS, _("The number of leads is missing."), _("Write 0 if none."))
        if given != given.to_integral_value():
            raise _Unusable(Role.LEADS, _("Leads are whole numbers."), FIX_NUMBER)
        count = int(given)
    channel = channel_of(reader.text(row, Role.SOURCE))
    yield LeadEntry(date=reader.day(row), channel=channel, count=count)


def _metric_row(row: Row, reader: _Reader) -> Iterable[Entry]:
    day = reader.day(row)
    for place, role in enumerate(reader.mapping.roles):
        if role is not Role.METRIC:
            continue
        value = reader.number_at(row, place, role)
        if value is not None:
            yield MetricEntry(_series_name(reader, place), day, value)


def _series_name(reader: _Reader, place: int) -> str:
    name = clean_line(reader.header[place])[:LONGEST_NAME] or f"Column {place + 1}"
    names = [clean_line(text)[:LONGEST_NAME] for text in reader.header[:place]]
    return f"{name[: LONGEST_NAME - 4]} ({names.count(name) + 1})" if name in names else name


def _refuse_other_currency(row: Row, reader: _Reader) -> None:
    place = reader.place(Role.COST)
    unit = guessing.header_unit(reader.header[place]) if place is not None else ""
    code = (reader.text(row, Role.CURRENCY) or unit).strip().upper()
    if len(code) == 3 and code.isalpha() and code != "INR":
        raise _Unusable(
            Role.CURRENCY if reader.text(row, Role.CURRENCY) else Role.COST,
            _("The amounts are not in rupees."),
            _("Export from an account in INR, or convert the costs to rupees."),
        )


def _refuse_surplus(row: Row, reader: _Reader, table: RawTable) -> None:
    """1,04,500.50 without quotation marks falls apart into cells and would be read as 1."""
    width = len(reader.header)
    if table.delimiter and any(row.cells[width:]):
        raise _Unusable(
            Role.IGNORE,
            _("This row has more cells than there are columns."),
            _("Put quotation marks around a value that holds a comma, or export as XLSX."),
            width,
        )


def _refuse_second(row: Row, reader: _Reader, seen: set[date]) -> None:
    """A figure has one value a date; a second row for it is a problem, not a sum."""
    if reader.mapping.kind is not FileKind.METRICS:
        return
    day = reader.day(row)
    if day in seen:
        raise _Unusable(
            Role.DATE, _("This date stands in the file twice."), _("Keep one row for each date.")
        )
    seen.add(day)


def _is_total(row: Row, reader: _Reader) -> bool:
    """Google's 'Total: …' lines, and Meta's summary line, which names no campaign or date."""
    filled = [text.strip().lower() for text in row.cells if text.strip()]
    date_text = reader.text(row, Role.DATE)
    if filled and filled[0].startswith(TOTAL_WORDS) and not cells.looks_like_date(date_text):
        return True
    names = [reader.text(row, role).lower() for role in (Role.CAMPAIGN, Role.SOURCE)]
    if cells.is_empty(date_text) and any(name.startswith(TOTAL_WORDS) for name in names):
        return True
    if reader.mapping.kind in AD_KINDS:
        if TOTAL_CAMPAIGN.match(names[0]):
            return True
        if cells.is_empty(date_text) and not reader.text(row, Role.CAMPAIGN):
            return True
        names_campaign = reader.place(Role.CAMPAIGN) is not None
        is_meta = reader.mapping.kind is FileKind.META_ADS
        return is_meta and names_campaign and not reader.text(row, Role.CAMPAIGN)
    return False


def _span(row: Row, reader: _Reader) -> int:
    """Days that the row covers, if it says so; 0 if not."""
    if reader.place(Role.END_DATE) is None or not reader.text(row, Role.END_DATE):
        return 0
    days = (reader.day(row, Role.END_DATE) - reader.day(row)).days + 1
    if 1 <= days <= 7 or 28 <= days <= 31:
        return days
    raise _Unusable(
        Role.END_DATE,
        _("This row covers more than a week and not one month."),
        _("Export with a time breakdown by day, week or month."),
    )


def _grain(entries: list[Entry], spans: list[int], reader: _Reader) -> str:
    """Day, week or month: what the rows say, else the header, else the distance of dates."""
    usual = Counter(span for span in spans if span).most_common(1)
    if usual:
        return "day" if usual[0][0] == 1 else "week" if usual[0][0] <= 7 else "month"
    key = guessing.header_key(reader.header[reader.place(Role.DATE) or 0])
    if key in {"week", "week starting", "week start", "week beginning"}:
        return "week"
    days = sorted({entry.date for entry in entries})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if key == "month" or (gaps and min(gaps) >= 28):
        return "month"
    weekdays = {day.weekday() for day in days}
    return "week" if gaps and min(gaps) >= 7 and len(weekdays) == 1 else "day"


def _snapped(entries: list[Entry], grain: str) -> list[Entry]:
    """Weeks start on the Monday that most of their days belong to, months on the first."""
    if grain == "day":
        return entries
    return [_with_date(entry, _start(entry.date, grain)) for entry in entries]


def _start(day: date, grain: str) -> date:
    if grain == "month":
        return day.replace(day=1)
    middle = day + timedelta(days=3)
    return middle - timedelta(days=middle.weekday())


def _with_date(entry: Entry, day: date) -> Entry:
    if isinstance(entry, SpendEntry):
        counts = (entry.impressions, entry.clicks, entry.leads)
        return SpendEntry(day, entry.campaign, entry.cost_paise, *counts)
    if isinstance(entry, LeadEntry):
        return LeadEntry(day, entry.channel, entry.count)
    return MetricEntry(entry.series, day, entry.value)


def _spend_added_up(entries: list[Entry]) -> list[Entry]:
    """Rows of ad groups, ages or devices belong to one campaign and day: they are summed."""
    groups: dict[tuple[date, str], list[SpendEntry]] = defaultdict(list)
    for entry in entries:
        groups[(entry.date, entry.campaign)].append(entry)
    return [
        SpendEntry(
            date=day,
            campaign=campaign,
            cost_paise=sum(entry.cost_paise for entry in group),
            impressions=_sum(entry.impressions for entry in group),
            clicks=_sum(entry.clicks for entry in group),
            leads=_sum(entry.leads for entry in group),
        )
        for (day, campaign), group in sorted(groups.items())
    ]


def _sum(numbers: Iterable) -> int | Decimal | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _leads_added_up(entries: list[Entry]) -> list[Entry]:
    counts: Counter[tuple[date, str]] = Counter()
    for entry in entries:
        counts[(entry.date, entry.channel)] += entry.count
    return [LeadEntry(day, channel, count) for (day, channel), count in sorted(counts.items())]


def _metrics_kept(entries: list[Entry]) -> list[Entry]:
    return list({(entry.series, entry.date): entry for entry in entries}.values())


def _problem(row: Row, reader: _Reader, unusable: _Unusable) -> Problem:
    place = unusable.place if unusable.place is not None else reader.place(unusable.role)
    has_cell = place is not None and place < len(row.cells)
    return Problem(
        line=row.line,
        column=reader.header[place] if place is not None and place < len(reader.header) else "",
        value=row.cells[place][:60] if has_cell else "",
        problem=unusable.problem,
        fix=unusable.fix,
    )


_ROW_READERS: dict[FileKind, Callable[[Row, _Reader], Iterable[Entry]]] = {
    FileKind.GOOGLE_ADS: _spend_row,
    FileKind.META_ADS: _spend_row,
    FileKind.LINKEDIN_ADS: _spend_row,
    FileKind.LEADS: _lead_row,
    FileKind.METRICS: _metric_row,
}
_ADDED_UP: dict[FileKind, Callable[[list], list[Entry]]] = {
    FileKind.GOOGLE_ADS: _spend_added_up,
    FileKind.META_ADS: _spend_added_up,
    FileKind.LINKEDIN_ADS: _spend_added_up,
    FileKind.LEADS: _leads_added_up,
    FileKind.METRICS: _metrics_kept,
}
