"""Weekly or monthly figures by channel, ready for the first look at findings."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Min, QuerySet, Sum

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.periods import (
    complete_periods,
    last_day,
    period_start,
)
from enterprise.data_sources.models import Lead, LeadCount, MetricPoint, SpendRow
from enterprise.data_sources.selectors.tables import live_rows, merged_names

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


def marketing_figures() -> Figures:
    """Spend and leads by channel and period.

    The period is the coarsest that any source reports. Leads are attributed by the source that
    the lead file names ("by_source"), else as the ad platforms count them ("by_platform"),
    else not at all ("total": all leads against all spend).
    """
    grains = {
        grain
        for model in (SpendRow, LeadCount)
        for grain in live_rows(model).order_by().values_list("batch__grain", flat=True).distinct()
    }
    grain = "month" if "month" in grains else "week"
    spend = _by_channel(live_rows(SpendRow), "cost", grain)
    leads = _all_leads(grain)
    if any(channel in CHANNELS for channel in leads):
        return Figures(grain, spend, leads, "by_source")
    if leads:
        return Figures(grain, spend, {"": _summed(leads)}, "total")
    return Figures(grain, spend, _platform_leads(grain), "by_platform")


def metrics() -> tuple[Metric, ...]:
    """Series of plain figures, the most recently imported first."""
    points: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    rows = live_rows(MetricPoint).values_list(
        "batch_id", "series", "batch__grain", "source__name", "date"
    )
    summed = rows.annotate(total=Sum("value")).order_by("-batch_id", "date", "series")
    for _batch, series, grain, source, day, value in summed:
        name = series if series.lower() in source.lower() else f"{source}: {series}"
        points[(name, grain)].append((day, float(value)))
    made = [
        Metric(name, grain, tuple(sorted(dict(found).items())))
        for (name, grain), found in points.items()
    ]
    return tuple(made[:MOST_METRICS])


def _all_leads(grain: str) -> dict[str, dict[date, int]]:
    """Counted leads, and leads by id from lists and CRMs."""
    found = _by_channel(live_rows(LeadCount), "count", grain)
    rows = Lead.objects.filter(removed_at__isnull=True, left_out_by__isnull=True)
    counted = rows.values_list("came_from", "created_on").annotate(count=Count("pk"))
    days = [day for _channel, day, _count in counted]
    if not days:
        return found
    starts = complete_periods(min(days), max(days), grain)
    names = merged_names()
    for channel, day, count in counted:
        by_period = found.setdefault(names.get(channel, channel), dict.fromkeys(starts, 0))
        start = period_start(day, grain)
        if start in starts or start in by_period:
            by_period[start] = by_period.get(start, 0) + count
    return found


def _platform_leads(grain: str) -> dict[str, dict[date, int]]:
    return _by_channel(live_rows(SpendRow).filter(leads__isnull=False), "leads", grain)


def _by_channel(live: QuerySet, field: str, grain: str) -> dict[str, dict[date, int]]:
    """Sums by channel and period, zero where a source reports and has no row."""
    names = merged_names()
    sums: dict[str, dict[date, int | Decimal]] = defaultdict(lambda: defaultdict(int))
    for channel, day, amount in (
        live.values_list("channel", "date").annotate(amount=Sum(field)).order_by("date")
    ):
        sums[names.get(channel, channel)][period_start(day, grain)] += amount or 0
    ranges = _ranges(live, grain, names)
    return {
        channel: {start: round(by_period.get(start, 0)) for start in ranges[channel]}
        for channel, by_period in sums.items()
        if ranges.get(channel)
    }


def _ranges(live: QuerySet, grain: str, names: Mapping[str, str]) -> dict[str, list[date]]:
    """The periods that a channel's sources cover from first to last day.

    Leads of every channel come from the same file, so the file's range holds for all of them.
    """
    by_source: dict[int, list[date]] = defaultdict(list)
    for source, own, first, last in (
        live.values_list("source", "batch__grain")
        .annotate(first=Min("date"), last=Max("date"))
        .values_list("source", "batch__grain", "first", "last")
    ):
        by_source[source] += [first, last_day(last, own)]
    spans: dict[str, list[date]] = defaultdict(list)
    for channel, source in live.values_list("channel", "source").distinct().order_by():
        spans[names.get(channel, channel)] += by_source[source]
    return {
        channel: complete_periods(min(days), max(days), grain) for channel, days in spans.items()
    }


def _summed(leads: Mapping[str, Mapping[date, int]]) -> dict[date, int]:
    total: dict[date, int] = defaultdict(int)
    for by_period in leads.values():
        for start, count in by_period.items():
            total[start] += count
    return dict(sorted(total.items()))
