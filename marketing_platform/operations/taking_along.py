"""An owner takes the whole workspace along: packed by a job, kept for a week, handed out again.

Also when the workspace is read-only: nobody stays because their own data is held back.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.audit.services import audit_record
from marketing_platform.core.errors import NotFound, PlatformError
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.registry import Progress
from marketing_platform.jobs.services import job_start
from marketing_platform.notifications.services import notify
from marketing_platform.operations.backup.exporting import ExportReport, workspace_export
from marketing_platform.tenants.context import current_schema, public_context, tenant_context
from marketing_platform.tenants.models import SubjectAct, SubjectRequest, Tenant

JOB = "workspace.take_along"
KEPT = timedelta(days=7)
PACKED_PER_HOUR = 6
ATTEMPTS = 3
OURS = re.compile(r"[0-9a-f]{32}\.zip")


class NothingPacked(NotFound):
    code = "nothing_packed"
    sentence = _("This file is not there any more. Prepare a new one.")


class PeopleAreErased(PlatformError):
    code = "people_are_erased"
    sentence = _("People are being erased here just now. Try again in a few minutes.")
    status = 409


@dataclass(frozen=True)
class Packed:
    """A file that can be taken. `tables`, `rows` and `files` count what is in it."""

    job_id: UUID
    path: Path
    made_at: datetime
    until: datetime
    bytes: int
    tables: int
    rows: int
    files: int


def packing_start(*, actor_id: UUID | None, by: str, now: datetime) -> Job:
    """The job that packs it; the open one, while there is one. The bell says who asked.

    Raises LimitReached.
    """
    limit_per_hour("packed files per hour", current_schema(), PACKED_PER_HOUR)
    with transaction.atomic():
        file = f"{uuid4().hex}.zip"
        job = job_start(kind=JOB, arguments={"file": file}, actor_id=actor_id, now=now, key="all")
        if job.arguments["file"] == file:
            audit_record(
                action="workspace.packed",
                actor_kind="human",
                actor_id=str(actor_id or ""),
                subject=str(job.pk),
                now=now,
            )
            notify(
                title=_("All data of this workspace is packed into a file"),
                text=_("%(name)s asked for it. Was that not you? Look at who works here."),
                params={"name": by},
                kind="export",
                url="/settings/team/",
                actor_id=actor_id,
                now=now,
            )
    return job


def workspace_pack(tenant: Tenant, file: str, progress: Progress) -> ExportReport:
    """Whole or not at all; an earlier file of the workspace goes when this one is there.

    Packed anew when a person was erased meanwhile.
    """

    def told(done: float) -> None:
        with tenant_context(tenant):
            progress(done, _("Writing your tables"))

    path = _folder(tenant) / _checked(file)
    for _attempt in range(ATTEMPTS):
        erased = _erased(tenant)
        report = workspace_export(tenant, path, told)
        if _erased(tenant) == erased:
            break
        path.unlink(missing_ok=True)
    else:
        raise PeopleAreErased
    for other in _folder(tenant).glob("*.zip"):
        if other != path:
            other.unlink(missing_ok=True)
    return report


def packed_now(tenant: Tenant, *, now: datetime) -> Packed | None:
    """The newest file that is still there; called inside the workspace."""
    done = Job.objects.filter(kind=JOB, state=JobState.DONE, ended_at__gt=now - KEPT)
    job = done.order_by("-ended_at").first()
    if job is None or job.ended_at is None:
        return None
    path = _folder(tenant) / _checked(job.arguments["file"])
    if not path.is_file():
        return None
    counts = {name: int((job.result or {}).get(name, 0)) for name in ("tables", "rows", "files")}
    return Packed(
        job_id=job.pk,
        path=path,
        made_at=job.ended_at,
        until=job.ended_at + KEPT,
        bytes=path.stat().st_size,
        **counts,
    )


def packed_take(tenant: Tenant, *, job_id: UUID, actor_id: UUID | None, now: datetime) -> Packed:
    """The file of that job, written down as taken. Raises NothingPacked."""
    packed = packed_now(tenant, now=now)
    if packed is None or packed.job_id != job_id:
        raise NothingPacked
    audit_record(
        action="workspace.taken",
        actor_kind="human",
        actor_id=str(actor_id or ""),
        subject=str(job_id),
        detail={"bytes": packed.bytes},
        now=now,
    )
    return packed


def packed_forget(tenant: Tenant) -> int:
    """Removes what is packed: it names a person who was erased. Answers how many files went."""
    files = list(_folder(tenant).glob("*.zip"))
    for path in files:
        path.unlink(missing_ok=True)
    return len(files)


def packed_expire(*, now: datetime) -> int:
    """Removes what is older than a week, of every workspace. Answers how many files went."""
    before, gone = now.timestamp() - KEPT.total_seconds(), 0
    for path in Path(settings.EXPORT_DIR).glob("*/*.zip"):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _erased(tenant: Tenant) -> int:
    """How many people were erased so far."""
    with public_context():
        return SubjectRequest.objects.filter(tenant=tenant, act=SubjectAct.ERASED).count()


def _folder(tenant: Tenant) -> Path:
    return Path(settings.EXPORT_DIR) / tenant.schema_name


def _checked(file: str) -> str:
    if OURS.fullmatch(file) is None:
        raise NothingPacked
    return file
