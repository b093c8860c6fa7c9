"""The invented company that a new workspace opens with."""

import hashlib
from datetime import date, datetime

from django.db import connection, transaction

from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.contracts import Entry, FileKind
from enterprise.data_sources.engine.sample import COMPANY, sample
from enterprise.data_sources.models import DataSource, ImportBatch
from enterprise.data_sources.selectors import ROW_MODELS, has_own_data, has_sample
from enterprise.data_sources.services.mappings import DEFAULT_NAMES
from enterprise.data_sources.services.rows import rows_write


def sample_clear(*, now: datetime) -> None:
    """Remove the sample company's rows for good; its sources stay marked as cleared."""
    sources = DataSource.objects.filter(is_sample=True, cleared_at__isnull=True)
    for source in sources:
        ROW_MODELS[source.kind].objects.filter(source=source).delete()
        ImportBatch.objects.filter(source=source).delete()
    sources.update(cleared_at=now)


def sample_show(*, today: date, now: datetime) -> None:
    """Fill the workspace with the sample company. Does nothing beside own data or twice."""
    if has_own_data() or has_sample():
        return
    made = sample(today)
    with transaction.atomic():
        _one_at_a_time()
        if has_own_data() or has_sample():
            return
        for kind, entries in made.spend.items():
            _sample_store(kind, f"{COMPANY} · {CHANNELS[kind]}", entries, now)
        _sample_store(
            FileKind.LEADS, f"{COMPANY} · {DEFAULT_NAMES[FileKind.LEADS]}", made.leads, now
        )


def _one_at_a_time() -> None:
    """Two tabs may open a new workspace at the same moment; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"sample:{connection.schema_name}"]
        )


def _sample_store(kind: FileKind, name: str, entries: tuple[Entry, ...], now: datetime) -> None:
    source, _made = DataSource.objects.update_or_create(
        kind=kind, name=name, is_sample=True, defaults={"created_at": now, "cleared_at": None}
    )
    dates = [entry.date for entry in entries]
    batch = ImportBatch.objects.create(
        source=source,
        state=ImportBatch.State.IMPORTED,
        file_name=f"{name}.csv",
        sha256=hashlib.sha256(f"sample {kind} {name} {dates[0]}".encode()).hexdigest(),
        grain="week",
        first_on=min(dates),
        last_on=max(dates),
        rows_imported=len(entries),
        created_at=now,
        imported_at=now,
    )
    rows_write(batch, kind, entries)
