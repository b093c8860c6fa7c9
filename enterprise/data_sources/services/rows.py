"""Rows of spend, counted leads and figures: written under a batch, replaced and brought back."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Max, Min, Q

from enterprise.data_sources.engine.contracts import (
    FIGURE_KINDS,
    Entry,
    LeadEntry,
    MetricEntry,
    ParsedFile,
    SpendEntry,
)
from enterprise.data_sources.errors import LaterImportFirst, WouldReplace
from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.selectors import ROW_MODELS, meets

ROWS_AT_ONCE = 2_000


def rows_write(batch: ImportBatch, kind: str, entries: Iterable[Entry]) -> None:
    model = ROW_MODELS[kind]
    rows = [_row(model, batch, entry) for entry in entries]
    model.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def period_replace(batch: ImportBatch, parsed: ParsedFile, *, may_replace: bool) -> int:
    """Mark what the source has in the file's days as replaced; how many rows that were.

    Raises WouldReplace when there are some and nobody confirmed it.
    """
    live = _live(batch).filter(meets(parsed.first_on, parsed.last_on, parsed.grain))
    if batch.source.kind in FIGURE_KINDS:
        live = live.filter(series__in={entry.series for entry in parsed.entries})
    if not may_replace and live.exists():
        raise WouldReplace(source=batch.source.name)
    return live.update(replaced_by=batch)


def keys_replace(batch: ImportBatch, parsed: ParsedFile) -> int:
    """Mark rows with the very keys of the new ones as replaced; how many that were."""
    keys = {_key(entry, batch.source.kind) for entry in parsed.entries}
    names = _KEYS[ROW_MODELS[batch.source.kind].__name__]
    live = _live(batch).filter(date__range=(parsed.first_on, parsed.last_on))
    found = [pk for pk, *key in live.values_list("pk", *names) if tuple(key) in keys]
    return ROW_MODELS[batch.source.kind].objects.filter(pk__in=found).update(replaced_by=batch)


def rows_undo(batch: ImportBatch) -> None:
    """Raises LaterImportFirst when a later import replaced its rows, or holds days it would free.

    A later import has replaced only what was live: where this batch had no row, it stands beside
    what this batch replaced, and both together would count twice.
    """
    rows = ROW_MODELS[batch.source.kind].objects
    before = rows.filter(replaced_by=batch)
    if rows.filter(batch=batch, replaced_by__isnull=False).exists() or _later(batch, before):
        raise LaterImportFirst
    rows.filter(batch=batch).delete()
    before.update(replaced_by=None)


def _later(batch: ImportBatch, before: models.QuerySet) -> bool:
    """Whether an import after this one holds days (by API: keys) of the rows it had replaced."""
    if batch.imported_at is None:
        return False
    after = Q(batch__imported_at__gt=batch.imported_at)
    after |= Q(batch__imported_at=batch.imported_at, batch_id__gt=batch.pk)
    live = _live(batch).filter(after)
    if not live.exists():
        return False
    names = _KEYS[live.model.__name__]
    if batch.is_from_api:
        return not set(live.values_list(*names)).isdisjoint(before.values_list(*names))
    if "series" in names:
        live = live.filter(series__in=before.values("series"))
    spans = before.values_list("batch__grain").annotate(first=Min("date"), last=Max("date"))
    return any(live.filter(meets(first, last, grain)).exists() for grain, first, last in spans)


_KEYS = {
    "SpendRow": ("date", "channel", "campaign"),
    "LeadCount": ("date", "channel"),
    "MetricPoint": ("date", "series", "region"),
}


def _live(batch: ImportBatch) -> models.QuerySet:
    return ROW_MODELS[batch.source.kind].objects.filter(
        source=batch.source, replaced_by__isnull=True
    )


def _key(entry: Entry, kind: str) -> tuple:
    if isinstance(entry, SpendEntry):
        return (entry.date, entry.channel or kind, entry.campaign)
    if isinstance(entry, MetricEntry):
        return (entry.date, entry.series, entry.region)
    return (entry.date, getattr(entry, "channel", ""))


def _row(model: type[models.Model], batch: ImportBatch, entry: Entry) -> models.Model:
    common = {"source_id": batch.source_id, "batch": batch, "date": entry.date}
    if isinstance(entry, SpendEntry):
        return model(
            **common,
            channel=entry.channel or batch.source.kind,
            campaign=entry.campaign,
            cost=entry.cost_paise,
            impressions=entry.impressions,
            clicks=entry.clicks,
            leads=entry.leads,
        )
    if isinstance(entry, LeadEntry):
        return model(**common, channel=entry.channel, count=entry.count)
    if isinstance(entry, MetricEntry):
        return model(
            **common,
            series=entry.series,
            value=entry.value,
            region=entry.region,
            unit=entry.unit,
        )
    raise TypeError(f"{type(entry).__name__} is a record, not a row")
