"""Storing a verified webhook exactly once, and knowing whose account it speaks of."""

import hashlib
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketing_platform.inbox.errors import AccountTaken
from marketing_platform.inbox.models import ExternalAccount, InboundEvent, InboundState
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tiers.registry import REGISTRY


def event_store(
    *,
    provider: str,
    event_id: str,
    kind: str,
    raw_body: bytes,
    payload: Any,
    now: datetime,
    tenant_id: Any = None,
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
                tenant_id=tenant_id,
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


def bodies_empty(*, before: datetime) -> int:
    """Take the words of customers out of deliveries settled before then. The row and its marks
    stay, so the same delivery coming again is still known. What payment providers sent is kept:
    the law on accounts asks for it. Returns how many.
    """
    providers = {name for each in REGISTRY.values() for name in each.webhooks}
    rows = InboundEvent.objects.filter(provider__in=providers, settled_at__lt=before)
    return rows.exclude(payload={}).update(payload={})


def account_claim(
    *, provider: str, account_id: str, tenant: Tenant, now: datetime, parent_id: str = ""
) -> ExternalAccount:
    """From now on news about this account goes to this workspace; claiming again changes nothing
    but `parent_id`. Raises AccountTaken while another workspace holds it.
    """
    with public_context(), transaction.atomic():
        account, _is_new = ExternalAccount.objects.get_or_create(
            provider=provider,
            account_id=account_id,
            defaults={"tenant": tenant, "parent_id": parent_id, "claimed_at": now},
        )
        if account.tenant_id != tenant.pk:
            raise AccountTaken
        if account.parent_id != parent_id:
            account.parent_id = parent_id
            account.save(update_fields=["parent_id"])
        return account


def account_release(*, provider: str, account_id: str, tenant: Tenant) -> bool:
    """News about the account goes nowhere any more; False when it was not this workspace's."""
    with public_context():
        held = ExternalAccount.objects.filter(
            provider=provider, account_id=account_id, tenant=tenant
        )
        return bool(held.delete()[0])
