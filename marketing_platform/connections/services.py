"""Connecting and disconnecting accounts, and saying that one needs its owner."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marketing_platform.audit.services import audit_record
from marketing_platform.connections.errors import (
    SENTENCES,
    ConnectionBusy,
    ConnectionMissing,
    ProviderUnknown,
)
from marketing_platform.connections.models import Connection, ConnectionState
from marketing_platform.connections.providers import PROVIDERS, Provider
from marketing_platform.connections.sealing import (
    SealBroken,
    is_sealed_with_newest,
    seal,
    unseal,
)
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.inbox.services import account_claim, account_release
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.changed import workspace_changed
from marketing_platform.tenants.context import current_tenant

NOTICE = "connection"
LONGEST_NAME = 200


def connection_save(
    *,
    provider: str,
    account_id: str,
    account_name: str,
    credentials: dict[str, Any],
    details: dict[str, Any],
    scopes: Iterable[str] = (),
    actor_id: uuid.UUID | None,
    now: datetime,
    expires_at: datetime | None = None,
) -> Connection:
    """Connect the account, or the same one again; another of this provider is disconnected first.

    `credentials` (access_token, refresh_token, …) are sealed; `details` are shown and exported, so
    they hold public ids only. Raises ProviderUnknown, AccountTaken (another workspace has it),
    ConnectionBusy (two people connected at once).
    """
    known = _provider(provider)
    with transaction.atomic():
        _others_disconnect(provider, account_id, actor_id=actor_id, now=now)
        row = (
            Connection.objects.select_for_update()
            .filter(provider=provider, account_id=account_id)
            .first()
        ) or Connection(provider=provider, account_id=account_id, connected_at=now)
        if row.state != ConnectionState.CONNECTED:
            row.connected_at = now
        row.account_name = clean_line(account_name)[:LONGEST_NAME]
        row.state, row.details, row.scopes = ConnectionState.CONNECTED, details, list(scopes)
        row.token_expires_at, row.refreshed_at = expires_at, now
        row.connected_by, row.last_ok_at = actor_id, now
        row.failed_at, row.failure_sentence, row.failure_params = None, "", {}
        seal(row, credentials)
        _save_alone(row)
        if known.is_claimed:
            _claim(row, now)
        _audit("account_connected", row, actor_id, now)
        workspace_changed(now=now)
    return row


def connection_disconnect(
    *, connection_id: uuid.UUID, actor_id: uuid.UUID | None, now: datetime
) -> Connection:
    """Forget the secrets; what was planned waits. Twice is no error. Raises ConnectionMissing."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=connection_id).first()
        if row is None:
            raise ConnectionMissing
        if row.state != ConnectionState.DISCONNECTED:
            _disconnect(row, actor_id=actor_id, now=now)
    return row


def connection_needs_sign_in(
    *, connection_id: uuid.UUID, sentence: str = "", now: datetime
) -> bool:
    """The provider takes the token no more: the owner is told, once. False when that was known."""
    waiting = Connection.objects.filter(
        pk=connection_id, state__in=(ConnectionState.CONNECTED, ConnectionState.PAUSED)
    )
    row = waiting.first()
    if row is None:
        return False
    params = {"provider": PROVIDERS[row.provider].label}
    with transaction.atomic():
        changed = waiting.update(
            state=ConnectionState.NEEDS_SIGN_IN,
            failed_at=now,
            failure_sentence=sentence[:400] or SENTENCES["needs_sign_in"],
            failure_params=params,
        )
        if changed:
            notify(
                title=SENTENCES["needs_sign_in"],
                text=_("What is planned there waits until you have."),
                params=params,
                url="/settings/connections/",
                kind=NOTICE,
                key=f"sign-in:{connection_id}:{now.isoformat()}",
                now=now,
            )
            workspace_changed(now=now)
    return bool(changed)


def credentials_seal_again(*, connection_id: uuid.UUID) -> bool:
    """Seal with the newest key. False when it was already; SealBroken when it cannot be opened."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().filter(pk=connection_id).first()
        if row is None or row.sealed is None or is_sealed_with_newest(row):
            return False
        seal(row, unseal(row))
        row.save(update_fields=["sealed", "sealed_with"])
    return True


def workspace_seal_again(*, now: datetime) -> tuple[int, int]:
    """All of this workspace: how many were sealed anew, and how many cannot be opened; their
    owners sign in again.
    """
    done, broken = 0, 0
    for pk in Connection.objects.exclude(sealed=None).values_list("pk", flat=True):
        try:
            done += credentials_seal_again(connection_id=pk)
        except SealBroken:
            broken += 1
            connection_needs_sign_in(connection_id=pk, now=now)
    return done, broken


def _provider(code: str) -> Provider:
    if code not in PROVIDERS:
        raise ProviderUnknown
    return PROVIDERS[code]


def _save_alone(row: Connection) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ConnectionBusy from error


def _others_disconnect(
    provider: str, account_id: str, *, actor_id: uuid.UUID | None, now: datetime
) -> None:
    others = (
        Connection.objects.select_for_update()
        .filter(provider=provider)
        .exclude(account_id=account_id)
        .exclude(state=ConnectionState.DISCONNECTED)
    )
    for row in others:
        _disconnect(row, actor_id=actor_id, now=now)


def _disconnect(row: Connection, *, actor_id: uuid.UUID | None, now: datetime) -> None:
    row.state, row.sealed, row.sealed_with = ConnectionState.DISCONNECTED, None, ""
    row.token_expires_at, row.failed_at = None, None
    row.failure_sentence, row.failure_params = "", {}
    row.save()
    tenant = current_tenant()
    if PROVIDERS[row.provider].is_claimed and tenant is not None:
        account_release(provider=row.provider, account_id=row.account_id, tenant=tenant)
    _audit("account_disconnected", row, actor_id, now)
    workspace_changed(now=now)


def _claim(row: Connection, now: datetime) -> None:
    """News about the account comes to this workspace from now on."""
    tenant = current_tenant()
    if tenant is not None:
        account_claim(
            provider=row.provider,
            account_id=row.account_id,
            parent_id=str(row.details.get("waba_id", "")),
            tenant=tenant,
            now=now,
        )


def _audit(action: str, row: Connection, actor_id: uuid.UUID | None, now: datetime) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=row.provider,
        detail={"account_id": row.account_id, "account_name": row.account_name},
        now=now,
    )
