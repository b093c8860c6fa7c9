"""Effects in the tests that walk over everything."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

EFFECT = Row(Kind.ROW, {"effect_id": "@uuid_row"})
WORKSPACE = {
    "api/effects": Row(Kind.OWN, query={"show": "all"}),
    "api/effects/<uuid:effect_id>": EFFECT,
    "api/effects/<uuid:effect_id>/answer": Row(
        Kind.ROW, {"effect_id": "@uuid_row"}, form={"happened": True}
    ),
    "effects/": OWN,
    "effects/stop/": Row(Kind.OWN, form={"on": "no"}),
    "effects/channels/<uuid:connection_id>/try-again/": Row(
        Kind.ROW, {"connection_id": "@uuid_row"}
    ),
    "effects/<uuid:effect_id>/": EFFECT,
    "effects/<uuid:effect_id>/answer/": Row(
        Kind.ROW, {"effect_id": "@uuid_row"}, form={"answer": "live"}
    ),
    "effects/<uuid:effect_id>/cancel/": EFFECT,
}
ONE_ROW = {"platform_effects.EmergencyStop"}


def _effect(key: int, letter: str) -> dict[str, Any]:
    due_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    return {"due_at": due_at, "expires_at": due_at + timedelta(hours=6)}


OVERRIDES = {
    "platform_effects.Effect": _effect,
    "platform_effects.ChannelHealth": lambda key, letter: {
        "paused_at": datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    },
}


def fill_workspace(name: str, _picture: Any) -> None:
    from marketing_platform.effects.models import (
        ChannelHealth,
        Effect,
        EffectEvent,
        EmergencyStop,
    )

    due_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    effect = Effect.objects.create(
        kind="test.post",
        dedupe_key=name,
        connection_id=uuid.uuid4(),
        provider="meta",
        account_id="page-1",
        subject=f"Post of {name}",
        state="confirmed",
        due_at=due_at,
        expires_at=due_at + timedelta(hours=6),
        next_at=due_at,
        created_at=due_at,
        ended_at=due_at,
    )
    EffectEvent.objects.create(effect=effect, happened_at=due_at, to_state="confirmed")
    EmergencyStop.objects.create(id=1, is_on=False)
    ChannelHealth.objects.create(connection_id=effect.connection_id, failures=1)
