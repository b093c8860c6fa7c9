"""The life of a workspace: reserved, prepared, active, blocked."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from marketing_platform.core import clock
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import IllegalState, SlugTaken, WorkspaceIncomplete
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.migrations_runner import (
    code_version,
    workspace_lock,
    workspace_migrate,
)
from marketing_platform.tenants.models import Domain, State, Tenant
from marketing_platform.tenants.pool import prepared_claim
from marketing_platform.tenants.slugs import new_schema_name, slug_suggest, slug_validate
from marketing_platform.tenants.snapshot import snapshot_apply
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import spec

logger = logging.getLogger(__name__)

ABANDONED_AFTER = timedelta(days=7)
LEGAL = {
    State.PENDING: {State.PREPARING},
    State.PREPARING: {State.ACTIVE, State.FAILED},
    State.FAILED: {State.PREPARING},
    State.ACTIVE: {State.BLOCKED, State.CLOSING},
    State.BLOCKED: {State.ACTIVE, State.CLOSING},
    State.CLOSING: {State.ACTIVE, State.ERASED},
}
UNPREPARED = (State.PENDING, State.PREPARING, State.FAILED)
FREED = "freed-"


def tenant_reserve(
    *, tier: str, name: str, language: str, actor_id: UUID, now: datetime, slug: str = ""
) -> Tenant:
    """A pending workspace with its address. No schema yet: that follows the decision to pay or try.

    Raises InvalidSlug or SlugTaken for a chosen slug; ValueError for an undeployed tier.
    """
    spec(tier)
    for _attempt in range(5):
        chosen = slug_validate(slug) if slug else slug_suggest(name)
        try:
            with transaction.atomic():
                tenant = Tenant.objects.create(
                    schema_name=new_schema_name(),
                    tier=tier,
                    slug=chosen,
                    name=name,
                    language=language,
                    state_changed_at=now,
                    created_at=now,
                )
                Domain.objects.create(domain=f"{chosen}.{settings.BASE_HOST}", tenant=tenant)
                tenant_event(tenant, "reserved", actor_id=actor_id, now=now)
                return tenant
        except IntegrityError:
            if slug:
                raise SlugTaken(field="slug") from None
    raise SlugTaken(field="slug")


def address_ensure(*, tenant: Tenant, now: datetime) -> bool:
    """Give a workspace whose address was freed a new one, inside the caller's transaction.

    False when it has an address. Raises SlugTaken when others were quicker five times.
    """
    if Domain.objects.filter(tenant=tenant).exists():
        return False
    for _attempt in range(5):
        chosen = slug_suggest(tenant.name) if tenant.slug.startswith(FREED) else tenant.slug
        try:
            with transaction.atomic():
                Tenant.objects.filter(pk=tenant.pk).update(slug=chosen)
                Domain.objects.create(domain=f"{chosen}.{settings.BASE_HOST}", tenant=tenant)
                tenant_event(tenant, "address_given", now=now)
        except IntegrityError:
            continue
        tenant.slug = chosen
        return True
    raise SlugTaken(field="slug")


def tenant_move(
    tenant: Tenant,
    to: State,
    *,
    sources: Collection[State],
    now: datetime,
    reason: str = "",
    actor_id: UUID | None = None,
) -> bool:
    """Compare-and-set a state. True when this call moved it; False when it was there already.

    Raises IllegalState when the present state is not one of `sources`; ValueError when one of
    those may never lead there.
    """
    if not all(to in LEGAL.get(source, ()) for source in sources):
        raise ValueError(f"no way leads from {sorted(sources)} to {to}")
    with transaction.atomic():
        moved = Tenant.objects.filter(pk=tenant.pk, state__in=sources).update(
            state=to, state_changed_at=now
        )
        if moved:
            tenant_event(tenant, to.value, reason=reason, actor_id=actor_id, now=now)
    tenant.refresh_from_db(fields=["state", "state_changed_at"])
    if not moved and tenant.state != to:
        raise IllegalState(state=tenant.get_state_display())
    return bool(moved)


def workspace_provision(tenant: Tenant, *, now: datetime | None = None) -> None:
    """Take or make the schema, run the tier's on_ready, then state active.

    One run at a time per workspace. May be repeated after a kill or a failure at any point: each
    step looks before it acts. A failure is noted and raised, and the workspace stays `preparing`;
    whoever gives up says workspace_give_up.
    """
    with workspace_lock(tenant):
        # Another run may have finished while this one waited.
        tenant.refresh_from_db()
        if tenant.state not in UNPREPARED:
            return
        if tenant.state != State.PREPARING:
            tenant_move(
                tenant,
                State.PREPARING,
                sources=(State.PENDING, State.FAILED),
                reason="direct" if tenant.state == State.PENDING else "tried again",
                now=now or clock.now(),
            )
        try:
            version = _schema_prepare(tenant)
        except Exception as error:
            logger.exception("workspace %s could not be prepared", tenant.slug)
            Tenant.objects.filter(pk=tenant.pk).update(failure=str(error)[:2000])
            raise
        if (tenant.schema_version, tenant.failure) != (version, ""):
            Tenant.objects.filter(pk=tenant.pk).update(schema_version=version, failure="")
            tenant.schema_version, tenant.failure = version, ""
        tenant_move(tenant, State.ACTIVE, sources=(State.PREPARING,), now=clock.now())


def _schema_prepare(tenant: Tenant) -> str:
    """Schema, tables and the tier's own beginnings. Returns the schema's version."""
    version = code_version(tenant.tier)
    # One made ahead was looked at when it was made.
    if tenant.schema_version == version or not prepared_claim(tenant):
        version = _schema_make(tenant)
        lines = workspace_complete(tenant)
        if lines:
            raise WorkspaceIncomplete(workspace=tenant.slug, lines="; ".join(lines[:20]))
    on_ready = spec(tenant.tier).on_ready
    if on_ready:
        with tenant_context(tenant):
            resolve(on_ready)(tenant)
    return version


def _schema_make(tenant: Tenant) -> str:
    """By the tier's snapshot, else by the migrations, which also go on with what a killed run
    began. One that a killed run finished is left as it is.
    """
    version = code_version(tenant.tier)
    if tenant.schema_version == version or snapshot_apply(tenant):
        return version
    return workspace_migrate(tenant)


def workspace_give_up(*, tenant: Tenant, reason: str, now: datetime) -> bool:
    """Nobody tries any more: `failed`, for staff to see. False when it is not being prepared."""
    try:
        return tenant_move(
            tenant, State.FAILED, sources=(State.PREPARING,), reason=reason[:500], now=now
        )
    except IllegalState:
        return False


def tenant_block(*, tenant: Tenant, reason: str, actor_id: UUID, now: datetime) -> bool:
    """Staff close the doors of a workspace; its webhooks are still stored."""
    return tenant_move(
        tenant, State.BLOCKED, sources=(State.ACTIVE,), reason=reason, actor_id=actor_id, now=now
    )


def tenant_reactivate(*, tenant: Tenant, reason: str, actor_id: UUID, now: datetime) -> bool:
    """Open the doors again; a closing workspace is not erased. Only preparing makes one active
    that never was.
    """
    with transaction.atomic():
        is_open = tenant_move(
            tenant,
            State.ACTIVE,
            sources=(State.BLOCKED, State.CLOSING),
            reason=reason,
            actor_id=actor_id,
            now=now,
        )
        Tenant.objects.filter(pk=tenant.pk, state=State.ACTIVE).update(erase_after=None)
    tenant.refresh_from_db(fields=["erase_after"])
    return is_open


def abandoned_slugs_free(*, now: datetime) -> int:
    """Pending workspaces of a week ago give their address back. Returns how many."""
    freed = 0
    stale = Tenant.objects.filter(
        state=State.PENDING, created_at__lt=now - ABANDONED_AFTER
    ).exclude(slug__startswith=FREED)
    for tenant in stale.iterator():
        with transaction.atomic():
            renamed = Tenant.objects.filter(pk=tenant.pk, state=State.PENDING).update(
                slug=f"{FREED}{tenant.schema_name[-26:]}", name=F("name")
            )
            if renamed:
                Domain.objects.filter(tenant=tenant).delete()
                tenant_event(tenant, "address_freed", now=now)
                freed += 1
    return freed
