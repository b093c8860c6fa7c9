"""Outcomes as series: imported figures, counted leads, CRM leads and deals."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from enterprise.data_sources.engine.naming import adds_up
from enterprise.data_sources.engine.periods import (
    coarsest,
    complete_periods,
    is_coarser,
    last_day,
    period_start,
)
from enterprise.data_sources.engine.tables import OutcomeMetric, Series
from enterprise.data_sources.errors import GrainTooFine, MetricUnknown
from marketing_platform.core.text import mark as _

LEADS, DEALS, WON = "crm:leads", "crm:deals", "crm:won_revenue"
NAMES = {LEADS: _("Leads"), DEALS: _("New deals"), WON: _("Revenue of deals won")}


@dataclass
class _Found:
    """One outcome's values by day of its rows; ``fills`` says that no row means 0."""

    unit: str = ""
    fills: bool = False
    grains: set[str] = field(default_factory=set)
    values: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    counts: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    rows: int = 0
    last: date | None = None

    def add(self, day: date, value: Decimal | int, grain: str, rows: int = 1) -> None:
        self.values[day] += value
        self.counts[day] += rows
        self.rows += rows
        self.grains.add(grain)
        end = last_day(day, grain)
        self.last = end if self.last is None else max(self.last, end)


def metrics_of(
    points: QuerySet, counts: QuerySet, leads: QuerySet, deals: QuerySet
) -> tuple[OutcomeMetric, ...]:
    found = _imported(points) | _records(counts, leads, deals)
    return tuple(
        OutcomeMetric(
            code=code,
            name=NAMES.get(code, code),
            unit=one.unit,
            grain=coarsest(one.grains),
            is_total=_is_total(code),
            first_on=min(one.values),
            last_on=one.last or max(one.values),
            n=one.rows,
        )
        for code, one in sorted(found.items())
    )


def series_of(
    metric: str, grain: str, points: QuerySet, counts: QuerySet, leads: QuerySet, deals: QuerySet
) -> Series:
    found = _records(counts, leads, deals) if metric.startswith("crm:") else _imported(points)
    one = found.get(metric)
    if one is None or one.last is None:
        raise MetricUnknown(metric=metric[:80])
    own = coarsest(one.grains)
    if is_coarser(own, grain):
        raise GrainTooFine(metric=NAMES.get(metric, metric), grain=own)
    sums: dict[date, Decimal] = defaultdict(Decimal)
    counted: dict[date, int] = defaultdict(int)
    for day, value in one.values.items():
        start = period_start(day, grain)
        sums[start] += value
        counted[start] += one.counts[day]
    dates = tuple(complete_periods(min(one.values), one.last, grain))
    empty = 0.0 if one.fills else None
    is_total = _is_total(metric)
    values = tuple(
        empty if not counted[start] else float(sums[start] / (1 if is_total else counted[start]))
        for start in dates
    )
    return Series(NAMES.get(metric, metric), one.unit, grain, dates, values)


def _is_total(code: str) -> bool:
    return code in NAMES or adds_up(code)


def _imported(points: QuerySet) -> dict[str, _Found]:
    """By the figure's name; two sources with the same name keep theirs beside it."""
    rows = list(
        points.values_list("series", "source_id", "source__name", "date", "batch__grain", "unit")
        .annotate(total=Sum("value"), rows=Count("pk"))
        .order_by("date")
    )
    owners: dict[str, set[int]] = defaultdict(set)
    for series, source, *_rest in rows:
        owners[series].add(source)
    found: dict[str, _Found] = defaultdict(_Found)
    for series, _source, name, day, grain, unit, total, count in rows:
        one = found[series if len(owners[series]) == 1 else f"{series} ({name})"]
        one.unit = unit
        one.add(day, total, grain, count)
    return dict(found)


def _records(counts: QuerySet, leads: QuerySet, deals: QuerySet) -> dict[str, _Found]:
    found: dict[str, _Found] = defaultdict(lambda: _Found(fills=True))
    for day, grain, total in counts.values_list("date", "batch__grain").annotate(n=Sum("count")):
        found[LEADS].add(day, total, grain)
    for day, total in leads.values_list("created_on").annotate(n=Count("pk")):
        found[LEADS].add(day, total, "day", total)
    for day, total in deals.values_list("created_on").annotate(n=Count("pk")):
        found[DEALS].add(day, total, "day", total)
    won = deals.filter(is_won=True, closed_on__isnull=False, amount__isnull=False)
    for day, paise, total in won.values_list("closed_on").annotate(a=Sum("amount"), n=Count("pk")):
        found[WON].unit = "INR"
        found[WON].add(day, Decimal(paise) / 100, "day", total)
    return dict(found)
