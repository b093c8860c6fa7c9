"""Is a webhook Stripe's? `Stripe-Signature: t=<seconds>,v1=<hex>,v1=<hex>,v0=…` over the raw body.

v1 is HMAC-SHA256 of "<t>.<body>". The SDK's own check takes timestamps of the future and one secret
alone; here the moment is handed in, both sides have a limit, and there may be two secrets.
"""

import hashlib
import hmac
import re
from datetime import datetime

from billing.errors import InvalidSignature

HEADER = "Stripe-Signature"
TOLERANCE_SECONDS = 300
LONGEST_HEADER = 2_000
TIMESTAMP = re.compile(r"[0-9]{1,12}")
HEX = re.compile(r"[0-9a-f]{64}")


def signature_of(raw: bytes, timestamp: str, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def header_of(raw: bytes, timestamp: str, secret: str) -> str:
    """The header as Stripe would send it."""
    return f"t={timestamp},v1={signature_of(raw, timestamp, secret)}"


def signature_check(raw: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> None:
    """Raises InvalidSignature unless one v1 was made with one of the secrets, 300 s ago at most."""
    timestamp, offered = _parts(header)
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise InvalidSignature
    made = [signature_of(raw, timestamp, secret) for secret in secrets]
    if not any([hmac.compare_digest(one, other) for one in made for other in offered]):
        raise InvalidSignature


def _parts(header: str) -> tuple[str, list[str]]:
    if len(header) > LONGEST_HEADER:
        raise InvalidSignature
    pairs = [item.strip().partition("=") for item in header.split(",")]
    times = [value for name, _is, value in pairs if name == "t"]
    offered = [value for name, _is, value in pairs if name == "v1" and HEX.fullmatch(value)]
    if len(times) != 1 or not TIMESTAMP.fullmatch(times[0]) or not offered:
        raise InvalidSignature
    return times[0], offered
