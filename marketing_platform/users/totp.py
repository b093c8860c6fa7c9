"""Codes of an authenticator app: RFC 6238 (TOTP) over RFC 4226 (HOTP), SHA-1, 30 s, six digits.

SHA-1, 30 seconds and six digits are what every authenticator app reads from a QR code; several
ignore other values: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
STEPS_OF_DRIFT = 1


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def key_text(secret: bytes) -> str:
    """The secret as a person types it into the app: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def key_address(secret: bytes, *, issuer: str, account: str) -> str:
    """What the QR code holds."""
    label = quote(f"{issuer}:{account}", safe="")
    key = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": key, "issuer": issuer}, quote_via=quote
    )


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int) -> str:
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, *, now: datetime, used_step: int) -> int | None:
    """The time step the code belongs to, if it is newer than the last used one.

    RFC 6238 §5.2: a code is accepted once. The caller stores the step by compare-and-set.
    """
    typed = "".join(code.split()).encode()
    middle = step_at(now)
    for step in range(middle - STEPS_OF_DRIFT, middle + STEPS_OF_DRIFT + 1):
        matches = hmac.compare_digest(code_of(secret, step).encode(), typed)
        if matches and step > used_step:
            return step
    return None
