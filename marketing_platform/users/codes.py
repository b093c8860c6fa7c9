"""Six-digit codes: sent, tried, used up. Nothing here reveals whether an account exists."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from marketing_platform.users.errors import CodeExpired, WrongCode
from marketing_platform.users.models import VerificationCode


def code_issue(*, destination: str, purpose: str, now: datetime) -> tuple[VerificationCode, str]:
    """A new code for a number or address; returns the row and the six digits.

    Older codes stay good until they expire: a stranger who asks for codes to somebody's number
    must not take away the one that is being typed. How many are sent is limited by the caller.
    """
    digits = _digits(destination)
    row = VerificationCode(
        destination=destination,
        purpose=purpose,
        tries_left=settings.CODE_TRIES,
        created_at=now,
        expires_at=now + timedelta(seconds=settings.CODE_LIFETIME_SECONDS),
    )
    row.code_hash = _hash(row, digits)
    row.save(force_insert=True)
    return row, digits


def code_use(*, code_id: str, digits: str, now: datetime) -> VerificationCode:
    """Use a code up. A try is taken before the comparison, so that parallel guesses gain nothing.

    Raises CodeExpired (too late, used, no tries left) or WrongCode.
    """
    open_codes = VerificationCode.objects.filter(
        pk=code_id, used_at=None, expires_at__gt=now, tries_left__gt=0
    )
    if not open_codes.update(tries_left=F("tries_left") - 1):
        raise CodeExpired(field="code")
    row = VerificationCode.objects.get(pk=code_id)
    plain = "".join(str(int(c)) for c in digits if c.isdecimal())
    if not hmac.compare_digest(row.code_hash, _hash(row, plain)):
        raise WrongCode(field="code") if row.tries_left else CodeExpired(field="code")
    if not VerificationCode.objects.filter(pk=code_id, used_at=None).update(used_at=now):
        raise CodeExpired(field="code")
    return row


def _digits(destination: str) -> str:
    if settings.DEMO_CODE and destination.startswith(settings.DEMO_PHONES):
        return settings.DEMO_CODE
    return f"{secrets.randbelow(1_000_000):06d}"


def _hash(row: VerificationCode, digits: str) -> str:
    text = f"{row.pk}:{row.destination}:{row.purpose}:{digits}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
