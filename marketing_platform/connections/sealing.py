"""Secrets at rest: AES-256-GCM under a named key, bound to the row they belong to.

The additional data are the workspace, the row and the provider, so a ciphertext copied to another
row or workspace does not open. Of CREDENTIALS_KEYS the newest seals and every one opens; the
settings check them at start-up. Method: NIST SP 800-38D, 96-bit random nonces.
"""

import base64
import json
import os
from typing import Any, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketing_platform.core.errors import Refused
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.errors import CrossTenantError

NONCE_BYTES = 12


class SealBroken(Refused):
    """The secret cannot be opened here: another row's, tampered with, or its key is gone."""

    code = "sign_in_unreadable"
    sentence = _("The saved sign-in cannot be opened any more. Please sign in again.")


class Sealed(Protocol):
    pk: UUID
    provider: str
    sealed: Any
    sealed_with: str


def _keys() -> dict[str, bytes]:
    pairs = (pair.partition(":") for pair in settings.CREDENTIALS_KEYS)
    keys = {name: base64.b64decode(encoded) for name, _colon, encoded in pairs}
    if not keys:
        raise ImproperlyConfigured("CREDENTIALS_KEYS names no key.")
    return keys


def seal(row: Sealed, secrets: dict[str, Any]) -> None:
    """Write the secrets into the row with the newest key; the caller saves it."""
    name, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(secrets).encode()
    row.sealed = nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(row))
    row.sealed_with = name


def unseal(row: Sealed) -> dict[str, Any]:
    """The secrets. Raises SealBroken."""
    key = _keys().get(row.sealed_with)
    sealed = bytes(row.sealed or b"")
    if key is None or len(sealed) <= NONCE_BYTES:
        raise SealBroken
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return json.loads(AESGCM(key).decrypt(nonce, body, _bound_to(row)))
    except (InvalidTag, ValueError) as error:
        raise SealBroken from error


def is_sealed_with_newest(row: Sealed) -> bool:
    return row.sealed_with == next(iter(_keys()))


def _bound_to(row: Sealed) -> bytes:
    tenant = current_tenant()
    if tenant is None:
        raise CrossTenantError("Secrets belong to a workspace; none is acting.")
    return b"credentials|" + tenant.pk.bytes + UUID(str(row.pk)).bytes + row.provider.encode()
