import base64
import os
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketing_platform.users.sealing import (
    SealedSecret,
    SecretUnreadable,
    secret_open,
    secret_seal,
)

ASHA, MEERA = UUID(int=1), UUID(int=2)
SECRET = b"12345678901234567890"


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.CREDENTIALS_KEYS = (key("first"),)


def sealed() -> SealedSecret:
    return secret_seal(secret=SECRET, person_id=ASHA, purpose="totp")


def test_sealed_secret_opens_for_its_person_and_purpose() -> None:
    secret = sealed()

    assert SECRET not in secret.sealed
    assert secret.sealed_with == "first"
    assert secret_open(secret, person_id=ASHA, purpose="totp") == SECRET


@pytest.mark.parametrize(("person", "purpose"), [(MEERA, "totp"), (ASHA, "passkey")])
def test_another_person_or_purpose_opens_nothing(person: UUID, purpose: str) -> None:
    with pytest.raises(SecretUnreadable):
        secret_open(sealed(), person_id=person, purpose=purpose)


@pytest.mark.parametrize("change", [lambda body: body[:-1] + bytes([body[-1] ^ 1]), lambda _: b""])
def test_changed_secret_opens_nothing(change: Any) -> None:
    secret = SealedSecret(change(sealed().sealed), "first")

    with pytest.raises(SecretUnreadable):
        secret_open(secret, person_id=ASHA, purpose="totp")


def test_newest_key_seals_and_the_old_one_still_opens(settings: Any) -> None:
    old = sealed()
    settings.CREDENTIALS_KEYS = (key("new"), *settings.CREDENTIALS_KEYS)

    assert sealed().sealed_with == "new"
    assert secret_open(old, person_id=ASHA, purpose="totp") == SECRET


def test_secret_of_a_lost_key_opens_nothing(settings: Any) -> None:
    old = sealed()
    settings.CREDENTIALS_KEYS = (key("new"),)

    with pytest.raises(SecretUnreadable):
        secret_open(old, person_id=ASHA, purpose="totp")


def test_without_a_key_nothing_is_sealed(settings: Any) -> None:
    settings.CREDENTIALS_KEYS = ()

    with pytest.raises(ImproperlyConfigured):
        sealed()
