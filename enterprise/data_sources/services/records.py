"""Contacts, deals and leads by (source, external id): the one way in for files, API and syncs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from enterprise.data_sources.engine.contracts import (
    ContactEntry,
    DealEntry,
    LeadRecordEntry,
    RecordEntry,
    StageEntry,
)
from enterprise.data_sources.errors import LaterImportFirst
from enterprise.data_sources.models import (
    Contact,
    CrmRecord,
    DataSource,
    Deal,
    ImportBatch,
    Lead,
    ReplacedRecord,
    StageChange,
)
from enterprise.data_sources.services.sources import people_check

ROWS_AT_ONCE = 2_000
TABLES: Mapping[str, type[CrmRecord]] = {"contact": Contact, "deal": Deal, "lead": Lead}
TABLE_OF: Mapping[type, str] = {
    ContactEntry: "contact",
    DealEntry: "deal",
    LeadRecordEntry: "lead",
}
STAY = ("external_id", "stage", "entered_at", "left_at")


@dataclass(frozen=True)
class Upserted:
    """What became of the records that were given."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged
        )


def records_store(
    *,
    source: DataSource,
    entries: Iterable[RecordEntry],
    batch: ImportBatch | None,
    now: datetime,
) -> Upserted:
    """Upsert records of one source, all of one type; the last of equal ids holds.

    Runs in the caller's transaction and holds the source's row, so two writers take turns. A record
    that is older at the source (``updated_at_remote``) than what we have changes nothing. With a
    ``batch``, what it overwrites is kept for undoing. Stages are added to the history, by the
    source's id of the change or by record, stage and moment. Raises QuotaReached before anything
    is written when the plan has no room for all new people; a sync then stops at its last page.
    """
    DataSource.objects.select_for_update().get(pk=source.pk)
    unique = list({entry.external_id: entry for entry in entries}.values())
    if unique:
        model = TABLES[TABLE_OF[type(unique[0])]]
        people_check(source=source, model=model, ids=[entry.external_id for entry in unique])
    done = Upserted()
    for start in range(0, len(unique), ROWS_AT_ONCE):
        done += _store_some(source, unique[start : start + ROWS_AT_ONCE], batch, now)
    return done


def records_merged(*, source: DataSource, table: str, ids: Sequence[str], now: datetime) -> int:
    """Records that became part of another are gone; how many of them were still here."""
    if not ids:
        return 0
    here = TABLES[table].objects.filter(source=source, external_id__in=ids, removed_at=None)
    return here.update(removed_at=now, stored_at=now)


def records_undo(*, batch: ImportBatch) -> None:
    """Take back what a batch wrote. Raises LaterImportFirst when a later one wrote over it."""
    if ReplacedRecord.objects.filter(before__batch_id=batch.pk).exists():
        raise LaterImportFirst
    for table, model in TABLES.items():
        replaced = ReplacedRecord.objects.filter(batch=batch, table=table)
        before = {row.external_id: row.before for row in replaced.iterator()}
        written = model.objects.filter(batch=batch)
        written.exclude(external_id__in=before).delete()
        for batch_id in {each["batch_id"] for each in before.values() if "stays" not in each}:
            shared = [key for key, each in before.items() if each == {"batch_id": batch_id}]
            written.filter(external_id__in=shared).update(batch_id=batch_id)
        for record in written.filter(external_id__in=before).iterator():
            _restore(table, record, before[record.external_id])
        replaced.delete()


def _store_some(
    source: DataSource, entries: Sequence[RecordEntry], batch: ImportBatch | None, now: datetime
) -> Upserted:
    if not entries:
        return Upserted()
    table = TABLE_OF[type(entries[0])]
    model = TABLES[table]
    ids = [entry.external_id for entry in entries]
    known = {
        row.external_id: row for row in model.objects.filter(source=source, external_id__in=ids)
    }
    stays = _stays_of(table, [row.pk for row in known.values()])
    changed, new, kept, same = [], [], [], []
    for entry in entries:
        row = known.get(entry.external_id)
        values = _values(entry, row, now)
        if row is None:
            new.append((entry, model(source=source, external_id=entry.external_id, **values)))
        elif _is_news(entry, row, values, stays.get(row.pk, {})):
            kept.append(_kept(batch, table, row, stays.get(row.pk, {})))
            changed.append((entry, model(source=source, external_id=entry.external_id, **values)))
        elif batch is not None and row.batch_id != batch.pk:
            same.append(row)
    if batch is not None:
        kept += [_shared(batch, table, row) for row in same]
        ReplacedRecord.objects.bulk_create(kept, ignore_conflicts=True)
        model.objects.filter(pk__in=[row.pk for row in same]).update(batch=batch)
    _write(model, table, source, [*new, *changed], batch)
    return Upserted(len(new), len(changed), len(entries) - len(new) - len(changed))


