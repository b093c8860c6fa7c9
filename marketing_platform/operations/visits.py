"""Looking into a workspace to help: with a reason, read only, for minutes, told to its owner."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from marketing_platform.audit.services import audit_record
from marketing_platform.core.errors import Refused
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.services import work_schedule
from marketing_platform.support.models import SupportVisit
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.models import User

SECONDS_TO_ARRIVE = 60
RUNS_OUT = "support.visit_runs_out"
OPEN_STATES = frozenset({State.ACTIVE, State.BLOCKED, State.CLOSING})


class VisitRefused(Refused):
    code = "visit_refused"
    sentence = _("This visit does not begin. Start it again from the client's page.")


def visit_begin(*, tenant: Tenant, staff: User, reason: str, now: datetime) -> str:
    """Written down on both sides before anything is seen. Returns the address that opens it once.

    Raises VisitRefused for a workspace without content.
    """
    if tenant.state not in OPEN_STATES:
        raise VisitRefused
    token = secrets.token_urlsafe(24)
    until = now + timedelta(minutes=settings.SUPPORT_VISIT_MINUTES)
    with transaction.atomic():
        visit = SupportVisit.objects.create(
            tenant=tenant,
            staff_id=staff.pk,
            staff_name=str(staff),
            reason=reason,
            token_hash=_hash(token),
            begun_at=now,
            until=until,
        )
        with tenant_context(tenant):
            _note("support.visit_began", visit, staff.pk, {"until": until.isoformat()}, now)
            notify(
                title=_("Our support looks at your workspace"),
                text=_("To help, for %(minutes)s minutes, and without changing anything: %(why)s"),
                params={"minutes": settings.SUPPORT_VISIT_MINUTES, "why": reason},
                kind="support",
                now=now,
            )
            work_schedule(
                task=RUNS_OUT,
                arguments={"visit_id": str(visit.pk)},
                due_at=until,
                key=f"visit:{visit.pk}",
            )
    return tenant_url(tenant, f"/support-visit/{token}/")


def visit_arrive(*, token: str, tenant: Tenant, now: datetime) -> SupportVisit:
    """Raises VisitRefused for a token that is used, old or another workspace's."""
    waiting = SupportVisit.objects.filter(
        token_hash=_hash(token),
        tenant_id=tenant.pk,
        arrived_at=None,
        begun_at__gt=now - timedelta(seconds=SECONDS_TO_ARRIVE),
    )
    row = waiting.first()
    if row is None or not waiting.update(arrived_at=now):
        raise VisitRefused
    return row


def visit_end(*, visit_id: UUID, tenant: Tenant, now: datetime) -> None:
    """A second time changes nothing."""
    rows = SupportVisit.objects.filter(pk=visit_id, tenant_id=tenant.pk)
    row = rows.first()
    if row is not None and rows.filter(ended_at=None).update(ended_at=now):
        with tenant_context(tenant):
            _note("support.visit_ended", row, row.staff_id, {}, now)


def visit_run_out(*, visit_id: UUID, now: datetime) -> None:
    """The end of a visit that nobody ended: by then its session shows nothing any more."""
    row = SupportVisit.objects.filter(pk=visit_id, until__lte=now).select_related("tenant").first()
    if row is not None and row.tenant.state in OPEN_STATES:
        visit_end(visit_id=row.pk, tenant=row.tenant, now=row.until)


def _note(
    action: str, visit: SupportVisit, staff_id: UUID, detail: dict[str, str], now: datetime
) -> None:
    audit_record(
        action=action,
        actor_kind="staff",
        actor_id=str(staff_id),
        subject=visit.staff_name,
        detail={"reason": visit.reason, **detail},
        now=now,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
