import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from marketing_platform.notifications.models import Notification, NotificationReader

SHOWN = 50
MOST_COUNTED = 99


@dataclass(frozen=True)
class Notice:
    """One notification as a person reads it."""

    id: int
    kind: str
    title: str
    text: str
    url: str
    created_at: datetime
    is_new: bool


def notices_for(actor_id: uuid.UUID) -> list[Notice]:
    """The latest of this person, newest first."""
    reader = reader_of(actor_id)
    return [
        Notice(
            id=row.pk,
            kind=row.kind,
            title=_filled(row.title, row.params),
            text=_filled(row.text, row.params),
            url=row.url,
            created_at=row.created_at,
            is_new=row.pk > reader.seen_id,
        )
        for row in _of(actor_id, reader)[:SHOWN]
    ]


def new_count(actor_id: uuid.UUID) -> int:
    """How many are new to this person; counted up to 99."""
    reader = reader_of(actor_id)
    return _of(actor_id, reader).filter(pk__gt=reader.seen_id)[:MOST_COUNTED].count()


def reader_of(actor_id: uuid.UUID) -> NotificationReader:
    found = NotificationReader.objects.filter(actor_id=actor_id).first()
    return found or NotificationReader(actor_id=actor_id)


def _of(actor_id: uuid.UUID, reader: NotificationReader) -> QuerySet[Notification]:
    mine = Notification.objects.filter(Q(actor_id=None) | Q(actor_id=actor_id))
    return mine.exclude(kind__in=reader.muted_kinds) if reader.muted_kinds else mine


def _filled(sentence: str, params: dict[str, Any]) -> str:
    text = gettext(sentence) if sentence else ""
    return text % params if params and text else text
