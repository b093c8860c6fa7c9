"""The second proof of who somebody is: a code of their authenticator app, or a recovery code."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _
from marketing_platform.users.models import Passkey, RecoveryCode, SecondFactor, User
from marketing_platform.users.sealing import (
    SealedSecret,
    SecretUnreadable,
    key_newest,
    secret_open,
    secret_seal,
)
from marketing_platform.users.totp import matching_step, new_secret

PURPOSE = "totp"
RECOVERY_CODES = 10
# Without letters and digits that are read for one another.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class WrongFactor(InvalidInput):
    code = "wrong_second_factor"
    sentence = _("This code is not right, or it was used before. Wait for the next one in the app.")


def has_app(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def has_factor(user: User) -> bool:
    """Whether a second proof is asked for: the app's, and of staff also a passkey's.

    A passkey alone asks its owner nothing more: it is another way in, stronger than a code.
    """
    return has_app(user) or (user.is_staff and Passkey.objects.filter(user=user).exists())


def factor_begin(*, user: User, now: datetime) -> bytes:
    """The secret for a new app, the same until it is confirmed. A confirmed one stays as it is."""
    row = SecondFactor.objects.filter(user=user).first()
    if row is not None:
        return _secret(row)
    secret = new_secret()
    sealed = secret_seal(secret=secret, person_id=user.pk, purpose=PURPOSE)
    SecondFactor.objects.create(
        user=user, sealed=sealed.sealed, sealed_with=sealed.sealed_with, created_at=now
    )
    return secret


def factor_confirm(*, user: User, code: str, now: datetime) -> list[str]:
    """From now on the app is asked for. Returns fresh recovery codes. Raises WrongFactor."""
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        if row is None or not _code_used(row, code, now):
            raise WrongFactor(field="code")
        SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=now)
        return recovery_codes_new(user=user)


def factor_check(*, user: User, code: str, now: datetime) -> None:
    """Use up a code of the app, or a recovery code. Of two at once one is right.

    Raises WrongFactor.
    """
    row = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if row is not None and _code_used(row, code, now):
        return
    spare = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code), used_at=None)
    if not spare.update(used_at=now):
        raise WrongFactor(field="code")


def factor_remove(*, user: User) -> bool:
    """The app, and the recovery codes when nothing else asks for them. False without an app."""
    with transaction.atomic():
        if not (user.is_staff and Passkey.objects.filter(user=user).exists()):
            RecoveryCode.objects.filter(user=user).delete()
        return bool(SecondFactor.objects.filter(user=user).delete()[0])


def factors_seal_again() -> tuple[int, int]:
    """Seal every app's secret with the newest key: how many were, and how many do not open."""
    done = broken = 0
    for row in SecondFactor.objects.exclude(sealed_with=key_newest()).iterator():
        try:
            sealed = secret_seal(secret=_secret(row), person_id=row.user_id, purpose=PURPOSE)
        except SecretUnreadable:
            broken += 1
            continue
        fresh = SecondFactor.objects.filter(pk=row.pk, sealed=row.sealed)
        done += fresh.update(sealed=sealed.sealed, sealed_with=sealed.sealed_with)
    return done, broken


def recovery_codes_new(*, user: User) -> list[str]:
    """Ten codes, shown once; earlier ones stop working."""
    codes = [_recovery_code() for _each in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes]
        )
    return codes


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _code_used(row: SecondFactor, code: str, now: datetime) -> bool:
    step = matching_step(_secret(row), code, now=now, used_step=row.used_step)
    if step is None:
        return False
    fresh = SecondFactor.objects.filter(pk=row.pk, used_step__lt=step)
    return bool(fresh.update(used_step=step))


def _secret(row: SecondFactor) -> bytes:
    kept = SealedSecret(sealed=bytes(row.sealed), sealed_with=row.sealed_with)
    return secret_open(kept, person_id=row.user_id, purpose=PURPOSE)


def _recovery_code() -> str:
    text = "".join(secrets.choice(ALPHABET) for _each in range(10))
    return f"{text[:5]}-{text[5:]}"


def _hash(user: User, code: str) -> str:
    """50 bits of chance each, so that a keyed hash is enough."""
    plain = "".join(code.lower().replace("-", "").split())
    key = f"recovery:{settings.SECRET_KEY}".encode()
    return hmac.new(key, f"{user.pk}:{plain}".encode(), hashlib.sha256).hexdigest()
