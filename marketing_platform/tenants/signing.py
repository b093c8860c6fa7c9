"""Signed values that mean something in one workspace only: its id is part of the salt.

The same value signed for another workspace, or by Django's own `signing`, is refused. Where a
value must cross hosts (the hand-over of a sign-in), see users.handoff, which says so inside.
"""

from typing import Any
from uuid import UUID

from django.core import signing

from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.errors import CrossTenantError, SignatureRefused


def sign(value: Any, *, salt: str, tenant_id: UUID | None = None) -> str:
    """Plain JSON `value`, readable by anyone, signed for the acting workspace or `tenant_id`.

    Raises CrossTenantError on the public side without a `tenant_id`.
    """
    return _signer(salt, tenant_id).sign_object(value)


def unsign(token: str, *, salt: str, tenant_id: UUID | None = None) -> Any:
    """The value. Raises SignatureRefused for another workspace's, another salt's or junk."""
    try:
        return _signer(salt, tenant_id).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise SignatureRefused from error


def _signer(salt: str, tenant_id: UUID | None) -> signing.Signer:
    acting = current_tenant()
    whose = acting.pk if acting is not None else tenant_id
    if whose is None or (tenant_id is not None and whose != tenant_id):
        raise CrossTenantError
    return signing.Signer(salt=f"{salt}:{whose.hex}")
