"""What Razorpay signed: HMAC-SHA256 in hex. Nothing here may fail on what strangers send."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from billing.errors import InvalidSignature

HEADER = "X-Razorpay-Signature"
EVENT_HEADER = "X-Razorpay-Event-Id"
HEX = re.compile(r"[0-9a-f]{64}")
EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def signature_of(raw: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def is_signed(raw: bytes, offered: str, secrets: Iterable[str]) -> bool:
    if not HEX.fullmatch(offered):
        return False
    return any([hmac.compare_digest(signature_of(raw, secret), offered) for secret in secrets])


def signature_check(raw: bytes, offered: str, secrets: Iterable[str]) -> None:
    """Raises InvalidSignature unless one of the secrets signed this very body."""
    if not is_signed(raw, offered, secrets):
        raise InvalidSignature


def event_id_of(raw: bytes, header: str) -> str:
    """The id stands in a header that nobody signed; without a proper one the body names itself."""
    if EVENT_ID.fullmatch(header):
        return header
    return f"body:{hashlib.sha256(raw).hexdigest()}"
