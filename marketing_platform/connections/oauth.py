"""Signing in at a provider: out from the workspace's host, back over the public one.

The workspace leaves a nonce cookie and sends its hash along in `state`, signed for the workspace.
The provider knows one address of ours, on the public host, which hands the answer back to the
workspace it was signed for. There the cookie is compared, the state is used up, and the person must
be the one who began and still belong here.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from marketing_platform.connections.accounts import Account, accounts_of, permissions_check
from marketing_platform.connections.errors import (
    ConnectionMissing,
    ConnectionsNotReady,
    OfflineAccessMissing,
    ProviderUnknown,
    SignInDenied,
    SignInUnfinished,
)
from marketing_platform.connections.models import AccountChoice, Connection
from marketing_platform.connections.providers import PROVIDERS, Provider, address, application_of
from marketing_platform.connections.refreshing import expiry_of, token_request
from marketing_platform.connections.sealing import SealBroken, seal, unseal
from marketing_platform.connections.selectors import choice_of
from marketing_platform.connections.services import connection_save
from marketing_platform.tenants.errors import SignatureRefused
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.signing import sign, unsign
from marketing_platform.users.handoff import nonce_hash, nonce_new

LIFETIME = timedelta(minutes=10)
COOKIE = "connect_nonce"
SALT = "connections.oauth"


@dataclass(frozen=True)
class Departure:
    url: str
    nonce: str


def provider_for_sign_in(code: str, tier: str) -> Provider:
    """Raises ProviderUnknown; ConnectionsNotReady while our application there is not set up."""
    provider = PROVIDERS.get(code)
    if provider is None or tier not in provider.tiers or provider.kind != "oauth":
        raise ProviderUnknown
    if not application_of(provider)["id"]:
        raise ConnectionsNotReady(provider=provider.label)
    return provider


def sign_in_start(
    *, provider: Provider, tenant: Tenant, actor_id: UUID, now: datetime
) -> Departure:
    """Where to send the browser, and the nonce for its cookie."""
    nonce, digest = nonce_new()
    claim = {
        "provider": provider.code,
        "nonce": digest,
        "user": str(actor_id),
        "jti": secrets.token_urlsafe(16),
        "until": int((now + LIFETIME).timestamp()),
    }
    query = {
        "client_id": application_of(provider)["id"],
        "redirect_uri": callback_url(provider),
        "response_type": "code",
        "state": f"{tenant.pk.hex}.{sign(claim, salt=SALT)}",
        "scope": (" " if provider.code == "google_business" else ",").join(provider.scopes),
        **provider.authorize_params,
    }
    return Departure(f"{address(provider, provider.authorize_url, {})}?{urlencode(query)}", nonce)


def callback_url(provider: Provider) -> str:
    """The one address the provider knows; registered there."""
    return f"{settings.PUBLIC_URL}/connect/{provider.code}/"


def tenant_id_of(state: str, provider: str, *, now: datetime) -> UUID:
    """Whose workspace a state was signed for. Raises SignInUnfinished."""
    head, _dot, signed = state.partition(".")
    try:
        tenant_id = UUID(hex=head)
        _claim(unsign(signed, salt=SALT, tenant_id=tenant_id), provider, now)
    except (ValueError, SignatureRefused) as error:
        raise SignInUnfinished from error
    return tenant_id


def sign_in_finish(
    *,
    provider: Provider,
    tenant: Tenant,
    actor_id: UUID,
    nonce: str,
    answer: dict[str, str],
    now: datetime,
) -> Connection | AccountChoice:
    """The connection, or the choice between several accounts.

    `answer`: state and code, or error, as the provider sent them. Raises SignInUnfinished,
    SignInDenied, OfflineAccessMissing, PermissionsMissing, NothingToConnect, ProviderFailure,
    AccountTaken.
    """
    _state_use(provider, tenant, actor_id, nonce, answer.get("state", ""), now)
    if answer.get("error") or not answer.get("code"):
        raise SignInDenied(provider=provider.label)
    held, expires_at = _tokens(provider, answer["code"], now)
    found = accounts_of(provider, held)
    if len(found) == 1:
        return _save(provider, found[0], expires_at, actor_id, now)
    return _choice(provider, found, expires_at, actor_id, now)


def account_choose(
    *, choice_id: UUID, account_id: str, actor_id: UUID, now: datetime
) -> Connection:
    """Connect one of the accounts of a choice, which is over with it. Raises ConnectionMissing."""
    with transaction.atomic():
        row = choice_of(choice_id, actor_id=actor_id, now=now)
        try:
            held = unseal(row)
        except SealBroken as error:
            raise ConnectionMissing from error
        chosen = held["accounts"].get(account_id)
        if chosen is None:
            raise ConnectionMissing
        until = held["expires_at"]
        expires_at = datetime.fromisoformat(until) if until else None
        row.delete()
        return _save(PROVIDERS[row.provider], Account(**chosen), expires_at, actor_id, now)


def _state_use(
    provider: Provider, tenant: Tenant, actor_id: UUID, nonce: str, state: str, now: datetime
) -> None:
    head, _dot, signed = state.partition(".")
    try:
        claim = _claim(unsign(signed, salt=SALT, tenant_id=tenant.pk), provider.code, now)
    except SignatureRefused as error:
        raise SignInUnfinished from error
    is_same = hmac.compare_digest(nonce_hash(nonce).encode(), str(claim["nonce"]).encode())
    if head != tenant.pk.hex or not nonce or not is_same or claim["user"] != str(actor_id):
        raise SignInUnfinished
    seconds = int(LIFETIME.total_seconds()) * 2
    if not cache.add(f"connect:{claim['jti']}", 1, timeout=seconds):
        raise SignInUnfinished


def _claim(found: Any, provider: str, now: datetime) -> dict[str, Any]:
    try:
        is_good = found["provider"] == provider and found["until"] > now.timestamp()
    except (KeyError, TypeError) as error:
        raise SignInUnfinished from error
    if not is_good:
        raise SignInUnfinished
    return found


def _tokens(provider: Provider, code: str, now: datetime) -> tuple[dict[str, Any], datetime | None]:
    ours = application_of(provider)
    ids = {"client_id": ours["id"], "client_secret": ours["secret"]}
    back = {"code": code, "redirect_uri": callback_url(provider)}
    form = {**ids, **back, "grant_type": "authorization_code"}
    answer = token_request(provider, form, details={})
    if provider.code == "meta":
        # The page tokens that a long-lived sign-in gives do not end by themselves.
        grant = {"grant_type": "fb_exchange_token", "fb_exchange_token": answer["access_token"]}
        answer = token_request(provider, {**ids, **grant}, details={})
        permissions_check(provider, answer["access_token"])
        return {"access_token": answer["access_token"]}, None
    if not answer.get("refresh_token"):
        raise OfflineAccessMissing(provider=provider.label)
    held = {name: answer[name] for name in ("access_token", "refresh_token")}
    return held, expiry_of(answer, now)


def _save(
    provider: Provider,
    account: Account,
    expires_at: datetime | None,
    actor_id: UUID,
    now: datetime,
) -> Connection:
    return connection_save(
        provider=provider.code,
        account_id=account.id,
        account_name=account.name,
        credentials=account.credentials,
        details=account.details,
        scopes=provider.scopes,
        actor_id=actor_id,
        now=now,
        expires_at=expires_at,
    )


def _choice(
    provider: Provider,
    found: list[Account],
    expires_at: datetime | None,
    actor_id: UUID,
    now: datetime,
) -> AccountChoice:
    AccountChoice.objects.filter(expires_at__lte=now).delete()
    row = AccountChoice(
        provider=provider.code,
        accounts=[{"id": each.id, "name": each.name, "detail": each.detail} for each in found],
        actor_id=actor_id,
        expires_at=now + LIFETIME,
    )
    seal(
        row,
        {
            "accounts": {each.id: vars(each) for each in found},
            "expires_at": expires_at.isoformat() if expires_at else "",
        },
    )
    row.save()
    return row
