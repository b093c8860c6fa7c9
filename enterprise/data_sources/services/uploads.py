"""Uploaded files before they are imported: guess, preview, a person's choice of columns."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from enterprise.data_sources.engine import guessing, packing, parsing, reading
from enterprise.data_sources.engine.contracts import (
    RECORD_KINDS,
    ColumnMapping,
    DateOrder,
    FileKind,
    ParsedFile,
    RawTable,
    Role,
)
from enterprise.data_sources.errors import AlreadyImported, MappingIncomplete
from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.selectors import imported_with, records_known, rows_in_period
from enterprise.data_sources.services.mappings import (
    mapping_loaded,
    mapping_remembered,
    mapping_stored,
    source_name_of,
)
from marketing_platform.core.text import clean_line

DRAFT_LIFE = timedelta(hours=24)
# More than these take longer than a second, so they are imported as a job and not all previewed.
ROWS_AT_A_GLANCE = 4_000


@dataclass(frozen=True)
class Preview:
    """A draft as it would be imported; ``parsed`` is None while the mapping is incomplete.

    ``is_partial``: only the first ROWS_AT_A_GLANCE rows were read. ``updates`` counts records whose
    id is known; ``replaces`` rows of the same source and period.
    """

    table: RawTable
    mapping: ColumnMapping
    source_name: str
    parsed: ParsedFile | None
    replaces: int
    missing: MappingIncomplete | None
    is_partial: bool = False
    updates: int = 0
    row_count: int = 0


def draft_create(
    *, content: bytes, file_name: str, actor_id: UUID | None, now: datetime
) -> ImportBatch:
    """Keep an uploaded file with the columns of the last such file, or a guess of them.

    Raises FileUnreadable, or AlreadyImported when the very same bytes are in already. Drafts
    older than a day are removed with their files.
    """
    digest = hashlib.sha256(content).hexdigest()
    earlier = imported_with(digest)
    if earlier is not None:
        raise AlreadyImported(name=earlier.file_name)
    table = reading.read_table(content)
    mapping = guessing.guess(table)
    ImportBatch.objects.filter(
        state=ImportBatch.State.DRAFT, created_at__lt=now - DRAFT_LIFE
    ).delete()
    name = clean_line(file_name)[:200] or "file"
    remembered = mapping_remembered(table, mapping)
    mapping, source_name = remembered or (mapping, source_name_of(mapping.kind, name))
    return ImportBatch.objects.create(
        file_name=name,
        sha256=digest,
        content=packing.packed(content, table),
        mapping=mapping_stored(mapping, source_name, is_remembered=remembered is not None),
        actor_id=actor_id,
        created_at=now,
    )


def draft_table(draft: ImportBatch) -> RawTable:
    return packing.unpacked(bytes(draft.content))


def draft_preview(*, draft: ImportBatch) -> Preview:
    """What the draft would import with its present mapping, judged by its first rows."""
    table = draft_table(draft)
    mapping, source_name = mapping_loaded(draft.mapping)
    body = guessing.body_of(table, mapping)
    is_partial = len(body) > ROWS_AT_A_GLANCE
    shown = _first_rows(table, mapping) if is_partial else table
    parsed, missing, replaces, updates = None, None, 0, 0
    try:
        parsed = parsing.parse(shown, mapping)
    except MappingIncomplete as error:
        missing = error
    if parsed is not None and parsed.entries:
        if mapping.kind in RECORD_KINDS:
            updates = records_known(mapping.kind, source_name, parsed.entries)
        else:
            last_on = None if is_partial else parsed.last_on
            replaces = rows_in_period(
                mapping.kind, source_name, parsed.first_on, last_on, parsed.grain
            )
    return Preview(
        table, mapping, source_name, parsed, replaces, missing, is_partial, updates, len(body)
    )


def draft_map(
    *,
    draft: ImportBatch,
    kind: FileKind,
    roles: tuple[Role, ...],
    date_order: DateOrder,
    source_name: str,
    grain: str = "",
    rates: tuple[tuple[str, Decimal], ...] = (),
) -> ImportBatch:
    """Keep a person's choice of columns. Choosing another kind guesses the columns anew."""
    table = draft_table(draft)
    before, _name = mapping_loaded(draft.mapping)
    name = clean_line(source_name)[:80]
    if kind is not before.kind:
        mapping = guessing.for_kind(table, replace(before, grain="", rates=()), kind)
        name = source_name_of(kind, draft.file_name)
    else:
        width = len(before.roles)
        chosen = (*roles[:width], *[Role.IGNORE] * (width - len(roles)))
        mapping = guessing.with_evidence(
            table, replace(before, roles=chosen, grain=grain, rates=rates)
        )
        if date_order:
            mapping = replace(mapping, date_order=date_order)
    draft.mapping = mapping_stored(mapping, name or source_name_of(kind, draft.file_name))
    draft.save(update_fields=["mapping"])
    return draft


def draft_discard(*, draft: ImportBatch) -> None:
    draft.delete()


def _first_rows(table: RawTable, mapping: ColumnMapping) -> RawTable:
    before = sum(1 for row in table.rows if row.line <= mapping.header_line)
    return replace(table, rows=table.rows[: before + ROWS_AT_A_GLANCE])
