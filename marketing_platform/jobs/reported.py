"""The last progress a job reported, kept beside its row.

A job that changes many rows reports from inside its transaction, where its own row's progress
would not be seen by anybody; what lies in the cache is.
"""

import uuid
from datetime import datetime
from typing import Any

from django.core.cache import cache

KEPT_SECONDS = 900


def report_keep(
    job_id: uuid.UUID, *, done: float, message: str, params: dict[str, Any], now: datetime
) -> None:
    said = {"done": done, "message": message, "params": params, "at": now.isoformat()}
    cache.set(f"job:{job_id}", said, KEPT_SECONDS)


def report_of(job_id: uuid.UUID) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(f"job:{job_id}")
    return found


def reported_at(job_id: uuid.UUID) -> datetime | None:
    said = report_of(job_id)
    return datetime.fromisoformat(said["at"]) if said else None
