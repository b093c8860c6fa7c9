"""Telling people, and remembering what they have seen."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marketing_platform.notifications.kinds import KINDS
from marketing_platform.notifications.models import Notification, NotificationReader


def notify(
    *,
    title: str,
    kind: str,
    now: datetime,
    text: str = "",
    url: str = "",
    actor_id: uuid.UUID | None = None,
    params: dict[str, Any] | None = None,
    key: str = "",
) -> Notification:
    """A row behind the bell, in the caller's transaction; once per `key`, when one is given.

    `title` and `text` are marked English sentences; `url` is a path of this workspace.
    """
    facts = {
        "kind": kind,
        "title": title,
        "text": text,
        "params": params or {},
        "url": url,
        "actor_id": actor_id,
        "created_at": now,
    }
    if not key:
        return Notification.objects.create(**facts)
    row, _created = Notification.objects.get_or_create(key=key, defaults=facts)
    return row


def notifications_seen(*, actor_id: uuid.UUID, up_to: int) -> None:
    """This person has read all up to this one; never moves back."""
    NotificationReader.objects.get_or_create(actor_id=actor_id)
    NotificationReader.objects.filter(actor_id=actor_id, seen_id__lt=up_to).update(seen_id=up_to)


def notifications_mute(*, actor_id: uuid.UUID, kinds: Iterable[str]) -> None:
    """Exactly these kinds are not told to this person; unknown ones are left out."""
    wanted = [kind for kind in KINDS if kind in set(kinds)]
    NotificationReader.objects.update_or_create(actor_id=actor_id, defaults={"muted_kinds": wanted})
