"""Closing a workspace: a date is set, until which it may be kept, and then it is erased.

Until then it is read as before, and its address still leads to it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from marketing_platform.core.errors import InvalidInput
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Domain, State, Tenant, TenantEvent
from marketing_platform.tenants.services import tenant_move
from marketing_platform.tenants.slugs import RETIRED, slug_digest

GRACE = timedelta(days=30)
ERASED_NAME = "Erased workspace"


def tenant_close(
    *,
    tenant: Tenant,
    reason: str,
    actor_id: UUID | None,
    now: datetime,
    grace: timedelta = GRACE,
) -> bool:
    """Set the date of the erasure; of a closing one, another date. False when nothing changed.

    tenant_reactivate undoes it. Raises InvalidInput for a grace below nought; IllegalState for a
    workspace that is not active, blocked or closing.
    """
    if grace < timedelta():
        raise InvalidInput("The days until the erasure cannot be negative.", field="grace")
    with transaction.atomic():
        is_new = tenant_move(
            tenant,
            State.CLOSING,
            sources=(State.ACTIVE, State.BLOCKED),
            reason=reason,
            actor_id=actor_id,
            now=now,
        )
        rows = Tenant.objects.filter(pk=tenant.pk, state=State.CLOSING)
        changed = rows.filter(~Q(erase_after=now + grace) | Q(erase_after=None)).update(
            erase_after=now + grace
        )
        if changed and not is_new:
            tenant_event(tenant, "closing_moved", reason=reason, actor_id=actor_id, now=now)
    tenant.refresh_from_db(fields=["erase_after"])
    return bool(changed)


def erasures_due(now: datetime) -> list[Tenant]:
    """Workspaces whose grace is over, and those whose erasure was begun and not finished."""
    return list(
        Tenant.objects.filter(
            state__in=(State.CLOSING, State.ERASED), erase_after__lte=now
        ).order_by("erase_after")
    )


def tenant_bury(*, tenant: Tenant, now: datetime) -> bool:
    """What is left of an erased workspace: a row without name or address. Its host is nobody's.

    Its address is never given to another: printed on posters, it would lead to a stranger.
    """
    with transaction.atomic():
        slug = tenant.slug
        if not tenant_move(tenant, State.ERASED, sources=(State.CLOSING,), now=now):
            return False
        tenant_event(tenant, RETIRED, reason=slug_digest(slug), now=now)
        # Events outlive the workspace; these named its address once.
        TenantEvent.objects.filter(tenant=tenant, kind="address_given").update(reason="")
        Domain.objects.filter(tenant=tenant).delete()
        Tenant.objects.filter(pk=tenant.pk).update(
            slug=f"erased-{tenant.schema_name[-26:]}", name=ERASED_NAME, failure=""
        )
    tenant.refresh_from_db()
    return True


def erasure_finish(*, tenant: Tenant, now: datetime) -> None:
    """Nothing is left to be erased."""
    with transaction.atomic():
        if Tenant.objects.filter(pk=tenant.pk, state=State.ERASED).update(erase_after=None):
            tenant_event(tenant, "erasure_finished", now=now)
    tenant.refresh_from_db()
