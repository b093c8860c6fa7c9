"""The tidy tables: what everything above reads. Defined in engine/tables.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Min, QuerySet, Sum

from enterprise.data_sources.engine.periods import (
    complete_periods,
    is_coarser,
    last_day,
    period_start,
)
from enterprise.data_sources.engine.tables import (
    ContactFact,
    DealFact,
    LeadFact,
    LeftOut,
    OutcomeMetric,
    Series,
    SpendTable,
    StageFact,
    hash_of,
)
from enterprise.data_sources.models import (
    Contact,
    Deal,
    ImportBatch,
    Lead,
    LeadCount,
    MetricPoint,
    QualityFix,
    SpendRow,
    StageChange,
)
from enterprise.data_sources.selectors import outcomes
from marketing_platform.core.text import mark as _

TABLES = ("spend", "outcomes", "lead_counts", "leads", "deals", "contacts")
TOO_COARSE = _("Its rows stand for longer periods than the ones asked for.")


def live_rows(model: Any) -> QuerySet:
    """Imported rows that count: not replaced, not left out."""
    return model.objects.filter(replaced_by__isnull=True, left_out_by__isnull=True)


def live_records(model: Any) -> QuerySet:
    """CRM records that count: not gone at the source, not left out."""
    return model.objects.filter(removed_at__isnull=True, left_out_by__isnull=True)


def merged_names() -> dict[str, str]:
    """Which channel names are read as another, by the fixes of the quality report."""
    merges = QualityFix.objects.filter(kind=QualityFix.Kind.MERGE).values_list("names", "into")
    found = {name: into for names, into in merges for name in names}
    return {name: found.get(into, into) for name, into in found.items()}


def spend_by(grain: str) -> SpendTable:
    """Spend by ``grain`` ("day", "week", "month") and channel, over complete periods.

    A week's row counts in the month of its Monday. Sources that report more coarsely than
    ``grain`` are in ``left_out``. An empty workspace gives a table without periods.
    """
    rows = live_rows(SpendRow)
    names = merged_names()
    coarse = {own for own in ("day", "week", "month") if is_coarser(own, grain)}
    left_out = rows.filter(batch__grain__in=coarse).values_list("source__name", flat=True)
    usable = rows.exclude(batch__grain__in=coarse)
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for channel, day, cost in usable.values_list("channel", "date").annotate(cost=Sum("cost")):
        sums[names.get(channel, channel), period_start(day, grain)] += int(cost)
    covered = _covered(usable, names)
    channels = tuple(sorted(covered))
    edges = [day for span in covered.values() for day in span]
    periods = tuple(complete_periods(min(edges), max(edges), grain)) if edges else ()
    return SpendTable(
        grain=grain,
        periods=periods,
        channels=channels,
        paise=tuple(
            tuple(sums.get((channel, start), 0) for channel in channels) for start in periods
        ),
        covered=tuple(covered[channel] for channel in channels),
        left_out=tuple(LeftOut(name, TOO_COARSE) for name in sorted(set(left_out))),
    )


def _covered(rows: QuerySet, names: Mapping[str, str]) -> dict[str, tuple[date, date]]:
    """First and last day of each channel's rows."""
    edges: dict[str, list[date]] = defaultdict(list)
    spans = rows.values_list("channel", "batch__grain").annotate(
        first=Min("date"), last=Max("date")
    )
    for channel, own, first, last in spans:
        edges[names.get(channel, channel)] += [first, last_day(last, own)]
    return {channel: (min(days), max(days)) for channel, days in edges.items()}


def outcome_metrics() -> tuple[OutcomeMetric, ...]:
    """What can be explained or forecast: imported figures, leads, deals and revenue won."""
    return outcomes.metrics_of(
        live_rows(MetricPoint), live_rows(LeadCount), live_records(Lead), live_records(Deal)
    )


def outcome_series(metric: str, grain: str) -> Series:
    """One outcome over the complete periods of its sources, summed over regions.

    Raises MetricUnknown for a code that ``outcome_metrics`` does not name, and GrainTooFine when
    its sources report more coarsely than ``grain``.
    """
    return outcomes.series_of(
        metric,
        grain,
        live_rows(MetricPoint),
        live_rows(LeadCount),
        live_records(Lead),
        live_records(Deal),
    )


