"""Uploads: draft → imported → perhaps undone. An import is one transaction, or nothing."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from enterprise.data_sources.engine import guessing, parsing, reading
from enterprise.data_sources.engine.channels import CHANNELS
from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    ColumnMapping,
    DateOrder,
    Entry,
    FileKind,
    LeadEntry,
    ParsedFile,
    RawTable,
    Role,
    SpendEntry,
)
from enterprise.data_sources.engine.sample import COMPANY, sample
from enterprise.data_sources.errors import (
    AlreadyImported,
    ImportChanged,
    LaterImportFirst,
    MappingIncomplete,
    NothingToImport,
    RowsHaveProblems,
    WouldReplace,
)
from enterprise.data_sources.models import DataSource, ImportBatch
from enterprise.data_sources.selectors import (
    ROW_MODELS,
    has_own_data,
    has_sample,
    imported_with,
    rows_in_period,
)
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

DRAFT_LIFE = timedelta(hours=24)
ROWS_AT_ONCE = 2_000
DEFAULT_NAMES = {
    FileKind.GOOGLE_ADS: CHANNELS["google_ads"],
    FileKind.META_ADS: CHANNELS["meta_ads"],
    FileKind.LINKEDIN_ADS: CHANNELS["linkedin_ads"],
    FileKind.LEADS: _("Leads"),
    FileKind.METRICS: _("Figures"),
}


@dataclass(frozen=True)
class Preview:
    """A draft as it would be imported; ``parsed`` is None while the mapping is incomplete."""

    table: RawTable
    mapping: ColumnMapping
    source_name: str
    parsed: ParsedFile | None
    replaces: int
    missing: MappingIncomplete | None


def draft_create(
    *, content: bytes, file_name: str, actor_id: UUID | None, now: datetime
) -> ImportBatch:
    """Keep an uploaded file with a guess of its columns.

    Raises FileUnreadable, or AlreadyImported when the very same bytes are in already. Drafts
    older than a day are removed with their files.
    """
    digest = hashlib.sha256(content).hexdigest()
    earlier = imported_with(digest)
    if earlier is not None:
        raise AlreadyImported(name=earlier.file_name)
    mapping = guessing.guess(reading.read_table(content))
    ImportBatch.objects.filter(
        state=ImportBatch.State.DRAFT, created_at__lt=now - DRAFT_LIFE
    ).delete()
    name = clean_line(file_name)[:200] or "file"
    return ImportBatch.objects.create(
        file_name=name,
        sha256=digest,
        content=content,
        mapping=_stored(mapping, _source_name(mapping.kind, name)),
        actor_id=actor_id,
        created_at=now,
    )


def draft_preview(*, draft: ImportBatch) -> Preview:
    """What the draft would import with its present mapping."""
    table = reading.read_table(bytes(draft.content))
    mapping, source_name = _loaded(draft.mapping)
    parsed, missing, replaces = None, None, 0
    try:
        parsed = parsing.parse(table, mapping)
    except MappingIncomplete as error:
        missing = error
    if parsed is not None and parsed.entries:
        replaces = rows_in_period(mapping.kind, source_name, parsed.first_on, parsed.last_on)
    return Preview(table, mapping, source_name, parsed, replaces, missing)


def draft_map(
    *,
    draft: ImportBatch,
    kind: FileKind,
    roles: tuple[Role, ...],
    date_order: DateOrder,
    source_name: str,
) -> ImportBatch:
    """Keep a person's choice of columns. Choosing another kind guesses the columns anew."""
    table = reading.read_table(bytes(draft.content))
    before, _name = _loaded(draft.mapping)
    name = clean_line(source_name)[:80]
    if kind is not before.kind:
        mapping = guessing.for_kind(table, before, kind)
        name = _source_name(kind, draft.file_name)
    else:
        width = len(before.roles)
        chosen = (*roles[:width], *[Role.IGNORE] * (width - len(roles)))
        mapping = guessing.with_evidence(
            table, ColumnMapping(kind=kind, header_line=before.header_line, roles=chosen)
        )
        if date_order:
            mapping = ColumnMapping(
                kind, before.header_line, chosen, date_order, mapping.has_decimal_comma
            )
    draft.mapping = _stored(mapping, name or _source_name(kind, draft.file_name))
    draft.save(update_fields=["mapping"])
    return draft


def draft_import(
    *, draft: ImportBatch, good_rows_only: bool, may_replace: bool, now: datetime
) -> ImportBatch:
    """Import the draft, all of it or nothing.

    Raises RowsHaveProblems unless ``good_rows_only``; WouldReplace unless ``may_replace`` when
    the source already has rows in this period; ImportChanged when another window was first;
    AlreadyImported when the same file came in meanwhile.
    """
    preview = draft_preview(draft=draft)
    if preview.missing is not None:
        raise preview.missing
    parsed = preview.parsed
    if not parsed.entries:
        raise NothingToImport
    if parsed.bad_rows and not good_rows_only:
        raise RowsHaveProblems(count=parsed.bad_rows)
    try:
        with transaction.atomic():
            _take_draft(draft, preview, parsed, now)
            _replace_rows(draft, parsed, may_replace)
            _write_rows(draft, preview.mapping.kind, parsed.entries)
            sample_clear(now=now)
    except IntegrityError as error:
        raise AlreadyImported(name=draft.file_name) from error
    return draft


