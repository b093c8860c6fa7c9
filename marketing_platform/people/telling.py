"""Writing to the people and the workspaces that a change of access concerns."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marketing_platform.audit.services import audit_record
from marketing_platform.messaging.services import message_send
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA
from marketing_platform.users.models import User
from marketing_platform.users.selectors import memberships_of


def contact_tell(*, contact: str, kind: str, language: str, subject: str, text: str) -> None:
    """To a number or an e-mail. Raises OutsideFailure."""
    is_phone = contact.startswith("+")
    message_send(
        to_phone=contact if is_phone else None,
        to_email=None if is_phone else contact,
        kind=kind,
        language=language,
        subject=subject,
        text=text,
    )


def workspaces_note(
    *,
    user: User,
    action: str,
    actor_kind: str,
    actor_id: UUID,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """An entry in the log of every workspace in which this person works."""
    for place in memberships_of(user):
        if place.tenant.state not in HAVING_SCHEMA:
            continue
        with tenant_context(place.tenant):
            audit_record(
                action=action,
                actor_kind=actor_kind,
                actor_id=str(actor_id),
                subject=str(user.pk),
                detail=detail,
                now=now,
            )
