"""Signing in on one host and arriving signed in on another.

The workspace host starts: it sets a 60-second nonce cookie and sends the nonce's hash along. The
public host, where the session lives, signs who, where and how; the workspace host compares the
cookie, uses the token up, re-checks the membership and starts its own host-only session.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.core.cache import cache
from django.utils.http import url_has_allowed_host_and_scheme

from marketing_platform.tenants.models import Tenant
from marketing_platform.users.errors import HandOffRefused
from marketing_platform.users.models import Membership, User

LIFETIME_SECONDS = 60
COOKIE = "handoff_nonce"
SALT = "users.handoff"


@dataclass(frozen=True)
class HandOff:
    user: User
    membership: Membership
    next_path: str
    family: str = ""
    # When the person last proved who they are, in seconds.
    proved_at: int = 0


def nonce_new() -> tuple[str, str]:
    """A nonce for the cookie and its hash for the address."""
    nonce = secrets.token_urlsafe(24)
    return nonce, nonce_hash(nonce)


def nonce_hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()


def is_nonce_hash(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def safe_next(path: str) -> str:
    """Only a path of our own host; anything else becomes the home page."""
    is_ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None) and path.startswith("/")
    return path if is_ours else "/"


def token_sign(
    *,
    user: User,
    tenant: Tenant,
    nonce_digest: str,
    next_path: str,
    family: str = "",
    proved_at: int = 0,
) -> str:
    """Raises HandOffRefused when the person does not belong to the workspace."""
    if not Membership.objects.filter(user=user, tenant=tenant).exists() or not user.is_active:
        raise HandOffRefused
    return signing.dumps(
        {
            "user": str(user.pk),
            "tenant": str(tenant.pk),
            "nonce": nonce_digest,
            "generation": user.session_generation,
            "jti": secrets.token_urlsafe(16),
            "next": safe_next(next_path),
            "family": family,
            "proved_at": proved_at,
        },
        salt=SALT,
    )


def token_use(*, token: str, tenant: Tenant, nonce: str) -> HandOff:
    """Check and use up a token on the workspace host. Raises HandOffRefused for any doubt."""
    try:
        claim = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
        user_id = UUID(claim["user"])
    except (signing.BadSignature, KeyError, ValueError, TypeError) as error:
        raise HandOffRefused from error
    claimed_digest = str(claim.get("nonce")).encode()
    if not nonce or not hmac.compare_digest(nonce_hash(nonce).encode(), claimed_digest):
        raise HandOffRefused
    if claim["tenant"] != str(tenant.pk):
        raise HandOffRefused
    if not cache.add(f"handoff:{claim['jti']}", 1, timeout=LIFETIME_SECONDS * 2):
        raise HandOffRefused
    membership = (
        Membership.objects.select_related("user")
        .filter(user_id=user_id, tenant=tenant, user__is_active=True)
        .first()
    )
    if membership is None or membership.user.session_generation != claim["generation"]:
        raise HandOffRefused
    return HandOff(
        membership.user,
        membership,
        safe_next(claim["next"]),
        str(claim.get("family", "")),
        int(claim.get("proved_at", 0)),
    )
