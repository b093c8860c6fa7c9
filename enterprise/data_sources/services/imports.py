"""Draft → imported → perhaps undone. An import is one transaction, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from enterprise.data_sources.engine import guessing, parsing
from enterprise.data_sources.engine.contracts import (
    RECORD_KINDS,
    ColumnMapping,
    ParsedFile,
)
from enterprise.data_sources.errors import (
    AlreadyImported,
    ImportChanged,
    NothingToImport,
    RowsHaveProblems,
)
from enterprise.data_sources.models import DataSource, ImportBatch
from enterprise.data_sources.selectors import ROW_MODELS
from enterprise.data_sources.services.mappings import mapping_loaded, mapping_remember
from enterprise.data_sources.services.records import records_store, records_undo
from enterprise.data_sources.services.rows import (
    keys_replace,
    period_replace,
    rows_undo,
    rows_write,
)
from enterprise.data_sources.services.sample import sample_clear
from enterprise.data_sources.services.sources import source_made
from enterprise.data_sources.services.uploads import ROWS_AT_A_GLANCE, draft_table
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.services import job_start

JOB = "enterprise.import"


@dataclass(frozen=True)
class Stored:
    """What an import did beside adding rows."""

    replaced: int


def import_start(
    *,
    draft: ImportBatch,
    good_rows_only: bool,
    may_replace: bool,
    actor_id: UUID | None,
    now: datetime,
) -> Job | None:
    """Queue the import of a long file; None when it is short enough to be done at once."""
    mapping, _name = mapping_loaded(draft.mapping)
    if len(guessing.body_of(draft_table(draft), mapping)) <= ROWS_AT_A_GLANCE:
        return None
    arguments = {
        "batch_id": draft.pk,
        "good_rows_only": good_rows_only,
        "may_replace": may_replace,
    }
    return job_start(kind=JOB, arguments=arguments, actor_id=actor_id, now=now, key=str(draft.pk))


def draft_import(
    *,
    draft: ImportBatch,
    good_rows_only: bool,
    may_replace: bool,
    now: datetime,
    progress: Callable[[float], None] | None = None,
) -> ImportBatch:
    """Import the draft, all of it or nothing.

    ``progress`` is told the part that is done and may raise to stop. Raises MappingIncomplete;
    RowsHaveProblems unless ``good_rows_only``; WouldReplace unless ``may_replace`` when the source
    already has rows in this period; ImportChanged when another window was first; AlreadyImported
    when the same file came in meanwhile. Records are updated by their id without being asked.
    """
    table = draft_table(draft)
    mapping, name = mapping_loaded(draft.mapping)
    reading = (lambda part: progress(part * 0.7)) if progress else None
    parsed = parsing.parse(table, mapping, reading)
    if not parsed.entries:
        raise NothingToImport
    if parsed.bad_rows and not good_rows_only:
        raise RowsHaveProblems(count=parsed.bad_rows)
    if progress is not None:
        progress(0.7)
    try:
        with transaction.atomic():
            _take_draft(draft, mapping, name, parsed, now)
            batch_store(draft, mapping, parsed, may_replace=may_replace, by_key=False, now=now)
            mapping_remember(table=table, mapping=mapping, name=name, now=now)
            sample_clear(now=now)
    except IntegrityError as error:
        raise AlreadyImported(name=draft.file_name) from error
    return draft


def batch_store(
    batch: ImportBatch,
    mapping: ColumnMapping,
    parsed: ParsedFile,
    *,
    may_replace: bool,
    by_key: bool,
    now: datetime,
) -> Stored:
    """Write a batch's entries, replacing by record id, by key, or by the file's period."""
    if mapping.kind in RECORD_KINDS:
        done = records_store(source=batch.source, entries=parsed.entries, batch=batch, now=now)
        replaced = done.changed
    else:
        replaced = (
            keys_replace(batch, parsed)
            if by_key
            else period_replace(batch, parsed, may_replace=may_replace)
        )
        rows_write(batch, mapping.kind, parsed.entries)
    batch.rows_replaced = replaced
    batch.save(update_fields=["rows_replaced"])
    return Stored(replaced)


def source_take(mapping: ColumnMapping, name: str, now: datetime) -> DataSource:
    """The source of this kind and name, its row held until the transaction ends. Raises
    QuotaReached."""
    made = source_made(kind=mapping.kind, name=name, now=now)
    return DataSource.objects.select_for_update().get(pk=made.pk)


def batch_undo(*, batch: ImportBatch, now: datetime) -> None:
    """Take an import back; rows and records it had replaced hold again.

    Raises ImportChanged when it is not imported any more, and LaterImportFirst when a later
    import has replaced part of it.
    """
    with transaction.atomic():
        DataSource.objects.select_for_update().get(pk=batch.source_id)
        undone = ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.IMPORTED).update(
            state=ImportBatch.State.UNDONE, undone_at=now
        )
        if undone != 1:
            raise ImportChanged
        if batch.source.kind in ROW_MODELS:
            rows_undo(batch)
        else:
            records_undo(batch=batch)


def _take_draft(
    draft: ImportBatch, mapping: ColumnMapping, name: str, parsed: ParsedFile, now: datetime
) -> None:
    """Turn the draft into an import exactly once, holding the source's row."""
    changed = ImportBatch.objects.filter(pk=draft.pk, state=ImportBatch.State.DRAFT).update(
        state=ImportBatch.State.IMPORTED,
        source=source_take(mapping, name, now),
        content=None,
        grain=parsed.grain,
        first_on=parsed.first_on,
        last_on=parsed.last_on,
        rows_imported=parsed.good_rows,
        rows_left_out=parsed.bad_rows,
        totals_left_out=parsed.total_rows_skipped,
        imported_at=now,
    )
    if changed != 1:
        raise ImportChanged
    draft.refresh_from_db()