def draft_discard(*, draft: ImportBatch) -> None:
    draft.delete()


def batch_undo(*, batch: ImportBatch, now: datetime) -> None:
    """Take an import back; rows it had replaced hold again.

    Raises ImportChanged when it is not imported any more, and LaterImportFirst when a later
    import has replaced rows of it.
    """
    with transaction.atomic():
        DataSource.objects.select_for_update().get(pk=batch.source_id)
        rows = ROW_MODELS[batch.source.kind].objects
        if rows.filter(batch=batch, replaced_by__isnull=False).exists():
            raise LaterImportFirst
        undone = ImportBatch.objects.filter(pk=batch.pk, state=ImportBatch.State.IMPORTED).update(
            state=ImportBatch.State.UNDONE, undone_at=now
        )
        if undone != 1:
            raise ImportChanged
        rows.filter(batch=batch).delete()
        rows.filter(replaced_by=batch).update(replaced_by=None)


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
        for kind, entries in made.spend.items():
            _sample_store(kind, f"{COMPANY} · {CHANNELS[kind]}", entries, now)
        _sample_store(
            FileKind.LEADS, f"{COMPANY} · {DEFAULT_NAMES[FileKind.LEADS]}", made.leads, now
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
    _write_rows(batch, kind, entries)


def _take_draft(draft: ImportBatch, preview: Preview, parsed: ParsedFile, now: datetime) -> None:
    """Turn the draft into an import exactly once, holding the source's row."""
    name, kind = preview.source_name, preview.mapping.kind
    made, _created = DataSource.objects.get_or_create(
        kind=kind, name=name, is_sample=False, defaults={"created_at": now}
    )
    source = DataSource.objects.select_for_update().get(pk=made.pk)
    changed = ImportBatch.objects.filter(pk=draft.pk, state=ImportBatch.State.DRAFT).update(
        state=ImportBatch.State.IMPORTED,
        source=source,
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


def _replace_rows(draft: ImportBatch, parsed: ParsedFile, may_replace: bool) -> None:
    live = ROW_MODELS[draft.source.kind].objects.filter(
        source=draft.source,
        replaced_by__isnull=True,
        date__range=(parsed.first_on, parsed.last_on),
    )
    if draft.source.kind == FileKind.METRICS:
        live = live.filter(series__in={entry.series for entry in parsed.entries})
    if not may_replace and live.exists():
        raise WouldReplace(source=draft.source.name)
    live.update(replaced_by=draft)


def _write_rows(batch: ImportBatch, kind: str, entries: Iterable[Entry]) -> None:
    model = ROW_MODELS[kind]
    rows = [_row(model, batch, entry) for entry in entries]
    model.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)


def _row(model: type[models.Model], batch: ImportBatch, entry: Entry) -> models.Model:
    common = {"source_id": batch.source_id, "batch": batch, "date": entry.date}
    if isinstance(entry, SpendEntry):
        return model(
            **common,
            channel=batch.source.kind,
            campaign=entry.campaign,
            cost=entry.cost_paise,
            impressions=entry.impressions,
            clicks=entry.clicks,
            leads=entry.leads,
        )
    if isinstance(entry, LeadEntry):
        return model(**common, channel=entry.channel, count=entry.count)
    return model(**common, series=entry.series, value=entry.value)


def _source_name(kind: FileKind, file_name: str) -> str:
    """Ads and leads are one source each; sheets of figures are told apart by their file."""
    if kind in AD_KINDS or kind is FileKind.LEADS:
        return DEFAULT_NAMES[kind]
    stem = file_name.rpartition(".")[0] or file_name
    return clean_line(stem)[:80] or DEFAULT_NAMES[kind]


def _stored(mapping: ColumnMapping, source_name: str) -> dict[str, Any]:
    return {
        "kind": mapping.kind.value,
        "header_line": mapping.header_line,
        "roles": [role.value for role in mapping.roles],
        "date_order": mapping.date_order.value,
        "has_decimal_comma": mapping.has_decimal_comma,
        "source_name": source_name,
    }


def _loaded(stored: dict[str, Any]) -> tuple[ColumnMapping, str]:
    mapping = ColumnMapping(
        kind=FileKind(stored["kind"]),
        header_line=stored["header_line"],
        roles=tuple(Role(role) for role in stored["roles"]),
        date_order=DateOrder(stored["date_order"]),
        has_decimal_comma=stored["has_decimal_comma"],
    )
    return mapping, stored["source_name"]
