"""Reading files, and the signed addresses under which they are handed out."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.files.storage import default_storage

from marketing_platform.core.clock import now as present
from marketing_platform.core.errors import NotFound
from marketing_platform.media.errors import MediaMissing
from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.errors import CrossTenantError, SignatureRefused
from marketing_platform.tenants.signing import sign, unsign

SIGNED_PATH = "/media/signed/"
SALT = "platform_media.signed"
WHOLE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class SignedUrl:
    """An address that works without signing in until `expires_at` (aware, UTC)."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class SignedClaim:
    """What a valid token says: which file of which workspace, until when."""

    tenant_id: uuid.UUID
    media_id: uuid.UUID
    expires_at: datetime


def signed_url(
    media_file: MediaFile,
    *,
    base_url: str,
    expires_in: timedelta = timedelta(hours=24),
    now: datetime | None = None,
) -> SignedUrl:
    """The file's address below `base_url` ('http://asha.localhost:8000') for the acting workspace.

    Expiries of hours end at a full hour, at or after the wish, so that a page loaded twice names
    the same address and the browser's cache serves it.
    """
    expires_at = (now or present()).astimezone(UTC) + expires_in
    expires_at = expires_at.replace(microsecond=0)
    if expires_in > WHOLE_HOUR:
        past_hour = timedelta(minutes=expires_at.minute, seconds=expires_at.second)
        expires_at += (WHOLE_HOUR - past_hour) if past_hour else timedelta()
    tenant = current_tenant()
    if tenant is None:
        raise CrossTenantError
    claim = sign([media_file.pk.hex, int(expires_at.timestamp())], salt=SALT)
    # The public host has to know whose it is before it can check the signature.
    token = f"{tenant.pk.hex}.{claim}"
    return SignedUrl(f"{base_url.rstrip('/')}{SIGNED_PATH}{token}", expires_at)


def claim_of(token: str, *, now: datetime) -> SignedClaim:
    """What the token grants. Raises NotFound when it is not ours or has expired.

    Inside a workspace, another workspace's token is not ours.
    """
    whose, _dot, signed = token.partition(".")
    try:
        tenant_id = uuid.UUID(hex=whose)
        media_id, expires_at = unsign(signed, salt=SALT, tenant_id=tenant_id)
        claim = SignedClaim(
            tenant_id, uuid.UUID(hex=media_id), datetime.fromtimestamp(expires_at, UTC)
        )
    except (CrossTenantError, SignatureRefused, ValueError, TypeError, AttributeError) as error:
        raise NotFound from error
    # One address for one file: no other spelling of the workspace's id.
    if claim.expires_at <= now or whose != tenant_id.hex:
        raise NotFound
    return claim


def media_file_of(media_id: uuid.UUID) -> MediaFile:
    """The acting workspace's file. Raises NotFound."""
    found = MediaFile.objects.filter(pk=media_id).first()
    if found is None:
        raise NotFound
    return found


def content_of(media_file: MediaFile) -> bytes:
    """The file's bytes. Raises MediaMissing when the disk has lost it."""
    try:
        with default_storage.open(media_file.storage_path) as opened:
            return opened.read()
    except FileNotFoundError as error:
        raise MediaMissing from error
