"""Entries of single rows brought together: periods, sums, and the last word on each record."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from enterprise.data_sources.engine import guessing
from enterprise.data_sources.engine.contracts import (
    RECORD_KINDS,
    SPEND_KINDS,
    Entry,
    FileKind,
    LeadEntry,
    MetricEntry,
    RecordEntry,
    Role,
    SpendEntry,
    StageEntry,
)
from enterprise.data_sources.engine.naming import adds_up
from enterprise.data_sources.engine.row_reader import Reader


def grain_of(entries: list[Entry], spans: list[int], reader: Reader) -> str:
    """Day, week or month: what the rows say, else the header, else the distance of dates."""
    if reader.mapping.kind in RECORD_KINDS:
        return "day"
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


def gathered(kind: FileKind, entries: list[Entry], *, found: str, wanted: str) -> list[Entry]:
    """Sums by natural key, in ``wanted`` periods; ``found`` is what one row stands for."""
    if kind in RECORD_KINDS or wanted == "day":
        return _GATHERERS[kind](entries)
    snapped = [replace(one, date=_start(one.date, found, wanted)) for one in entries]
    return _GATHERERS[kind](snapped)


def _start(day: date, found: str, wanted: str) -> date:
    """A day belongs to its own Monday; a week starts on the Monday most of its days belong to."""
    if wanted == "month":
        return day.replace(day=1)
    middle = day if found == "day" else day + timedelta(days=3)
    return middle - timedelta(days=middle.weekday())


def _spend_added_up(entries: list[Entry]) -> list[Entry]:
    """Rows of ad groups, ages or devices belong to one campaign and day: they are summed."""
    groups: dict[tuple[date, str, str], list[SpendEntry]] = defaultdict(list)
    for entry in entries:
        groups[(entry.date, entry.channel, entry.campaign)].append(entry)
    return [
        SpendEntry(
            date=day,
            campaign=campaign,
            cost_paise=sum(entry.cost_paise for entry in group),
            impressions=_sum(entry.impressions for entry in group),
            clicks=_sum(entry.clicks for entry in group),
            leads=_sum(entry.leads for entry in group),
            channel=channel,
        )
        for (day, channel, campaign), group in sorted(groups.items())
    ]


def _sum(numbers: Iterable) -> int | Decimal | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _leads_added_up(entries: list[Entry]) -> list[Entry]:
    counts: Counter[tuple[date, str]] = Counter()
    for entry in entries:
        counts[(entry.date, entry.channel)] += entry.count
    return [LeadEntry(day, channel, count) for (day, channel), count in sorted(counts.items())]


def _figures_added_up(entries: list[Entry]) -> list[Entry]:
    """One value a series, region and period: totals are summed, rates and prices averaged."""
    groups: dict[tuple[str, str, date], list[MetricEntry]] = defaultdict(list)
    for entry in entries:
        groups[(entry.series, entry.region, entry.date)].append(entry)
    return [_one_figure(group) for group in groups.values()]


def _one_figure(group: list[MetricEntry]) -> MetricEntry:
    if len(group) == 1:
        return group[0]
    total = sum((entry.value for entry in group), Decimal())
    value = total if adds_up(group[0].series) else round(total / len(group), 6)
    return replace(group[0], value=value)


def _last_of_each_record(entries: list[RecordEntry]) -> list[RecordEntry]:
    """The row with the latest stage holds, or the last one; all stays become one history."""
    groups: dict[str, list[RecordEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.external_id].append(entry)
    return [_one_record(group) for group in groups.values()]


def _one_record(group: list[RecordEntry]) -> RecordEntry:
    stays = sorted(
        {stay for entry in group for stay in entry.history},
        key=lambda stay: (stay.entered_at, stay.stage),
    )
    if not stays:
        return group[-1]
    closed = [
        StageEntry(stay.stage, stay.entered_at, stay.left_at or following.entered_at)
        for stay, following in pairwise(stays)
    ]
    last = next(entry for entry in reversed(group) if stays[-1] in entry.history)
    return replace(last, history=(*closed, stays[-1]))


_GATHERERS: dict[FileKind, Callable[[list], list]] = {
    **dict.fromkeys(SPEND_KINDS, _spend_added_up),
    **dict.fromkeys(RECORD_KINDS, _last_of_each_record),
    FileKind.LEADS: _leads_added_up,
    FileKind.OUTCOMES: _figures_added_up,
    FileKind.METRICS: _figures_added_up,
}
