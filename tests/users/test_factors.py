"""A second proof: codes of an app and recovery codes, each good once."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from marketing_platform.core import clock
from marketing_platform.users.factors import (
    WrongFactor,
    factor_begin,
    factor_check,
    factor_confirm,
    factor_remove,
    factors_seal_again,
    has_factor,
    recovery_codes_left,
    recovery_codes_new,
)
from marketing_platform.users.models import SecondFactor, User
from marketing_platform.users.totp import code_of, step_at

pytestmark = pytest.mark.django_db


def set_up(user: User, now: datetime) -> tuple[bytes, list[str]]:
    secret = factor_begin(user=user, now=now)
    codes = factor_confirm(user=user, code=code_of(secret, step_at(now)), now=now)
    return secret, codes


def test_an_app_counts_once_its_code_was_typed(asha: User) -> None:
    now = clock.now()
    secret = factor_begin(user=asha, now=now)
    assert not has_factor(asha)
    with pytest.raises(WrongFactor):
        factor_confirm(user=asha, code="000000", now=now)

    factor_confirm(user=asha, code=code_of(secret, step_at(now)), now=now)

    assert has_factor(asha)
    assert bytes(SecondFactor.objects.get().sealed).find(secret) == -1


def test_a_code_of_the_app_works_once(asha: User) -> None:
    now = clock.now()
    secret, _codes = set_up(asha, now)
    later = now + timedelta(seconds=30)
    with pytest.raises(WrongFactor):
        factor_check(user=asha, code=code_of(secret, step_at(now)), now=now)

    factor_check(user=asha, code=code_of(secret, step_at(later)), now=later)

    with pytest.raises(WrongFactor):
        factor_check(user=asha, code=code_of(secret, step_at(later)), now=later)


def test_an_old_code_is_refused(asha: User) -> None:
    now = clock.now()
    secret, _codes = set_up(asha, now)

    with pytest.raises(WrongFactor):
        factor_check(
            user=asha, code=code_of(secret, step_at(now) + 1), now=now + timedelta(minutes=2)
        )


def test_a_recovery_code_opens_once_however_it_is_typed(asha: User) -> None:
    _secret, codes = set_up(asha, clock.now())
    assert len(set(codes)) == 10

    factor_check(user=asha, code=f" {codes[0].upper()} ", now=clock.now())

    assert recovery_codes_left(asha) == 9
    with pytest.raises(WrongFactor):
        factor_check(user=asha, code=codes[0], now=clock.now())


def test_new_recovery_codes_end_the_old_ones(asha: User) -> None:
    _secret, codes = set_up(asha, clock.now())
    recovery_codes_new(user=asha)

    with pytest.raises(WrongFactor):
        factor_check(user=asha, code=codes[0], now=clock.now())


def test_another_persons_codes_open_nothing(asha: User, vikram: User) -> None:
    now = clock.now()
    _secret, codes = set_up(asha, now)
    set_up(vikram, now)

    with pytest.raises(WrongFactor):
        factor_check(user=vikram, code=codes[0], now=now)


def test_without_an_app_no_code_is_right(asha: User) -> None:
    _secret, codes = set_up(asha, clock.now())
    assert factor_remove(user=asha)

    with pytest.raises(WrongFactor):
        factor_check(user=asha, code=codes[0], now=clock.now())
    assert not factor_remove(user=asha)


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_at_once_one_uses_the_code(asha: User) -> None:
    now = clock.now()
    secret, _codes = set_up(asha, now)
    later = now + timedelta(seconds=30)
    code = code_of(secret, step_at(later))

    def check(_each: int) -> bool:
        try:
            factor_check(user=asha, code=code, now=later)
        except WrongFactor:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(check, range(16))) == 1


def test_a_new_key_seals_the_apps_again_and_the_old_one_may_go(asha: User, settings: Any) -> None:
    secret = factor_begin(user=asha, now=clock.now())
    newest = "next:" + base64.b64encode(b"n" * 32).decode()
    old = settings.CREDENTIALS_KEYS
    settings.CREDENTIALS_KEYS = (newest, *old)
    assert factors_seal_again() == (1, 0)
    assert factors_seal_again() == (0, 0)
    settings.CREDENTIALS_KEYS = (newest,)
    assert factor_begin(user=asha, now=clock.now()) == secret
    settings.CREDENTIALS_KEYS = ("another:" + base64.b64encode(b"a" * 32).decode(),)
    assert factors_seal_again() == (0, 1)
