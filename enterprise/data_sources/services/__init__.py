"""Uploads, imports, records and what was decided about quality."""

from enterprise.data_sources.services.imports import JOB, batch_undo, draft_import, import_start
from enterprise.data_sources.services.quality import fix_apply, fix_undo
from enterprise.data_sources.services.records import Upserted, records_store, records_undo
from enterprise.data_sources.services.sample import sample_clear, sample_show
from enterprise.data_sources.services.sent_rows import SentRows, rows_send
from enterprise.data_sources.services.uploads import (
    ROWS_AT_A_GLANCE,
    Preview,
    draft_create,
    draft_discard,
    draft_map,
    draft_preview,
    draft_table,
)

__all__ = [
    "JOB",
    "ROWS_AT_A_GLANCE",
    "Preview",
    "SentRows",
    "Upserted",
    "batch_undo",
    "draft_create",
    "draft_discard",
    "draft_import",
    "draft_map",
    "draft_preview",
    "draft_table",
    "fix_apply",
    "fix_undo",
    "import_start",
    "records_store",
    "records_undo",
    "rows_send",
    "sample_clear",
    "sample_show",
]
