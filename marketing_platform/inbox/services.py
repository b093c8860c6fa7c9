"""Storing a verified webhook exactly once."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketing_platform.inbox.models import InboundEvent, InboundState


def event_store(
    *, provider: str, event_id: str, kind: str, raw_body: bytes, payload: Any, now: datetime
) -> InboundEvent | None:
    """The new row, or None when this event or this very body was stored before."""
    try:
        with transaction.atomic():
            return InboundEvent.objects.create(
                provider=provider,
                event_id=event_id,
                kind=kind,
                body_hash=hashlib.sha256(raw_body).hexdigest(),
                payload=payload,
                received_at=now,
            )
    except IntegrityError:
        return None


def event_settle(
    *, event: InboundEvent, state: InboundState, outcome: str, now: datetime, tenant_id: Any = None
) -> None:
    """Write what became of a stored event."""
    InboundEvent.objects.filter(pk=event.pk).update(
        state=state, outcome=outcome[:4000], settled_at=now, tenant_id=tenant_id or event.tenant_id
    )
