"""Webhooks at the door: verify, store once, queue, answer. Nothing is decided here.

Fifty may come in one moment and each is to be answered at once, so that the event and its work are
one statement of the database, and the word to a worker is sent when the answers are out.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from billing.gateways.base import SignedEvent
from billing.gateways.registry import gateway_of
from marketing_platform.inbox.models import InboundEvent, InboundState
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.nudging import nudge_soon
from marketing_platform.tenants.context import public_context

QUEUE = "billing"
# An event whose id or whose body is known adds no row, and no work. Work of a new event's number
# cannot be there yet: it would be refused rather than be left out in silence.
STORE = f"""
WITH stored AS (
    INSERT INTO {InboundEvent._meta.db_table}
        (provider, event_id, body_hash, kind, payload, state, outcome, received_at)
    VALUES (%(provider)s, %(event_id)s, %(body_hash)s, %(kind)s, %(payload)s::jsonb,
            %(state)s, '', %(now)s)
    ON CONFLICT DO NOTHING
    RETURNING id
)
INSERT INTO {DueWork._meta.db_table}
    (task, arguments, key, queue, due_at, attempts, error)
SELECT 'billing.apply_event', jsonb_build_object('event_id', id), 'billing-event:' || id,
       %(queue)s, %(now)s, 0, ''
FROM stored
RETURNING id, arguments -> 'event_id'
"""  # noqa: S608 (names of our own tables)


@public_context()
def webhook_receive(
    *, gateway_code: str, raw: bytes, headers: Mapping[str, str], now: datetime
) -> int | None:
    """Store a signed event and queue its work at once; its number, or None when it was here before.

    Raises UnknownGateway, or InvalidSignature for anything that the gateway did not sign.
    """
    gateway = gateway_of(gateway_code)
    signed = gateway.parse_webhook(raw, headers, now=now)
    with connection.cursor() as cursor:
        cursor.execute(STORE, _row(gateway.code, signed, raw, now))
        found = cursor.fetchone()
    if found is None:
        return None
    work_id, event_id = found
    transaction.on_commit(lambda: nudge_soon(work_id, QUEUE))
    return int(event_id)


def _row(provider: str, signed: SignedEvent, raw: bytes, now: datetime) -> dict[str, Any]:
    return {
        "provider": provider,
        "event_id": signed.event_id,
        "body_hash": hashlib.sha256(raw).hexdigest(),
        "kind": signed.kind,
        "payload": json.dumps(signed.payload),
        "state": InboundState.STORED.value,
        "queue": QUEUE,
        "now": now,
    }
