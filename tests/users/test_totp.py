from datetime import UTC, datetime

import pytest

from marketing_platform.users import totp

RFC_SECRET = b"12345678901234567890"
NOW = datetime.fromtimestamp(1_111_111_109, UTC)
STEP = 37_037_036


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    step = totp.step_at(datetime.fromtimestamp(seconds, UTC))

    assert totp.code_of(RFC_SECRET, step) == code


@pytest.mark.parametrize("typed", ["081804", "081 804", " 081804 "])
def test_code_of_this_moment_names_its_step(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, now=NOW, used_step=0) == STEP


@pytest.mark.parametrize("drift", [-1, 1])
def test_clock_may_be_one_step_off(drift: int) -> None:
    code = totp.code_of(RFC_SECRET, STEP + drift)

    assert totp.matching_step(RFC_SECRET, code, now=NOW, used_step=0) == STEP + drift


@pytest.mark.parametrize("drift", [-2, 2])
def test_clock_two_steps_off_is_refused(drift: int) -> None:
    code = totp.code_of(RFC_SECRET, STEP + drift)

    assert totp.matching_step(RFC_SECRET, code, now=NOW, used_step=0) is None


@pytest.mark.parametrize("used_step", [STEP, STEP + 1])
def test_used_step_and_those_before_it_are_refused(used_step: int) -> None:
    assert totp.matching_step(RFC_SECRET, "081804", now=NOW, used_step=used_step) is None


@pytest.mark.parametrize("typed", ["", "81804", "0818040", "०८१८०४", "abcdef"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.matching_step(RFC_SECRET, typed, now=NOW, used_step=0) is None


def test_key_is_shown_in_groups_of_four() -> None:
    assert totp.key_text(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_address_in_the_qr_code_names_issuer_account_and_key() -> None:
    address = totp.key_address(RFC_SECRET, issuer="Nukkad", account="asha@shop.example")

    assert address == (
        "otpauth://totp/Nukkad%3Aasha%40shop.example"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Nukkad"
    )


def test_new_secrets_differ_and_have_160_bits() -> None:
    first, second = totp.new_secret(), totp.new_secret()

    assert len(first) == len(second) == 20
    assert first != second
