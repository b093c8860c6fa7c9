"""One-time links with which staff help somebody in who cannot get a code."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from marketing_platform.core.errors import NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.users.models import SignInLink, User

LIFETIME = timedelta(minutes=30)


class LinkGone(NotFound):
    code = "sign_in_link_gone"
    sentence = _("This link no longer works. Ask us for a new one.")


def link_make(*, user: User, made_by: UUID, reason: str, now: datetime) -> str:
    """The link's secret; earlier links of this person stop working."""
    token = secrets.token_urlsafe(24)
    SignInLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    SignInLink.objects.create(
        user=user,
        token_hash=_hash(token),
        made_by_id=made_by,
        reason=reason,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return token


def link_works(*, token: str, now: datetime) -> bool:
    return _open(token, now).exists()


def link_use(*, token: str, now: datetime) -> User:
    """Of two presses one signs in. Raises LinkGone."""
    rows = _open(token, now)
    row = rows.select_related("user").first()
    if row is None or not rows.update(used_at=now):
        raise LinkGone
    return row.user


def _open(token: str, now: datetime) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=now, user__is_active=True
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
