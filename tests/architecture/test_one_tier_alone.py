"""PLATFORM_TIERS deploys one tier alone: the other's code is not even imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import sys
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
for tier in settings.TIERS:
    get_resolver(settings.TENANT_TYPES[tier]["URLCONF"]).url_patterns
get_resolver(settings.ROOT_URLCONF).url_patterns
get_resolver(settings.ADMIN_URLCONF).url_patterns
from marketing_platform.onboarding.plan_cards import plan_cards
from marketing_platform.schedule.registry import HANDLERS
from django.contrib import admin
other = {other!r}
print([name for name in sys.modules if name == other or name.startswith(other + ".")])
print([name for name in HANDLERS if name.startswith(other)])
print([m._meta.label for m in admin.site._registry if m._meta.app_label.startswith(other)])
"""


def run(tiers: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PLATFORM_TIERS": tiers},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(("tiers", "other"), [("local", "enterprise"), ("enterprise", "local")])
def test_the_other_tiers_code_is_not_imported(tiers: str, other: str) -> None:
    done = run(tiers, "-c", PROBE.format(other=other))

    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-3:] == ["[]", "[]", "[]"]


# bin/check asks the same under every value.
@pytest.mark.slow
@pytest.mark.parametrize("tiers", ["local", "enterprise", "local,enterprise"])
def test_the_migrations_are_complete_under_every_value(tiers: str) -> None:
    done = run(tiers, "manage.py", "makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_an_unknown_value_is_refused_at_start() -> None:
    done = run("gold", "manage.py", "check")

    assert done.returncode != 0
    assert "PLATFORM_TIERS names ['gold']" in done.stderr
