"""The second way to connect: a token that the owner pastes, tried once before it is kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marketing_platform.connections.accounts import Account, page_account, read
from marketing_platform.connections.errors import ProviderUnknown, TokenFieldWrong
from marketing_platform.connections.http import client_for
from marketing_platform.connections.models import Connection
from marketing_platform.connections.providers import PROVIDERS, Provider
from marketing_platform.connections.refreshing import expiry_of, token_alive, token_request
from marketing_platform.connections.services import connection_save
from marketing_platform.core.text import mark as _

ANOTHER_TOKEN = _("it belongs to another number than the one above.")


def provider_for_token(code: str, tier: str) -> Provider:
    """Raises ProviderUnknown."""
    provider = PROVIDERS.get(code)
    if provider is None or tier not in provider.tiers or not provider.token_fields:
        raise ProviderUnknown
    return provider


def token_connect(
    *, provider: Provider, fields: dict[str, str], actor_id: UUID, now: datetime
) -> Connection:
    """Check the fields' shape, ask the provider once, and connect.

    Raises TokenFieldWrong (naming the field), ProviderFailure, AccountTaken.
    """
    given = _checked(provider, fields)
    secret = {row.name for row in provider.token_fields if row.is_secret}
    credentials = {name: text for name, text in given.items() if name in secret}
    details: dict[str, Any] = {n: text for n, text in given.items() if n not in secret}
    expires_at = None
    if provider.refresh and (credentials.get("refresh_token") or "access_token" not in credentials):
        answer = token_request(provider, _form(provider, credentials), details=details)
        credentials["access_token"] = answer["access_token"]
        expires_at = expiry_of(answer, now)
    account = _account(provider, credentials, details)
    return connection_save(
        provider=provider.code,
        account_id=account.id,
        account_name=account.name,
        credentials=credentials,
        details=account.details,
        scopes=provider.scopes,
        actor_id=actor_id,
        now=now,
        expires_at=expires_at,
    )


def connection_try(*, connection: Connection, now: datetime) -> None:
    """Ask the provider one small question. Raises ProviderFailure."""
    provider = PROVIDERS[connection.provider]
    if provider.code in {"salesforce", "marketo"}:
        # A new token is the proof; their other addresses differ by edition.
        held = token_alive(connection, now=now)
        token_alive(connection, now=now, refused=held["access_token"])
        return
    path, params, base = _question(provider, connection.details)
    client_for(connection).get(path, params=params, base=base)


def _checked(provider: Provider, fields: dict[str, str]) -> dict[str, str]:
    given = {}
    for row in provider.token_fields:
        text = fields.get(row.name, "").strip()
        if not text and not row.is_required:
            continue
        if not row.shape.fullmatch(text):
            raise TokenFieldWrong(field=row.name, field_label=row.label, hint=row.hint)
        given[row.name] = text
    return given


def _form(provider: Provider, credentials: dict[str, str]) -> dict[str, str]:
    ids = {name: credentials.get(name, "") for name in ("client_id", "client_secret")}
    if provider.refresh == "client_credentials":
        return {**ids, "grant_type": "client_credentials"}
    token = credentials.get("refresh_token", "")
    return {**ids, "grant_type": "refresh_token", "refresh_token": token}


def _question(provider: Provider, details: dict[str, Any]) -> tuple[str, dict[str, str], str]:
    match provider.code:
        case "meta":
            fields = "id,name,instagram_business_account{id,username}"
            return f"/{details['page_id']}", {"fields": fields}, "main"
        case "whatsapp":
            fields = "id,display_phone_number,verified_name"
            return f"/{details['phone_number_id']}", {"fields": fields}, "main"
        case "google_business":
            return f"/{details['location']}", {"readMask": "name,title"}, "information"
        case _:
            return "/crm/v3/objects/contacts", {"limit": "1"}, "main"


def _account(provider: Provider, credentials: dict[str, str], details: dict[str, Any]) -> Account:
    if provider.code in {"salesforce", "marketo"}:
        host = details["instance_url"].removeprefix("https://")
        return Account(id=host, name=host, details=details)
    path, params, base = _question(provider, details)
    answer = read(provider, credentials["access_token"], path, params, base)
    if provider.code == "hubspot":
        return Account(id="hubspot", name="HubSpot", details=details)
    if str(answer.get("id", "")) != path.strip("/"):
        label = provider.token_fields[-1].label
        raise TokenFieldWrong(field="access_token", field_label=label, hint=ANOTHER_TOKEN)
    if provider.code == "meta":
        return page_account(answer, credentials["access_token"])
    number, name = answer.get("display_phone_number", ""), answer.get("verified_name", "")
    shown = {**details, "phone": str(number)}
    return Account(id=str(answer["id"]), name=f"{name} {number}".strip(), details=shown)