def deals() -> tuple[DealFact, ...]:
    """Every deal with its stage history, oldest first."""
    history = _history("deal")
    rows = live_records(Deal).order_by("created_on", "source_id", "external_id")
    fields = (
        "pk", "external_id", "account", "amount", "stage", "created_on", "closed_on", "is_won",
        "came_from", "owner", "source__name",
    )  # fmt: skip
    return tuple(
        DealFact(*values[:9], stage_history=history.get(pk, ()), system=system)
        for pk, *values, system in rows.values_list(*fields)
    )


def leads() -> tuple[LeadFact, ...]:
    """Every lead that has an id, with its stage history, oldest first."""
    history = _history("lead")
    rows = live_records(Lead).order_by("created_on", "source_id", "external_id")
    fields = ("pk", "external_id", "created_on", "came_from", "stage", "email_hash", "source__name")
    return tuple(
        LeadFact(*values, stage_history=history.get(pk, ()), system=system)
        for pk, *values, system in rows.values_list(*fields)
    )


def contacts() -> tuple[ContactFact, ...]:
    fields = (
        "external_id", "account", "came_from", "region", "lifecycle", "owner", "email_hash",
        "created_on", "source__name",
    )  # fmt: skip
    rows = live_records(Contact).order_by("source_id", "external_id")
    return tuple(ContactFact(*values) for values in rows.values_list(*fields))


def data_as_of() -> datetime | None:
    """When the data last changed: an import, an undo, a sync or a fix; None before any."""
    batch = ImportBatch.objects.aggregate(on=Max("imported_at"), off=Max("undone_at"))
    moments = [batch["on"], batch["off"], QualityFix.objects.aggregate(at=Max("created_at"))["at"]]
    moments += [
        model.objects.aggregate(at=Max("stored_at"))["at"] for model in (Deal, Lead, Contact)
    ]
    return max(filter(None, moments), default=None)


def rows_hash(tables: Iterable[str] = TABLES) -> str:
    """SHA-256 of the live rows of these tables, the same whatever their order or row ids.

    It changes when any value that a result could depend on changes. Raises KeyError for an
    unknown table.
    """
    parts = [(table, hash_of(_HASHED[table]())) for table in sorted(set(tables))]
    merges = hash_of(merged_names().items()) if {"spend", "lead_counts"} & set(tables) else ""
    return hash_of([*parts, ("merged", merges)])


def _hashed_deals() -> Iterable[object]:
    history = hash_of(_changes().filter(deal__isnull=False).values_list(*STAGE_FIELDS))
    fields = (
        "source__name", "external_id", "account", "amount", "stage", "created_on", "closed_on",
        "is_won", "came_from", "owner",
    )  # fmt: skip
    return [*live_records(Deal).values_list(*fields), history]


def _hashed_leads() -> Iterable[object]:
    history = hash_of(_changes().filter(lead__isnull=False).values_list(*STAGE_FIELDS))
    fields = ("source__name", "external_id", "created_on", "came_from", "stage", "email_hash")
    return [*live_records(Lead).values_list(*fields), history]


_HASHED = {
    "spend": lambda: live_rows(SpendRow).values_list(
        "source__name", "channel", "campaign", "date", "batch__grain", "cost", "impressions",
        "clicks",
    ),
    "outcomes": lambda: live_rows(MetricPoint).values_list(
        "source__name", "series", "region", "date", "batch__grain", "unit", "value"
    ),
    "lead_counts": lambda: live_rows(LeadCount).values_list(
        "source__name", "channel", "date", "batch__grain", "count"
    ),
    "leads": _hashed_leads,
    "deals": _hashed_deals,
    "contacts": lambda: contacts(),
}  # fmt: skip
STAGE_FIELDS = ("external_id", "stage", "entered_at", "left_at")


def _changes() -> QuerySet[StageChange]:
    return StageChange.objects.order_by()


def _history(owner: str) -> dict[int, tuple[StageFact, ...]]:
    found: dict[int, list[StageFact]] = defaultdict(list)
    rows = StageChange.objects.filter(**{f"{owner}__isnull": False}).order_by("entered_at", "id")
    for pk, *stay in rows.values_list(f"{owner}_id", "stage", "entered_at", "left_at"):
        found[pk].append(StageFact(*stay))
    return {pk: tuple(stays) for pk, stays in found.items()}
