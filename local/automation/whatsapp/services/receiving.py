"""Webhooks of WhatsApp: at the door (verify, store once, queue), then item by item."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from django.conf import settings
from django.db import transaction

from local.automation.whatsapp.engine.news import (
    AccountNews,
    Address,
    Capability,
    Inbound,
    News,
    Preference,
    Status,
    TemplateCategory,
    TemplateStatus,
    Unread,
    changes_of,
    news_of,
)
from local.automation.whatsapp.services.account import limit_note, marketing_stop
from local.automation.whatsapp.services.inbound import inbound_apply, preference_apply
from local.automation.whatsapp.services.outcomes import status_apply
from local.automation.whatsapp.services.templates import template_moved, template_told
from marketing_platform.core.text import mark as _
from marketing_platform.inbox.errors import (
    ChallengeRefused,
    DeliveryUnreadable,
    SignatureWrong,
)
from marketing_platform.inbox.models import ExternalAccount, InboundEvent, InboundState
from marketing_platform.inbox.services import event_settle, event_store
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import current_tenant, public_context
from marketing_platform.tenants.models import Tenant

logger = logging.getLogger(__name__)
PROVIDER = "whatsapp"
DEEPEST = 40
BAD_NEWS = ("DISABLED", "RESTRICTION", "VIOLATION", "BAN", "REMOVED", "DISCONNECTED")
LOCKED = _("WhatsApp has limited this account. Open WhatsApp Manager to see why.")


def challenge_answer(query: Mapping[str, str]) -> str:
    """What Meta wants to hear when the address is set up. Raises ChallengeRefused."""
    ours = settings.META_WEBHOOK_WORD
    told = query.get("hub.verify_token", "")
    is_right = bool(ours) and hmac.compare_digest(told.encode(), ours.encode())
    if query.get("hub.mode") != "subscribe" or not is_right:
        raise ChallengeRefused
    return query.get("hub.challenge", "")[:200]


def signature_check(raw: bytes, header: str) -> None:
    """X-Hub-Signature-256 over the raw bytes, compared as bytes. Raises SignatureWrong."""
    secret = settings.META_APP_SECRET
    if not secret:
        raise SignatureWrong
    right = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(header.encode("utf-8", "surrogateescape"), right.encode()):
        raise SignatureWrong


@public_context()
def delivery_receive(*, raw: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Store what Meta signed, a row for each workspace concerned, and queue its work in the same
    transaction. False when it was here before. Raises SignatureWrong, DeliveryUnreadable.
    """
    signature_check(raw, headers.get("X-Hub-Signature-256", ""))
    payload = payload_of(raw)
    parts = _parts(payload)
    with transaction.atomic():
        if not parts:
            return _store_ignored(raw, payload, now)
        stored = [_store(tenant, part, raw, len(parts), now) for tenant, part in parts.items()]
    return any(stored)


