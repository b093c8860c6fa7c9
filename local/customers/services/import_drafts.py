"""A file of customers, from upload to the moment when somebody says: bring it in."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from local.customers.engine import columns
from local.customers.engine.columns import Mapping, Role
from local.customers.engine.importing import (
    MOST_ROWS,
    Entry,
    Parsed,
    Refusal,
    mapping_check,
    parse,
    people,
)
from local.customers.errors import (
    ColumnsMissing,
    DeclarationMissing,
    FileImportedBefore,
    ImportChanged,
    NothingToImport,
)
from local.customers.models import BatchState, Customer, ImportBatch
from local.customers.selectors.imports import drafts_before, imported_with
from local.customers.services.customers import room, room_check
from marketing_platform.core.clock import today as day_of
from marketing_platform.core.tables import Table, table_read
from marketing_platform.core.text import clean_line
from marketing_platform.jobs.services import job_start

JOB = "local.customers_import"
DRAFT_LIFE = timedelta(hours=24)
REFUSED_LIFE = timedelta(days=30)
ASKED_AT_ONCE = 5_000
SHOWN_ROWS = 20
HOW_LENGTH = 200


@dataclass(frozen=True)
class Preview:
    """What the draft would bring in. `parsed` is None while columns are missing (`missing`).

    `shown` are the first rows, each with what is wrong with it or None. `room` is how many
    customers the plan still takes, None without a limit.
    """

    table: Table
    mapping: Mapping
    parsed: Parsed | None
    missing: ColumnsMissing | None
    shown: tuple[tuple[Any, Refusal | None], ...]
    known: int
    new: int
    room: int | None

    @property
    def header(self) -> tuple[str, ...]:
        return columns.header_cells(self.table, self.mapping.header_line)

    @property
    def too_many(self) -> int:
        return max(0, self.new - self.room) if self.room is not None else 0


def draft_create(
    *, content: bytes, file_name: str, actor_id: UUID | None, now: datetime
) -> ImportBatch:
    """Keep an uploaded file with a guess of its columns; older drafts of a day go.

    Raises TableUnreadable, or FileImportedBefore when these very bytes are in already.
    """
    digest = hashlib.sha256(content).hexdigest()
    earlier = imported_with(digest)
    if earlier is not None:
        raise FileImportedBefore(batch_id=earlier.pk)
    mapping = columns.guess(table_read(content, most_rows=MOST_ROWS))
    ImportBatch.objects.filter(pk__in=drafts_before(now - DRAFT_LIFE)).delete()
    # Refused rows hold numbers of people who are not customers here.
    ImportBatch.objects.filter(created_at__lt=now - REFUSED_LIFE).update(refused=[])
    return ImportBatch.objects.create(
        file_name=clean_line(file_name)[:200] or "file",
        sha256=digest,
        content=content,
        mapping=mapping_stored(mapping),
        actor_id=actor_id,
        created_at=now,
    )


def draft_map(*, draft: ImportBatch, roles: list[Role]) -> None:
    """Keep a person's choice of columns. Raises ColumnsMissing."""
    mapping = columns.with_roles(mapping_loaded(draft.mapping), roles)
    mapping_check(mapping)
    draft.mapping = mapping_stored(mapping)
    draft.save(update_fields=["mapping"])


def draft_preview(*, draft: ImportBatch, today: date) -> Preview:
    """The draft as it would come in with its present columns."""
    table = table_read(bytes(draft.content), most_rows=MOST_ROWS)
    mapping = mapping_loaded(draft.mapping)
    parsed, missing = None, None
    try:
        parsed = parse(table, mapping, today=today)
    except ColumnsMissing as error:
        missing = error
    refused = {refusal.line: refusal for refusal in parsed.refusals} if parsed else {}
    first = columns.body(table, mapping)[:SHOWN_ROWS]
    shown = tuple((row, refused.get(row.line)) for row in first)
    known, new = _known_and_new(parsed.entries if parsed else ())
    return Preview(table, mapping, parsed, missing, shown, known, new, room())


def draft_discard(*, draft: ImportBatch) -> None:
    draft.delete()


def import_start(
    *,
    draft: ImportBatch,
    takes_consent: bool,
    how: str = "",
    collected_on: date | None = None,
    is_true: bool = False,
    language: str = "en",
    actor_id: UUID | None,
    now: datetime,
) -> ImportBatch:
    """Hand a confirmed draft to a job.

    With `takes_consent` the rows that say yes become agreements: the owner must say how they were
    collected, tick that it is true, and, for rows without a date of their own, until which day.
    Raises DeclarationMissing, ColumnsMissing, NothingToImport, FileImportedBefore, ImportChanged,
    and TooManyCustomers, with the figures, when the plan has no room for all of its new people.
    """
    preview = draft_preview(draft=draft, today=day_of(now))
    if preview.missing is not None:
        raise preview.missing
    if preview.parsed is None or not preview.parsed.entries:
        raise NothingToImport
    room_check(preview.new)
    declaration = _declaration(preview.parsed, takes_consent, how, collected_on, is_true, now)
    if declaration:
        declaration["language"] = language
    try:
        with transaction.atomic():
            job = job_start(
                kind=JOB,
                arguments={"batch_id": draft.pk},
                actor_id=actor_id,
                now=now,
                key=f"import:{draft.pk}",
            )
            changed = ImportBatch.objects.filter(pk=draft.pk, state=BatchState.DRAFT).update(
                state=BatchState.RUNNING,
                declaration=declaration,
                job_id=job.pk,
                counts={"refused": len(preview.parsed.refusals)},
            )
            if not changed:
                raise ImportChanged
    except IntegrityError as error:
        earlier = imported_with(draft.sha256)
        raise FileImportedBefore(batch_id=earlier.pk if earlier else draft.pk) from error
    return ImportBatch.objects.get(pk=draft.pk)


def mapping_stored(mapping: Mapping) -> dict[str, Any]:
    return {
        "header_line": mapping.header_line,
        "roles": [role.value for role in mapping.roles],
    }


def mapping_loaded(stored: dict[str, Any]) -> Mapping:
    return Mapping(stored["header_line"], tuple(Role(role) for role in stored["roles"]))


def _declaration(
    parsed: Parsed,
    takes_consent: bool,
    how: str,
    collected_on: date | None,
    is_true: bool,
    now: datetime,
) -> dict[str, Any]:
    if not takes_consent or not parsed.yes_count:
        return {}
    how = clean_line(how)[:HOW_LENGTH]
    if not how or not is_true:
        raise DeclarationMissing(field="how" if not how else "is_true")
    if parsed.has_undated_yes and collected_on is None:
        raise DeclarationMissing(field="collected_on")
    if collected_on is not None and collected_on > day_of(now):
        raise DeclarationMissing(field="collected_on")
    return {"how": how, "collected_on": collected_on.isoformat() if collected_on else None}


def _known_and_new(entries: tuple[Entry, ...]) -> tuple[int, int]:
    numbers = list(people(entries))
    known = 0
    for start in range(0, len(numbers), ASKED_AT_ONCE):
        part = numbers[start : start + ASKED_AT_ONCE]
        known += Customer.objects.filter(phone__in=part).count()
    return known, len(numbers) - known
