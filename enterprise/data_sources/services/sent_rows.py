"""Rows sent by API: the same rules as for files, replaced key by key, the same rows once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from enterprise.data_sources.engine import json_rows, parsing
from enterprise.data_sources.engine.contracts import ParsedFile, Problem
from enterprise.data_sources.errors import KindUnknown, NothingToImport
from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.selectors import imported_with
from enterprise.data_sources.services.imports import batch_store, source_take
from enterprise.data_sources.services.mappings import DEFAULT_NAMES, mapping_stored
from enterprise.data_sources.services.sample import sample_clear
from marketing_platform.core.text import clean_line


@dataclass(frozen=True)
class SentRows:
    """What became of a request. ``batch`` is None when nothing was stored.

    ``is_repeated``: the very same rows were stored before, by ``batch``; nothing was done.
    """

    batch: ImportBatch | None
    is_repeated: bool
    imported: int
    replaced: int
    refused: int
    problems: tuple[Problem, ...]


def rows_send(
    *,
    kind: str,
    rows: Sequence[Any],
    source: str,
    grain: str,
    rates: dict[str, Decimal],
    good_rows_only: bool,
    actor_id: UUID | None,
    now: datetime,
) -> SentRows:
    """Store rows of ``kind`` ("spend", "outcomes", "leads", "deals").

    With a bad row nothing is stored unless ``good_rows_only``; the problems name each. Rows with
    the key of stored ones replace them; ``batch_undo`` takes all back. Raises KindUnknown,
    RowUnreadable, NothingToImport.
    """
    if kind not in json_rows.KINDS:
        raise KindUnknown
    if not rows:
        raise NothingToImport(field="rows")
    table, mapping = json_rows.table_of(kind, rows)
    mapping = replace(mapping, grain=grain, rates=tuple(sorted(rates.items())))
    name = clean_line(source)[:80] or DEFAULT_NAMES[mapping.kind]
    digest = _digest(kind, name, grain, rates, rows)
    earlier = imported_with(digest)
    if earlier is not None:
        return SentRows(earlier, True, 0, 0, 0, ())
    parsed = parsing.parse(table, mapping)
    if not parsed.entries or (parsed.bad_rows and not good_rows_only):
        return SentRows(None, False, 0, 0, parsed.bad_rows, parsed.problems)
    try:
        with transaction.atomic():
            batch = _batch(mapping_stored(mapping, name), parsed, digest, actor_id, now)
            batch.source = source_take(mapping, name, now)
            batch.save(force_insert=True)
            stored = batch_store(batch, mapping, parsed, may_replace=True, by_key=True, now=now)
            sample_clear(now=now)
    except IntegrityError:
        # The same rows came in by another request meanwhile.
        return SentRows(imported_with(digest), True, 0, 0, 0, ())
    return SentRows(
        batch, False, parsed.good_rows, stored.replaced, parsed.bad_rows, parsed.problems
    )


def _batch(
    mapping: dict[str, Any],
    parsed: ParsedFile,
    digest: str,
    actor_id: UUID | None,
    now: datetime,
) -> ImportBatch:
    return ImportBatch(
        state=ImportBatch.State.IMPORTED,
        file_name="API",
        sha256=digest,
        mapping=mapping,
        grain=parsed.grain,
        first_on=parsed.first_on,
        last_on=parsed.last_on,
        rows_imported=parsed.good_rows,
        rows_left_out=parsed.bad_rows,
        is_from_api=True,
        actor_id=actor_id,
        created_at=now,
        imported_at=now,
    )


def _digest(
    kind: str, name: str, grain: str, rates: dict[str, Decimal], rows: Sequence[Any]
) -> str:
    given = [kind, name, grain, {code: str(rate) for code, rate in rates.items()}, rows]
    text = json.dumps(given, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
