"""Making, reading and revoking API keys: live_<prefix>_<secret> or test_<prefix>_<secret>."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

from marketing_platform.api.errors import KeyInvalid
from marketing_platform.api.models import SCOPES, ApiKey
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, NotFound
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.backend.errors import SchemaMissing
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import is_outdated

USED_EVERY = timedelta(minutes=1)


def key_create(
    *,
    tenant: Tenant,
    name: str,
    scopes: tuple[str, ...],
    is_test: bool,
    created_by_id: UUID | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """The row and the key in clear: the only moment it can be seen. Raises InvalidInput."""
    name = clean_line(name)
    if not 1 <= len(name) <= 80:
        raise InvalidInput(_("Give the key a name of 1 to 80 characters."), field="name")
    if not scopes or set(scopes) - set(SCOPES):
        raise InvalidInput(
            _("Choose what the key may do: read, or read and write."), field="scopes"
        )
    prefix = f"{'test' if is_test else 'live'}_{secrets.token_hex(6)}"
    secret = secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        tenant=tenant,
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        is_test=is_test,
        created_by_id=created_by_id,
        expires_at=expires_at,
        created_at=now,
    )
    return row, f"{prefix}_{secret}"


def key_revoke(*, tenant: Tenant, key_id: UUID, now: datetime) -> None:
    """Works at once: keys are read from the database at every call. Raises NotFound."""
    rows = ApiKey.objects.filter(tenant=tenant, pk=key_id)
    if not rows.exists():
        raise NotFound
    rows.filter(revoked_at=None).update(revoked_at=now)


def key_of_request(request: HttpRequest) -> ApiKey | None:
    """The key in `Authorization: Bearer …` or `X-Api-Key`; None when none was sent.

    Raises KeyInvalid for a malformed, unknown, revoked or expired one.
    """
    header = request.headers.get("Authorization", "")
    text = header[7:].strip() if header[:7].lower() == "bearer " else ""
    text = text or request.headers.get("X-Api-Key", "").strip()
    if not text:
        if header:
            raise KeyInvalid
        return None
    kind, _sep, rest = text.partition("_")
    prefix, _sep, secret = rest.partition("_")
    if kind not in {"live", "test"} or not secret or len(text) > 200:
        raise KeyInvalid
    try:
        row = _usable(f"{kind}_{prefix}", secret, clock.now())
    except SchemaMissing:
        # A restored workspace lies in another schema.
        request.has_outdated_host = True
        raise KeyInvalid from None
    if row is None and request.tenant is not None:
        # A key says whose it is, so another workspace's is known for what it is.
        with public_context():
            row = _usable(f"{kind}_{prefix}", secret, clock.now())
    if row is None or _shows_outdated_host(row, request):
        raise KeyInvalid
    return row


def _shows_outdated_host(row: ApiKey, request: HttpRequest) -> bool:
    """Whether the workspace, read with the key, is not what the host middleware entered.

    It then answers again, from the fresh row.
    """
    entered = request.tenant
    if entered is None or entered.pk != row.tenant_id:
        return False
    request.tenant = row.tenant
    request.has_outdated_host = is_outdated(row.tenant, entered.schema_name)
    return request.has_outdated_host


def _usable(prefix: str, secret: str, now: datetime) -> ApiKey | None:
    row = ApiKey.objects.select_related("tenant").filter(prefix=prefix).first()
    if row is None or not hmac.compare_digest(row.secret_hash, _hash(secret)):
        return None
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash cannot be guessed backwards.
    return hashlib.sha256(secret.encode()).hexdigest()
