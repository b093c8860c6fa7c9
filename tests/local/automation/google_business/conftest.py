from datetime import UTC, datetime

import pytest

from local.automation.google_business.front_door import GMBAutomation
from marketing_platform.connections.services import connection_save
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.effects.running import effect_step

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def connect():
    """Asha's place on the twin, as signing in leaves it."""
    return connection_save(
        provider="google_business",
        account_id="4001",
        account_name="Asha Sweets",
        credentials={
            "access_token": "google-token-4001",
            "refresh_token": "google-refresh-4001",
        },
        details={"account": "accounts/3001", "location": "locations/4001"},
        actor_id=None,
        now=clock.now(),
    )


def run(effect_id, steps: int = 1):
    """Take an effect on as a worker would, the given number of times."""
    for _step in range(steps):
        effect = Effect.objects.get(pk=effect_id)
        effect_step(effect.pk, effect.step, now=max(clock.now(), effect.next_at))
    return Effect.objects.get(pk=effect_id)


@pytest.fixture
def door() -> GMBAutomation:
    return GMBAutomation()
