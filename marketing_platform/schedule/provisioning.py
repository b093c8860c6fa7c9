"""From the decision to try or pay to a workspace that is ready."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.errors import IllegalState, TaskRefused
from marketing_platform.tenants.models import State, Tenant, TenantEvent
from marketing_platform.tenants.pool import pool_refill, pool_short
from marketing_platform.tenants.services import (
    address_ensure,
    tenant_move,
    workspace_give_up,
    workspace_provision,
)


def workspace_prepare(
    *, tenant: Tenant, reason: str, now: datetime, actor_id: UUID | None = None
) -> bool:
    """The decision is made (trial, verified event, staff terms): prepare the workspace once.

    The work is queued in the same transaction. Returns False when it was under way or done.
    """
    with transaction.atomic():
        locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if locked.state not in {State.PENDING, State.FAILED}:
            return False
        # It may have waited so long that its address was given back.
        address_ensure(tenant=locked, now=now)
        tenant_move(
            locked,
            State.PREPARING,
            sources=(State.PENDING, State.FAILED),
            reason=reason,
            actor_id=actor_id,
            now=now,
        )
        attempt = TenantEvent.objects.filter(tenant=locked, kind=State.PREPARING).count()
        work_schedule(
            task="tenants.provision",
            arguments={"tenant_id": str(locked.pk)},
            key=f"{_key(locked)}{attempt}",
        )
    tenant.refresh_from_db()
    return True


def workspace_prepare_again(*, tenant: Tenant, reason: str, actor_id: UUID, now: datetime) -> bool:
    """Staff have another try made of a workspace that could not be prepared.

    Also of one that is called `preparing` though no open work would do it. Raises IllegalState
    for any other.
    """
    with transaction.atomic():
        locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if locked.state == State.PREPARING and not _has_open_work(locked):
            workspace_give_up(tenant=locked, reason="no work is left for it", now=now)
        if locked.state != State.FAILED:
            raise IllegalState(state=locked.get_state_display())
        return workspace_prepare(tenant=tenant, reason=reason, actor_id=actor_id, now=now)


def _has_open_work(tenant: Tenant) -> bool:
    rows = DueWork.objects.filter(key__startswith=_key(tenant), done_at=None, dead_at=None)
    return rows.exists()


def _key(tenant: Tenant) -> str:
    return f"provision:{tenant.pk}:"


def provision_given_up(_tenant: None, *, tenant_id: str, reason: str, **_unused: Any) -> None:
    """The last try is over: only now is the workspace called failed."""
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is not None:
        workspace_give_up(tenant=tenant, reason=reason, now=clock.now())


@work_handler("tenants.provision", given_up=provision_given_up, public=True)
def provision(_tenant: None, *, tenant_id: str, **_unused: Any) -> None:
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        raise TaskRefused(reason="there is no such workspace")
    workspace_provision(tenant)
    if tenant.tier in pool_short():
        # By its own row, so that nobody waits for it and its failure fails nothing else.
        work_schedule(
            task="tenants.pool_refill", arguments={"tier": tenant.tier}, key=f"pool:{tenant.pk}"
        )


def pool_refill_schedule(*, now: datetime) -> None:
    """Plan a refill of every pool that is short, once a minute: after a start or a deployment too.

    One statement when nothing is short.
    """
    for tier in pool_short():
        work_schedule(
            task="tenants.pool_refill",
            arguments={"tier": tier},
            key=f"pool:{tier}:{now:%Y-%m-%dT%H:%M}",
        )


@work_handler("tenants.pool_refill", public=True)
def refill(_tenant: None, *, tier: str, **_unused: Any) -> None:
    pool_refill(tier, now=clock.now())
