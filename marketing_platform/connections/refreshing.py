"""Keeping a token alive: early, once however many ask, and never giving up over a bad network.

Only the provider's own word (invalid_grant, Meta's 190) ends a connection. Whatever else fails is
tried again by the next call.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from marketing_platform.connections.calling import exchange
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.connections.models import Connection
from marketing_platform.connections.providers import PROVIDERS, Provider, address, application_of
from marketing_platform.connections.sealing import SealBroken, seal, unseal
from marketing_platform.connections.services import connection_needs_sign_in

ENDED = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", "BAD_REFRESH_TOKEN"})
LONGEST_LIFE = 366 * 24 * 3600


def secrets_of(connection: Connection) -> dict[str, Any]:
    """Raises ProviderFailure (needs_sign_in) when they cannot be opened here."""
    try:
        return unseal(connection)
    except SealBroken as error:
        raise _sign_in(PROVIDERS[connection.provider]) from error


def token_alive(connection: Connection, *, now: datetime, refused: str = "") -> dict[str, Any]:
    """The secrets with a token that is good for a while, renewed if it must be.

    `refused`: a token the provider has just turned down. Raises ProviderFailure.
    """
    provider = PROVIDERS[connection.provider]
    secrets = secrets_of(connection)
    if not is_due(provider, connection, secrets, now, refused):
        return secrets
    try:
        return _renew(connection, provider, now, refused)
    except ProviderFailure as failure:
        if failure.kind == "needs_sign_in":
            connection_needs_sign_in(
                connection_id=connection.pk, sentence=failure.sentence, now=now
            )
        raise


def is_due(
    provider: Provider, row: Connection, secrets: dict[str, Any], now: datetime, refused: str
) -> bool:
    token = secrets.get("access_token", "")
    if refused and token == refused:
        return True
    if not token:
        return True
    early = timedelta(seconds=provider.refresh_early_seconds)
    return row.token_expires_at is not None and row.token_expires_at - early <= now


def _renew(
    connection: Connection, provider: Provider, now: datetime, refused: str
) -> dict[str, Any]:
    """Under the row's lock: who waited for it finds the token that was just fetched."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        secrets = secrets_of(row)
        if is_due(provider, row, secrets, now, refused):
            secrets, expires_at = _asked(provider, row, secrets, now)
            seal(row, secrets)
            row.token_expires_at, row.refreshed_at = expires_at, now
            row.save(update_fields=["sealed", "sealed_with", "token_expires_at", "refreshed_at"])
    connection.sealed, connection.sealed_with = row.sealed, row.sealed_with
    connection.token_expires_at = row.token_expires_at
    return secrets


def _asked(
    provider: Provider, row: Connection, secrets: dict[str, Any], now: datetime
) -> tuple[dict[str, Any], datetime | None]:
    form = _form(provider, secrets)
    if form is None:
        raise _sign_in(provider)
    answer = token_request(provider, form, details=row.details)
    fresh = {**secrets, "access_token": answer["access_token"]}
    if answer.get("refresh_token"):
        fresh["refresh_token"] = answer["refresh_token"]
    return fresh, expiry_of(answer, now)


def _form(provider: Provider, secrets: dict[str, Any]) -> dict[str, str] | None:
    ours = application_of(provider)
    form = {
        "client_id": secrets.get("client_id") or ours["id"],
        "client_secret": secrets.get("client_secret") or ours["secret"],
    }
    if provider.refresh == "client_credentials":
        return {**form, "grant_type": "client_credentials"}
    if provider.refresh == "refresh_token" and secrets.get("refresh_token"):
        return {**form, "grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
    return None


def token_request(
    provider: Provider, form: dict[str, str], *, details: dict[str, Any]
) -> dict[str, Any]:
    """Ask the token address. Raises ProviderFailure; needs_sign_in only when it says so itself."""
    url = address(provider, provider.token_url, details)
    secrets = [form[name] for name in ("client_secret", "refresh_token", "code") if form.get(name)]
    try:
        answer = exchange(provider, "POST", url, data=form, secrets=secrets)
    except ProviderFailure as failure:
        raise _judged(provider, failure) from failure
    if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
        raise ProviderFailure("server", provider=provider.label, http_status=200)
    return answer


def _judged(provider: Provider, failure: ProviderFailure) -> ProviderFailure:
    if failure.code in ENDED or failure.code == 190:
        return _sign_in(provider, code=failure.code)
    # A 401 or 400 without the word: a fault in between, perhaps; the next call asks again.
    refused = failure.kind in {"needs_sign_in", "rejected", "not_found"}
    return ProviderFailure(
        "server" if refused else failure.kind,
        provider=provider.label,
        code=failure.code,
        http_status=failure.http_status,
        retry_after=failure.retry_after,
        # Whatever became of the token, what it was wanted for has not begun.
        outcome="not_applied",
    )


def expiry_of(answer: dict[str, Any], now: datetime) -> datetime | None:
    """When the token ends; None when the provider does not say. Some send the seconds as text."""
    try:
        seconds = int(answer.get("expires_in") or 0)
    except (TypeError, ValueError, OverflowError):
        return None
    return now + timedelta(seconds=min(seconds, LONGEST_LIFE)) if seconds > 0 else None


def _sign_in(provider: Provider, code: Any = "") -> ProviderFailure:
    return ProviderFailure("needs_sign_in", provider=provider.label, code=code)
