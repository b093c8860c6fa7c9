"""Sources and batches."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from enterprise.data_sources.engine.contracts import RecordEntry
from enterprise.data_sources.engine.periods import last_day
from enterprise.data_sources.errors import ImportUnknown
from enterprise.data_sources.models import (
    Contact,
    DataSource,
    Deal,
    ImportBatch,
    Lead,
    LeadCount,
    MetricPoint,
    SpendRow,
)

# Rows of these kinds are replaced by period; records of the other kinds by their id.
ROW_MODELS = {
    "google_ads": SpendRow,
    "meta_ads": SpendRow,
    "linkedin_ads": SpendRow,
    "spend": SpendRow,
    "leads": LeadCount,
    "metrics": MetricPoint,
    "outcomes": MetricPoint,
}
RECORD_MODELS = {"lead_list": Lead, "deals": Deal}


def sources() -> QuerySet[DataSource]:
    """Everything data came from and that still has something, with its span and freshness."""
    live = Q(batches__state=ImportBatch.State.IMPORTED)
    return (
        DataSource.objects.filter(cleared_at__isnull=True)
        .annotate(
            imports=Count("batches", filter=live),
            first_on=Min("batches__first_on", filter=live),
            last_on=Max("batches__last_on", filter=live),
            last_imported_at=Max("batches__imported_at", filter=live),
        )
        .order_by("name", "id")
    )


def batches_of_source(source_id: int | None) -> QuerySet[ImportBatch]:
    """Imported batches, newest first; of one source when it is named."""
    rows = batches()
    return rows if source_id is None else rows.filter(source_id=source_id)


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


def rows_imported_by(batch_id: int) -> int | None:
    """How many rows an import stored; None while it has not."""
    done = ImportBatch.objects.filter(pk=batch_id, state=ImportBatch.State.IMPORTED)
    return done.values_list("rows_imported", flat=True).first()


def imported_with(sha256: str) -> ImportBatch | None:
    rows = ImportBatch.objects.filter(sha256=sha256, state=ImportBatch.State.IMPORTED)
    return rows.select_related("source").first()


def has_sources() -> bool:
    """Whether anything was ever imported or shown, samples included."""
    return DataSource.objects.exists()


def has_own_data() -> bool:
    """Whether anything but the sample is here: imported, or read from a CRM."""
    imported = ImportBatch.objects.filter(state=ImportBatch.State.IMPORTED, source__is_sample=False)
    return imported.exists() or any(
        model.objects.filter(source__is_sample=False).exists() for model in (Deal, Lead, Contact)
    )


def has_sample() -> bool:
    return DataSource.objects.filter(is_sample=True, cleared_at__isnull=True).exists()


def rows_in_period(kind: str, name: str, first_on: date, last_on: date | None, grain: str) -> int:
    """How many live rows an import of this source and period would replace."""
    live = ROW_MODELS[kind].objects.filter(replaced_by__isnull=True, source__is_sample=False)
    live = live.filter(source__kind=kind, source__name=name)
    return live.filter(meets(first_on, last_on, grain)).count()


def meets(first_on: date, last_on: date | None, grain: str) -> Q:
    """Rows whose own day, week or month shares a day with rows of ``grain`` between both dates.

    A row's date is the first day it stands for: a month of the 1st covers the 10th too.
    """
    begun = (
        Q(date__gte=first_on)
        | Q(batch__grain="week", date__gt=first_on - timedelta(days=7))
        | Q(batch__grain="month", date__gte=first_on.replace(day=1))
    )
    return begun if last_on is None else begun & Q(date__lte=last_day(last_on, grain))


def records_known(kind: str, name: str, entries: Iterable[RecordEntry]) -> int:
    """How many of these records the source has already, so that an import would update them."""
    ids = [entry.external_id for entry in entries]
    known = RECORD_MODELS[kind].objects.filter(source__kind=kind, source__name=name)
    return known.filter(source__is_sample=False, external_id__in=ids).count()
