"""Files of customers: drafts and what came of them."""

from datetime import datetime

from local.customers.errors import ImportMissing
from local.customers.models import BatchState, ImportBatch


def batch_of(batch_id: int) -> ImportBatch:
    """Without the file's bytes. Raises ImportMissing."""
    found = ImportBatch.objects.defer("content").filter(pk=batch_id, is_sample=False).first()
    if found is None:
        raise ImportMissing
    return found


def draft_of(batch_id: int) -> ImportBatch:
    """A file that waits for its columns to be confirmed. Raises ImportMissing."""
    found = ImportBatch.objects.filter(pk=batch_id, state=BatchState.DRAFT).first()
    if found is None or found.content is None:
        raise ImportMissing
    return found


def batches(limit: int = 30) -> list[ImportBatch]:
    """The last files, without their bytes and refused rows."""
    return list(ImportBatch.objects.filter(is_sample=False).defer("content", "refused")[:limit])


def has_sample() -> bool:
    """Whether the invented customers are in the list."""
    return ImportBatch.objects.filter(is_sample=True).exists()


def imported_with(sha256: str) -> ImportBatch | None:
    """The import that these very bytes made, or are making."""
    states = (BatchState.RUNNING, BatchState.IMPORTED)
    return ImportBatch.objects.defer("content").filter(sha256=sha256, state__in=states).first()


def drafts_before(moment: datetime) -> list[int]:
    """Files that nobody confirmed."""
    rows = ImportBatch.objects.filter(state=BatchState.DRAFT, created_at__lt=moment)
    return list(rows.values_list("pk", flat=True))
