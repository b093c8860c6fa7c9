"""Inviting, joining, changing roles, handing over and leaving.

Whoever calls is on the public side or inside the workspace; what happens to access is written to
the workspace's own audit log.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.audit.services import audit_record
from marketing_platform.core.text import mask_email, mask_phone
from marketing_platform.messaging.services import message_send
from marketing_platform.people.errors import (
    AlreadyHere,
    InvitationForAnother,
    InvitationGone,
    LastOwner,
    MemberMissing,
    NotYours,
    RoleNotGiven,
)
from marketing_platform.people.models import INVITED_AS, Invitation
from marketing_platform.people.selectors import (
    invitation_by_token,
    open_invitations,
    token_hash,
)
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.quotas import quota_check
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from marketing_platform.users.sessions import sessions_end

INVITATIONS_PER_HOUR = 20
LIFETIME = timedelta(days=7)
# From the most to the least that a role may do; nobody gives or changes a role at or above theirs.
RANK = {Role.OWNER: 0, Role.MANAGER: 1, Role.BILLING: 2, Role.STAFF: 2, Role.VIEWER: 3}


def invitation_make(
    *, tenant: Tenant, by: Membership, role: str, phone: str, email: str, now: datetime
) -> tuple[Invitation, str]:
    """A fresh link for a number or an address; an earlier open one of theirs stops working.

    Returns the invitation and its address, which is shown once. Raises RoleNotGiven, AlreadyHere,
    QuotaReached, LimitReached.
    """
    chosen = _role_below(by, role)
    token = secrets.token_urlsafe(24)
    limit_per_hour("invitations per hour", str(tenant.pk), INVITATIONS_PER_HOUR)
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        people = Membership.objects.filter(tenant=tenant)
        if people.filter(**({"user__phone": phone} if phone else {"user__email": email})).exists():
            raise AlreadyHere(field="phone" if phone else "email")
        _withdraw(open_invitations(tenant, now).filter(phone=phone, email=email), now)
        waiting = open_invitations(tenant, now)
        quota_check(tenant, "people", used=lambda: people.count() + waiting.count())
        row = Invitation.objects.create(
            tenant=tenant,
            phone=phone,
            email=email,
            role=chosen,
            token_hash=token_hash(token),
            invited_by_id=by.user_id,
            invited_by_name=by.user.full_name,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        note(tenant, by.user_id, "people.invited", row.destination, {"role": chosen}, now)
    return row, f"{settings.PUBLIC_URL}/join/{token}/"


def invitation_send(*, invitation: Invitation, url: str, language: str) -> None:
    """By the Messenger, in the inviter's language. Raises OutsideFailure; the link works anyway."""
    with override(language):
        words = {
            "who": invitation.invited_by_name or settings.PRODUCT_NAME,
            "business": invitation.tenant.name,
            "url": url,
        }
        message_send(
            to_phone=invitation.phone or None,
            to_email=invitation.email or None,
            kind="invitation",
            language=language,
            subject=gettext("%(who)s invites you to %(business)s") % words,
            text=gettext(
                "%(who)s invites you to work in %(business)s. The link works for 7 days: %(url)s"
            )
            % words,
        )


def invitation_withdraw(
    *, tenant: Tenant, invitation_id: UUID, by: Membership, now: datetime
) -> None:
    """Raises InvitationGone; a second time changes nothing more."""
    rows = open_invitations(tenant, now).filter(pk=invitation_id)
    row = rows.first()
    if row is None:
        raise InvitationGone
    _role_below(by, row.role)
    with transaction.atomic():
        if _withdraw(rows, now):
            note(tenant, by.user_id, "people.invitation_withdrawn", row.destination, {}, now)


def invitation_accept(*, token: str, user: User, now: datetime) -> Membership:
    """The place in the workspace; of two clicks one makes it and both find it.

    Raises InvitationGone, InvitationForAnother, QuotaReached.
    """
    with transaction.atomic():
        found = invitation_by_token(token, now)
        row = found and Invitation.objects.select_for_update().select_related("tenant").get(
            pk=found.pk
        )
        if row is None or row.withdrawn_at or row.expires_at <= now:
            raise InvitationGone
        if row.accepted_at and row.accepted_by_id != user.pk:
            raise InvitationGone
        if row.destination not in {user.phone, user.email}:
            raise InvitationForAnother(destination=destination_shown(row))
        place = membership_add(tenant=row.tenant, user=user, role=Role(row.role), now=now)
        if row.accepted_at is None:
            row.accepted_at, row.accepted_by_id = now, user.pk
            row.save(update_fields=["accepted_at", "accepted_by_id"])
            note(row.tenant, user.pk, "people.joined", row.destination, {"role": row.role}, now)
    return place


def role_change(
    *, tenant: Tenant, membership_id: int, role: str, by: Membership, now: datetime
) -> Membership:
    """Raises MemberMissing, NotYours, RoleNotGiven."""
    with transaction.atomic():
        row = _member_below(tenant, membership_id, by)
        chosen, before = _role_below(by, role), row.role
        if chosen != before:
            row.role = chosen
            row.save(update_fields=["role"])
            detail = {"from": before, "to": chosen}
            note(tenant, by.user_id, "people.role_changed", str(row.user_id), detail, now)
    return row


def member_remove(*, tenant: Tenant, membership_id: int, by: Membership, now: datetime) -> User:
    """Out at once, on every host. Raises MemberMissing, NotYours."""
    with transaction.atomic():
        row = _member_below(tenant, membership_id, by)
        row.delete()
        sessions_end(row.user)
        note(tenant, by.user_id, "people.removed", str(row.user_id), {"role": row.role}, now)
    return row.user


def workspace_leave(*, tenant: Tenant, membership: Membership, now: datetime) -> None:
    """Raises LastOwner."""
    with transaction.atomic():
        rows = Membership.objects.select_for_update().filter(tenant=tenant)
        owners = [each.pk for each in rows if each.role == Role.OWNER]
        if owners == [membership.pk]:
            raise LastOwner
        rows.filter(pk=membership.pk).delete()
        note(tenant, membership.user_id, "people.left", str(membership.user_id), {}, now)


def destination_shown(invitation: Invitation) -> str:
    """As much of it as tells its owner, and nobody else, which one it is."""
    return mask_phone(invitation.phone) if invitation.phone else mask_email(invitation.email)


def _member_below(tenant: Tenant, membership_id: int, by: Membership) -> Membership:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(tenant=tenant, pk=membership_id).first()
    if row is None:
        raise MemberMissing
    if row.pk == by.pk or RANK[Role(row.role)] <= RANK[Role(by.role)]:
        raise NotYours
    return row


def _role_below(by: Membership, role: str) -> str:
    if role not in INVITED_AS or RANK[Role(role)] <= RANK[Role(by.role)]:
        raise RoleNotGiven(field="role")
    return str(Role(role))


def _withdraw(rows: Any, now: datetime) -> int:
    return int(rows.update(withdrawn_at=now))


def note(
    tenant: Tenant, actor_id: UUID, action: str, subject: str, detail: dict[str, Any], now: datetime
) -> None:
    """Into the workspace's log; a number or address is there as it is shown, not whole."""
    shown = mask_phone(subject) if subject.startswith("+") else subject
    with tenant_context(tenant):
        audit_record(
            action=action,
            actor_kind="human",
            actor_id=str(actor_id),
            subject=shown,
            detail=detail,
            now=now,
        )
