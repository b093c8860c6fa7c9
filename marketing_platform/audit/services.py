"""Writing and checking the workspace's audit log."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from marketing_platform.audit.models import AuditEntry


def audit_record(
    *,
    action: str,
    actor_kind: str,
    now: datetime,
    actor_id: str = "",
    subject: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry in the caller's transaction; entries of a workspace queue behind a lock."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"audit:{connection.schema_name}"]
            )
        previous = AuditEntry.objects.order_by("-id").values_list("entry_hash", flat=True).first()
        entry = AuditEntry(
            happened_at=now,
            actor_kind=actor_kind,
            actor_id=actor_id,
            action=action,
            subject=subject,
            detail=detail or {},
            previous_hash=previous or "",
        )
        entry.entry_hash = entry_hash(entry)
        entry.save(force_insert=True)
        return entry


def entry_hash(entry: AuditEntry) -> str:
    """sha256 over the entry's facts and the previous entry's hash."""
    facts = [
        entry.previous_hash,
        entry.happened_at.astimezone(UTC).isoformat(),
        entry.actor_kind,
        entry.actor_id,
        entry.action,
        entry.subject,
        json.dumps(entry.detail, sort_keys=True, ensure_ascii=False),
    ]
    return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()


def chain_is_whole() -> bool:
    """Whether every entry still has its hash and follows its predecessor."""
    previous = ""
    for entry in AuditEntry.objects.order_by("id").iterator():
        if entry.previous_hash != previous or entry.entry_hash != entry_hash(entry):
            return False
        previous = entry.entry_hash
    return True