def payload_of(raw: bytes) -> Any:
    """JSON as PostgreSQL can keep it. Raises DeliveryUnreadable."""
    try:
        return _clean(json.loads(raw, parse_constant=_no_number), 0)
    except (ValueError, RecursionError) as error:
        raise DeliveryUnreadable from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _clean(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("a number without end")
    if isinstance(value, list):
        return [_clean(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {_clean(key, 0): _clean(each, depth + 1) for key, each in value.items()}
    return value


def _parts(payload: Any) -> dict[Tenant, dict[str, Any]]:
    """What of the delivery concerns each workspace, in the shape in which it came."""
    changes = list(changes_of(payload))
    owners = _owners({address for address, _change in changes})
    parts: dict[Tenant, dict[str, Any]] = {}
    for address, change in changes:
        for tenant in owners.get(address, ()):
            part = parts.setdefault(tenant, {"object": payload["object"], "entry": []})
            part["entry"].append({"id": address.account_id, "changes": [change]})
    return parts


def _owners(addresses: set[Address]) -> dict[Address, list[Tenant]]:
    """Of a number its workspace; of a business account every workspace with a number below it."""
    numbers = {address.phone_number_id for address in addresses} - {""}
    accounts = {each.account_id for each in addresses if not each.phone_number_id} - {""}
    rows = ExternalAccount.objects.filter(provider=PROVIDER).select_related("tenant")
    by_number = {row.account_id: row.tenant for row in rows.filter(account_id__in=numbers)}
    by_account: dict[str, list[Tenant]] = {}
    for row in rows.filter(parent_id__in=accounts):
        if row.tenant not in by_account.setdefault(row.parent_id, []):
            by_account[row.parent_id].append(row.tenant)
    found = {}
    for address in addresses:
        if address.phone_number_id:
            tenant = by_number.get(address.phone_number_id)
            found[address] = [tenant] if tenant else []
        else:
            found[address] = by_account.get(address.account_id, [])
    return found


def _store(tenant: Tenant, part: Any, raw: bytes, of: int, now: datetime) -> bool:
    mark = hashlib.sha256(raw).hexdigest()
    own = raw if of == 1 else json.dumps([tenant.pk.hex, part]).encode()
    event = event_store(
        provider=PROVIDER,
        event_id=mark if of == 1 else f"{mark}:{tenant.pk.hex}",
        kind=_kind(part),
        raw_body=own,
        payload=part,
        tenant_id=tenant.pk,
        now=now,
    )
    if event is None:
        return False
    work_schedule(
        task="whatsapp.delivery",
        tenant=tenant,
        arguments={"event_id": event.pk},
        due_at=now,
        key=f"whatsapp.delivery:{event.pk}",
        queue="local",
    )
    return True


def _store_ignored(raw: bytes, payload: Any, now: datetime) -> bool:
    mark = hashlib.sha256(raw).hexdigest()
    event = event_store(
        provider=PROVIDER,
        event_id=mark,
        kind=_kind(payload),
        raw_body=raw,
        payload=payload,
        now=now,
    )
    if event is not None:
        sentence = "no workspace has connected this number or account"
        event_settle(event=event, state=InboundState.IGNORED, outcome=sentence, now=now)
    return event is not None


def _kind(payload: Any) -> str:
    fields = {str(change.get("field", "")) for _address, change in changes_of(payload)}
    return ",".join(sorted(fields))[:80] or "unknown"


# --- inside the workspace


def delivery_apply(*, event_id: int, now: datetime) -> None:
    """Apply every item of a stored delivery, each in a transaction of its own.

    Items that fail leave the others applied and are tried again with the whole delivery: applied
    items are known by their ids and do nothing twice.
    """
    tenant = current_tenant()
    event = InboundEvent.objects.filter(pk=event_id, tenant_id=tenant.pk).first()
    if event is None or event.state != InboundState.STORED:
        return
    applied, unread, failed = 0, [], None
    for _address, change in changes_of(event.payload):
        for news in news_of(change, event.received_at):
            if isinstance(news, Unread):
                unread.append(f"{news.field}: {news.reason}")
                continue
            try:
                with transaction.atomic():
                    applied += bool(news_apply(news, now=now))
            except Exception as error:
                logger.exception("an item of delivery %s failed", event_id)
                failed = failed or error
    if failed is not None:
        raise failed
    outcome = "; ".join([f"{applied} applied", *unread])
    state = InboundState.APPLIED if applied or not unread else InboundState.IGNORED
    event_settle(event=event, state=state, outcome=outcome, now=now)


def delivery_given_up(*, event_id: int, reason: str, now: datetime) -> None:
    """Staff see it in the inbox, with what is wrong."""
    event = InboundEvent.objects.filter(pk=event_id, state=InboundState.STORED).first()
    if event is not None:
        event_settle(event=event, state=InboundState.FAILED, outcome=reason, now=now)


def news_apply(news: News, *, now: datetime) -> bool:
    match news:
        case Inbound():
            return inbound_apply(news, now=now)
        case Status():
            return status_apply(news, now=now)
        case TemplateStatus():
            return template_told(
                remote_id=news.remote_id,
                name=news.name,
                language=news.language,
                state=news.status.lower(),
                reason=news.reason,
                now=now,
            )
        case TemplateCategory():
            return template_moved(
                remote_id=news.remote_id,
                name=news.name,
                language=news.language,
                category=news.category,
                now=now,
            )
        case Preference():
            return preference_apply(news, now=now)
        case Capability():
            limit_note(limit=news.limit, now=now)
            return True
        case AccountNews():
            if any(word in news.event.upper() for word in BAD_NEWS):
                marketing_stop(sentence=LOCKED, now=now)
            return True
    return False
