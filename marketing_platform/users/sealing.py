"""A person's own secrets at rest: AES-256-GCM under a named key, bound to person and purpose.

The same keys and method as the workspaces' sign-ins to other services (`connections.sealing`),
for rows that belong to a person and to no workspace. A sealed secret copied to another person or
purpose does not open. Method: NIST SP 800-38D, 96-bit random nonces.
"""

import base64
import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """Another person's or purpose's, tampered with, or its key is gone."""


@dataclass(frozen=True)
class SealedSecret:
    sealed: bytes
    sealed_with: str


def key_newest() -> str:
    """The name of the key that seals now."""
    return next(iter(_keys()))


def secret_seal(*, secret: bytes, person_id: UUID, purpose: str) -> SealedSecret:
    name, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    body = AESGCM(key).encrypt(nonce, secret, _bound_to(person_id, purpose))
    return SealedSecret(sealed=nonce + body, sealed_with=name)


def secret_open(secret: SealedSecret, *, person_id: UUID, purpose: str) -> bytes:
    """Raises SecretUnreadable."""
    key = _keys().get(secret.sealed_with)
    if key is None or len(secret.sealed) <= NONCE_BYTES:
        raise SecretUnreadable
    nonce, body = secret.sealed[:NONCE_BYTES], secret.sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, _bound_to(person_id, purpose))
    except InvalidTag as error:
        raise SecretUnreadable from error


def _keys() -> dict[str, bytes]:
    pairs = (pair.partition(":") for pair in settings.CREDENTIALS_KEYS)
    keys = {name: base64.b64decode(encoded) for name, _colon, encoded in pairs}
    if not keys:
        raise ImproperlyConfigured("CREDENTIALS_KEYS names no key.")
    return keys


def _bound_to(person_id: UUID, purpose: str) -> bytes:
    return b"person|" + person_id.bytes + b"|" + purpose.encode()
