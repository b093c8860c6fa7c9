"""Who is asked in, and by which link."""

import hashlib
from datetime import datetime

from django.db.models import QuerySet

from marketing_platform.people.models import Invitation
from marketing_platform.tenants.models import Tenant


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitations(tenant: Tenant, now: datetime) -> QuerySet[Invitation]:
    """Those that still work."""
    return Invitation.objects.filter(
        tenant=tenant, accepted_at=None, withdrawn_at=None, expires_at__gt=now
    )


def invitation_by_token(token: str, now: datetime) -> Invitation | None:
    """The invitation behind a link, if it was neither withdrawn nor is over."""
    rows = Invitation.objects.select_related("tenant").filter(
        token_hash=token_hash(token),
        withdrawn_at=None,
        expires_at__gt=now,
    )
    return rows.first()
