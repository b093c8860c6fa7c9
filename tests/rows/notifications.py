"""Notices in the tests that walk over everything."""

import uuid
from datetime import UTC, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

WORKSPACE = {
    "api/notifications": OWN,
    "notifications/": OWN,
    "notifications/seen/": Row(Kind.OWN, form={"up_to": "1001"}),
    "notifications/preferences/": Row(Kind.OWN, form={"told": "job"}),
}


def fill_workspace(name: str, _picture: Any) -> None:
    from marketing_platform.notifications.models import Notification, NotificationReader

    made_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    Notification.objects.create(kind="job", title=f"for {name}", created_at=made_at)
    NotificationReader.objects.create(actor_id=uuid.uuid4(), muted_kinds=["job"])
