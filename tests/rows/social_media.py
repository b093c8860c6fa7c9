"""Planned posts in the tests that walk over everything."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from marketing_platform.core import clock
from tests.isolation.kinds import OWN, Kind, Row

POST = Row(Kind.ROW, {"post_id": "@uuid_row"})
DAY = {"on": "2026-12-01", "language": "en", "variant": "0"}
LOCAL = {
    "posts/approve/": Row(Kind.OWN, form={**DAY, "networks": "facebook", "when": "best"}),
    "posts/words/": Row(Kind.OWN, form={**DAY, "network": "facebook", "caption": "Walk"}),
    "posts/later/": Row(Kind.OWN, form={**DAY, "networks": "facebook"}),
    "posts/no/": Row(Kind.OWN, form={**DAY, "networks": "facebook", "reason": "words"}),
    "posts/stop/": Row(Kind.OWN, form={**DAY, "networks": "facebook"}),
    "posts/week/": OWN,
    "api/local/automation/posts": Row(Kind.OWN, form={"on": "2026-12-01", "network": "facebook"}),
    "api/local/automation/posts/<uuid:post_id>": POST,
    "api/local/automation/posts/<uuid:post_id>/approve": Row(
        Kind.ROW, {"post_id": "@uuid_row"}, form={"content_hash": "0" * 64}
    ),
    "api/local/automation/posts/<uuid:post_id>/cancel": POST,
}


def _post(key: Any, letter: str) -> dict[str, Any]:
    on = clock.today() + timedelta(days=key % 28 if isinstance(key, int) else 0)
    return {
        "on": on,
        "network": "whatsapp_status",
        "language": "en",
        "variant": 0,
        "caption": f"CANARY-{letter} {key}",
        "source": {},
        "failure_params": {},
        "state": "proposed",
        "approved_hash": "",
        "reason": "",
        "scheduled_at": None,
        "effect_id": None,
        "expires_at": clock.now() + timedelta(days=29),
    }


OVERRIDES = {"local_social_media.PlannedPost": _post}


def fill_local(name: str, picture: Any) -> None:
    from local.automation.social_media.models import PlannedPost

    noon = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    PlannedPost.objects.create(
        on=date(2026, 11, 1),
        network="facebook",
        language="en",
        variant=0,
        caption=f"From {name}",
        poster=picture,
        image_sha256="0" * 64,
        state="cancelled",
        content_hash="0" * 64,
        reason="words",
        expires_at=noon + timedelta(hours=12),
        created_at=noon,
        changed_at=noon,
    )
