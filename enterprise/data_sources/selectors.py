"""Reading what was imported: sources, batches, and weekly figures ready for the engine."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, QuerySet, Sum

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.errors import ImportUnknown
from enterprise.data_sources.models import (
    DataSource,
    ImportBatch,
    LeadCount,
    MetricPoint,
    SpendRow,
)

ROW_MODELS = {
    "google_ads": SpendRow,
    "meta_ads": SpendRow,
    "linkedin_ads": SpendRow,
    "leads": LeadCount,
    "metrics": MetricPoint,
}
MOST_METRICS = 20


@dataclass(frozen=True)
class Figures:
    """Amounts by period start (Monday or first of the month); complete periods only."""

    grain: str
    spend: Mapping[str, Mapping[date, int]]
    leads: Mapping[str, Mapping[date, int]]
    attribution: str


@dataclass(frozen=True)
class Metric:
    name: str
    grain: str
    points: tuple[tuple[date, float], ...]


def batches() -> QuerySet[ImportBatch]:
    """Imported batches, newest first, without the samples."""
    rows = ImportBatch.objects.filter(state=ImportBatch.State.IMPORTED, source__is_sample=False)
    return rows.select_related("source").order_by("-imported_at", "-id")


def draft_of(batch_id: int) -> ImportBatch:
    """Raises ImportUnknown unless it is still a draft."""
    draft = ImportBatch.objects.filter(pk=batch_id, state=ImportBatch.State.DRAFT).first()
    if draft is None:
        raise ImportUnknown
    return draft


def imported_with(sha256: str) -> ImportBatch | None:
    rows = ImportBatch.objects.filter(sha256=sha256, state=ImportBatch.State.IMPORTED)
    return rows.select_related("source").first()


def has_sources() -> bool:
    """Whether anything was ever imported or shown, samples included."""
    return DataSource.objects.exists()


def has_own_data() -> bool:
    return ImportBatch.objects.filter(
        state=ImportBatch.State.IMPORTED, source__is_sample=False
    ).exists()


def has_sample() -> bool:
    return DataSource.objects.filter(is_sample=True, cleared_at__isnull=True).exists()


def rows_in_period(kind: str, name: str, first_on: date, last_on: date) -> int:
    """How many live rows an import of this source and period would replace."""
    live = ROW_MODELS[kind].objects.filter(replaced_by__isnull=True, source__is_sample=False)
    return live.filter(
        source__kind=kind, source__name=name, date__range=(first_on, last_on)
    ).count()


def marketing_figures() -> Figures:
    """Spend and leads by channel and period.

    The period is the coarsest that any source reports. Leads are attributed by the source that
    the lead file names ("by_source"), else as the ad platforms count them ("by_platform"),
    else not at all ("total": all leads against all spend).
    """
    grains = set(
        ImportBatch.objects.filter(state=ImportBatch.State.IMPORTED)
        .exclude(source__kind="metrics")
        .values_list("grain", flat=True)
    )
    grain = "month" if "month" in grains else "week"
    spend = _by_channel(SpendRow, "cost", grain)
    leads = _by_channel(LeadCount, "count", grain)
    if any(channel in CHANNELS for channel in leads):
        return Figures(grain, spend, leads, "by_source")
    if leads:
        return Figures(grain, spend, {"": _summed(leads)}, "total")
    return Figures(grain, spend, _by_channel(SpendRow, "leads", grain), "by_platform")


def metrics() -> tuple[Metric, ...]:
    """Series of plain figures, the most recently imported first."""
    points: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    rows = MetricPoint.objects.filter(replaced_by__isnull=True).order_by("-batch_id", "date", "id")
    for row in rows.values_list("series", "batch__grain", "source__name", "date", "value"):
        series, grain, source, day, value = row
        name = series if series.lower() in source.lower() else f"{source}: {series}"
        points[(name, grain)].append((day, float(value)))
    made = [
        Metric(name, grain, tuple(sorted(dict(found).items())))
        for (name, grain), found in points.items()
    ]
    return tuple(made[:MOST_METRICS])


def _by_channel(model: type, field: str, grain: str) -> dict[str, dict[date, int]]:
    """Sums by channel and period, zero where a source reports and has no row."""
    live = model.objects.filter(replaced_by__isnull=True)
    if field == "leads":
        live = live.filter(leads__isnull=False)
    sums: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for channel, day, amount in (
        live.values_list("channel", "date").annotate(amount=Sum(field)).order_by("date")
    ):
        sums[channel][period_start(day, grain)] += int(amount or 0)
    ranges = _complete_periods(live, grain)
    return {
        channel: {start: by_period.get(start, 0) for start in ranges[channel]}
        for channel, by_period in sums.items()
        if ranges.get(channel)
    }


def _complete_periods(live: QuerySet, grain: str) -> dict[str, list[date]]:
    """The periods that a channel's sources cover from first to last day.

    Leads of every channel come from the same file, so the file's range holds for all of them.
    """
    spans: dict[str, list[date]] = defaultdict(list)
    by_source: dict[int, tuple[date, date]] = {}
    for source, first, last in (
        live.values_list("source")
        .annotate(first=Min("date"), last=Max("date"))
        .values_list("source", "first", "last")
    ):
        by_source[source] = _covered(source, first, last)
    for channel, source in live.values_list("channel", "source").distinct().order_by():
        spans[channel] += list(by_source[source])
    return {
        channel: _periods(min(days), max(days), grain) for channel, days in spans.items() if days
    }


def _covered(source: int, first: date, last: date) -> tuple[date, date]:
    """First and last day that the source's rows stand for: a week's row covers seven."""
    grains = ImportBatch.objects.filter(source_id=source, state=ImportBatch.State.IMPORTED)
    grain = grains.filter(last_on__gte=last).values_list("grain", flat=True).first() or "day"
    if grain == "week":
        return first, last + timedelta(days=6)
    if grain == "month":
        return first, next_start(last.replace(day=1), "month") - timedelta(days=1)
    return first, last


def _periods(first: date, last: date, grain: str) -> list[date]:
    start = period_start(first, grain)
    if start < first:
        start = next_start(start, grain)
    found = []
    while next_start(start, grain) <= last + timedelta(days=1):
        found.append(start)
        start = next_start(start, grain)
    return found


def period_start(day: date, grain: str) -> date:
    return day.replace(day=1) if grain == "month" else day - timedelta(days=day.weekday())


def next_start(start: date, grain: str) -> date:
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7)


def _summed(leads: Mapping[str, Mapping[date, int]]) -> dict[date, int]:
    total: dict[date, int] = defaultdict(int)
    for by_period in leads.values():
        for start, count in by_period.items():
            total[start] += count
    return dict(sorted(total.items()))
