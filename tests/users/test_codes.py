from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.users.codes import code_issue, code_use
from marketing_platform.users.errors import CodeExpired, WrongCode
from marketing_platform.users.models import VerificationCode
from marketing_platform.users.phones import phone_parse

PHONE = "+918888800001"


def other(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


@pytest.mark.django_db
def test_a_code_works_once() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())

    assert code_use(code_id=row.pk, digits=f" {digits[:3]} {digits[3:]}", now=clock.now()) == row
    with pytest.raises(CodeExpired):
        code_use(code_id=row.pk, digits=digits, now=clock.now())


@pytest.mark.django_db
def test_three_wrong_tries_use_a_code_up() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())

    for error in (WrongCode, WrongCode, CodeExpired):
        with pytest.raises(error):
            code_use(code_id=row.pk, digits=other(digits), now=clock.now())
    with pytest.raises(CodeExpired):
        code_use(code_id=row.pk, digits=digits, now=clock.now())


@pytest.mark.django_db
def test_a_code_ends_after_five_minutes() -> None:
    now = clock.now()
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=now)

    with pytest.raises(CodeExpired):
        code_use(code_id=row.pk, digits=digits, now=now + timedelta(seconds=301))


@pytest.mark.django_db
def test_a_strangers_request_leaves_the_owners_code_alone() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())
    code_issue(destination=PHONE, purpose="sign_in", now=clock.now())

    assert code_use(code_id=row.pk, digits=digits, now=clock.now()) == row


@pytest.mark.django_db
def test_devanagari_digits_are_digits() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())
    devanagari = digits.translate(str.maketrans("0123456789", "०१२३४५६७८९"))

    assert code_use(code_id=row.pk, digits=devanagari, now=clock.now()) == row


@pytest.mark.django_db
def test_the_code_itself_is_not_stored() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())

    assert digits not in str(VerificationCode.objects.filter(pk=row.pk).values().get())


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_get_three_tries_in_all() -> None:
    row, digits = code_issue(destination=PHONE, purpose="sign_in", now=clock.now())

    def guess(_number: int) -> type[PlatformError]:
        try:
            code_use(code_id=row.pk, digits=other(digits), now=clock.now())
        except PlatformError as error:
            return type(error)
        finally:
            connection.close()
        raise AssertionError("a wrong code was taken")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))

    assert answers.count(WrongCode) <= 2
    assert VerificationCode.objects.get(pk=row.pk).tries_left == 0


@pytest.mark.parametrize(
    "text", ["99999 00001", "099999-00001", "+91 99999 00001", "९९९९९ ००००१", "0091 9999900001"]
)
def test_indian_mobile_numbers_become_e164(text: str) -> None:
    assert phone_parse(text) == "+919999900001"


@pytest.mark.parametrize(
    "text", ["", "12345", "+1 415 555 2671", "1800 123 4567", "020 2612 3456", "99999", "x" * 300]
)
def test_other_numbers_are_refused_with_the_fix(text: str) -> None:
    with pytest.raises(InvalidInput, match="10-digit Indian mobile number") as caught:
        phone_parse(text)
    assert caught.value.field == "phone"
