"""What is kept no longer than it is needed. Here, because it reads every package's tables."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db.models import Q
from django.dispatch import receiver

from marketing_platform.api.models import RememberedAnswer
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.inbox.services import bodies_empty
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.operations.backup.closing import erasures_plan
from marketing_platform.operations.taking_along import JOB as PACKING
from marketing_platform.operations.taking_along import (
    packed_expire,
    packed_forget,
    workspace_pack,
)
from marketing_platform.operations.visits import RUNS_OUT, visit_run_out
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import work_handler
from marketing_platform.tenants.across import across_tenants
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.restoring import person_erased
from marketing_platform.users.models import VerificationCode

ANSWERS_KEPT = timedelta(days=1)
CODES_KEPT = timedelta(days=2)
MESSAGES_KEPT = timedelta(days=180)
DONE_WORK_KEPT = timedelta(days=30)
# What customers wrote, as WhatsApp delivered it: long enough to look into what went wrong.
BODIES_KEPT = timedelta(days=30)


@job_kind(
    PACKING,
    label=_("Packing everything into one file"),
    cancelled=_("Cancelled. No file was made."),
    when_read_only=True,
)
def pack(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    report = workspace_pack(current_tenant(), arguments["file"], progress)
    counts = {"tables": report.tables, "rows": report.rows, "files": report.files}
    return {"url": "/settings/take-along/", **counts}


@receiver(person_erased, dispatch_uid="operations.packed_forget")
def packed_files_forget(*, tenant: Tenant, **_unused: Any) -> None:
    packed_forget(tenant)


@work_handler(RUNS_OUT, public=True)
def visit_runs_out(_tenant: None, *, visit_id: str, **_unused: Any) -> None:
    visit_run_out(visit_id=UUID(visit_id), now=clock.now())


@work_handler("platform.retention", public=True)
def retention(_tenant: None, **_unused: Any) -> None:
    expired_delete(now=clock.now())
    erasures_plan(now=clock.now())
    packed_expire(now=clock.now())
    call_command("clearsessions", verbosity=0)


def expired_delete(*, now: datetime) -> None:
    """Remembered answers, codes, messages, finished work and raw deliveries whose time is over."""
    across_tenants(RememberedAnswer).filter(created_at__lt=now - ANSWERS_KEPT).delete()
    codes = now - CODES_KEPT
    VerificationCode.objects.filter(Q(used_at__lt=codes) | Q(expires_at__lt=codes)).delete()
    OutgoingMessage.objects.filter(sent_at__lt=now - MESSAGES_KEPT).delete()
    across_tenants(DueWork).filter(done_at__lt=now - DONE_WORK_KEPT).delete()
    bodies_empty(before=now - BODIES_KEPT)