def _write(
    model: type[CrmRecord],
    table: str,
    source: DataSource,
    pairs: list[tuple[RecordEntry, CrmRecord]],
    batch: ImportBatch | None,
) -> None:
    rows = [row for _entry, row in pairs]
    for row in rows:
        row.batch = batch
    # left_out_by stays as somebody decided: a record keeps its fix when its values change.
    fixed = {"id", "source", "external_id", "left_out_by"}
    model.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=[each.name for each in model._meta.fields if each.name not in fixed],
    )
    changes = [
        StageChange(
            source=source,
            external_id=_stay_id(entry.external_id, stay),
            stage=stay.stage,
            entered_at=stay.entered_at,
            left_at=stay.left_at,
            **{f"{table}_id": row.pk},
        )
        for entry, row in pairs
        for stay in getattr(entry, "history", ())
    ]
    StageChange.objects.bulk_create(
        {change.external_id: change for change in changes}.values(),
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["source", "external_id"],
        update_fields=["stage", "entered_at", "left_at", "deal", "lead"],
    )


def _values(entry: RecordEntry, row: CrmRecord | None, now: datetime) -> dict[str, Any]:
    removed_at = (row.removed_at if row and row.removed_at else now) if entry.is_removed else None
    common = {
        "came_from": entry.came_from[:60],
        "owner": entry.owner[:120],
        "updated_at_remote": entry.updated_at_remote,
        "removed_at": removed_at,
        "stored_at": now,
        "created_on": entry.date,
    }
    if isinstance(entry, DealEntry):
        return common | {
            "account": entry.account[:120],
            "amount": entry.amount_paise,
            "stage": entry.stage[:60],
            "closed_on": entry.closed_on,
            "is_won": entry.is_won,
        }
    if isinstance(entry, LeadRecordEntry):
        return common | {"stage": entry.stage[:60], "email_hash": entry.email_hash}
    return common | {
        "account": entry.account[:120],
        "region": entry.region[:60],
        "lifecycle": entry.lifecycle[:60],
        "email_hash": entry.email_hash,
    }


def _is_news(
    entry: RecordEntry, row: CrmRecord, values: dict[str, Any], stays: dict[str, tuple]
) -> bool:
    given, had = entry.updated_at_remote, row.updated_at_remote
    if given is not None and had is not None and given < had:
        return False
    same = all(getattr(row, name) == value for name, value in values.items() if name != "stored_at")
    return not same or any(
        stays.get(_stay_id(entry.external_id, stay)) != (stay.stage, stay.entered_at, stay.left_at)
        for stay in getattr(entry, "history", ())
    )


def _stay_id(record: str, stay: StageEntry) -> str:
    return (stay.external_id or f"{record}:{stay.stage}:{stay.entered_at.isoformat()}")[:240]


def _stays_of(table: str, keys: list[int]) -> dict[int, dict[str, tuple]]:
    if table == "contact" or not keys:
        return {}
    found: dict[int, dict[str, tuple]] = {}
    rows = StageChange.objects.filter(**{f"{table}__in": keys})
    for key, external_id, *stay in rows.values_list(f"{table}_id", *STAY):
        found.setdefault(key, {})[external_id] = tuple(stay)
    return found


def _kept(
    batch: ImportBatch | None, table: str, row: CrmRecord, stays: dict[str, tuple]
) -> ReplacedRecord:
    before: dict[str, Any] = {
        each.attname: each.value_to_string(row) if getattr(row, each.attname) is not None else None
        for each in row._meta.concrete_fields
        if each.name not in {"id", "source", "external_id", "left_out_by", "batch"}
    }
    before["batch_id"] = row.batch_id
    before["stays"] = [
        [external_id, stage, entered.isoformat(), left.isoformat() if left else None]
        for external_id, (stage, entered, left) in stays.items()
    ]
    return ReplacedRecord(batch=batch, table=table, external_id=row.external_id, before=before)


def _shared(batch: ImportBatch, table: str, row: CrmRecord) -> ReplacedRecord:
    """A record that says nothing new: the later import holds it now, and undoing hands it back."""
    before = {"batch_id": row.batch_id}
    return ReplacedRecord(batch=batch, table=table, external_id=row.external_id, before=before)


def _restore(table: str, record: CrmRecord, before: dict[str, Any]) -> None:
    stays = before.pop("stays")
    for each in record._meta.concrete_fields:
        if each.attname in before and each.attname != "batch_id":
            setattr(record, each.attname, each.to_python(before[each.attname]))
    record.batch_id = before["batch_id"]
    record.save()
    if table == "contact":
        return
    StageChange.objects.filter(**{table: record}).delete()
    moment = models.DateTimeField().to_python
    StageChange.objects.bulk_create(
        StageChange(
            source_id=record.source_id,
            external_id=external_id,
            stage=stage,
            entered_at=moment(entered),
            left_at=moment(left),
            **{f"{table}_id": record.pk},
        )
        for external_id, stage, entered, left in stays
    )
