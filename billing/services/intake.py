"""Webhooks at the door: verify, store once, queue, answer. Nothing is decided here."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from billing.gateways.registry import gateway_of
from marketing_platform.inbox.models import InboundEvent
from marketing_platform.inbox.services import event_store
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context


@public_context()
def webhook_receive(
    *, gateway_code: str, raw: bytes, headers: Mapping[str, str], now: datetime
) -> InboundEvent | None:
    """Store a signed event and queue its work in one transaction; None when it was here before.

    Raises UnknownGateway, or InvalidSignature for anything that the gateway did not sign.
    """
    gateway = gateway_of(gateway_code)
    signed = gateway.parse_webhook(raw, headers, now=now)
    with transaction.atomic():
        event = event_store(
            provider=gateway.code,
            event_id=signed.event_id,
            kind=signed.kind,
            raw_body=raw,
            payload=signed.payload,
            now=now,
        )
        if event is not None:
            work_schedule(
                task="billing.apply_event",
                arguments={"event_id": event.pk},
                key=f"billing-event:{event.pk}",
                queue="billing",
            )
    return event
