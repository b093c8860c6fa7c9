"""Production settings complain at start-up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "marketing_platform.settings.production",
    "SECRET_KEY": "k" * 60 + "0123456789-abcdefghij",
    "BASE_DOMAIN": "example.in",
    "BILLING_GATEWAYS": "",
    "MESSENGER": "some.package.SmsSender",
    "CONNECTIONS_MODE": "live",
    "CREDENTIALS_KEYS": "2026:" + "A" * 43 + "=",
    "META_APP_ID": "",
}


def load(
    script: str = "import django; django.setup()", **changes: str | None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_complete_settings_load() -> None:
    done = load()

    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("DATABASE_URL", "REDIS_URL", "BASE_DOMAIN", "CREDENTIALS_KEYS")
        ),
    ],
)
def test_a_missing_variable_is_named(name: str) -> None:
    done = load(**{name: None})

    assert done.returncode != 0
    assert f"Set the environment variable {name}" in done.stderr


def test_the_sandbox_gateway_is_refused() -> None:
    done = load(BILLING_GATEWAYS="sandbox")

    assert done.returncode != 0
    assert "grants access without money" in done.stderr


@pytest.mark.parametrize(
    "keys",
    [
        "2026:short",
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("2026", ":" + "A" * 43 + "=", "a:b,a:b")
        ),
    ],
)
def test_a_key_that_cannot_seal_is_refused_and_not_shown(keys: str) -> None:
    done = load(CREDENTIALS_KEYS=keys)

    assert "each key 32 bytes in base64" in done.stderr
    assert "A" * 43 not in done.stderr


def test_connections_that_reach_nobody_are_refused() -> None:
    assert "CONNECTIONS_MODE=sandbox talks to nobody" in load(CONNECTIONS_MODE="sandbox").stderr


def test_an_application_without_its_secret_is_refused() -> None:
    done = load(META_APP_ID="1234567", META_APP_SECRET="")

    assert "Set META_APP_SECRET" in done.stderr


def test_a_sender_that_only_prints_is_refused() -> None:
    done = load(MESSENGER="marketing_platform.messaging.senders.ConsoleSender")

    assert "codes would go nowhere" in done.stderr


@pytest.mark.slow
def test_forms_may_lead_to_our_own_hosts() -> None:
    script = (
        "import django; django.setup(); from django.conf import settings;"
        "print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    done = load(script=script)

    assert "https://*.example.in" in done.stdout


def test_numbers_and_flags_are_checked() -> None:
    done = load(TRIAL_DAYS="soon")

    assert "TRIAL_DAYS must be a whole number" in done.stderr
