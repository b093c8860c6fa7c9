"""What a sign-in or a pasted token opens: one read at the provider, answered as accounts."""

from dataclasses import dataclass, field
from typing import Any

from marketing_platform.connections.calling import exchange
from marketing_platform.connections.errors import NothingToConnect, PermissionsMissing
from marketing_platform.connections.providers import Provider, base_url

MOST_PAGES = 10


@dataclass(frozen=True)
class Account:
    """One page, place or number that may be connected. `details` are public."""

    id: str
    name: str
    detail: str = ""
    credentials: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


def read(
    provider: Provider, token: str, path: str, params: dict[str, str], base: str = "main"
) -> dict[str, Any]:
    """One question with this token. Raises ProviderFailure."""
    url = base_url(provider, base, {}) + path
    headers = {"Authorization": f"Bearer {token}"}
    answer = exchange(provider, "GET", url, params=params, headers=headers, secrets=[token])
    return answer if isinstance(answer, dict) else {}


def permissions_check(provider: Provider, token: str) -> None:
    """Raises PermissionsMissing naming what was ticked off."""
    rows = read(provider, token, "/me/permissions", {}).get("data", [])
    granted = {
        row.get("permission")
        for row in rows
        if isinstance(row, dict) and row.get("status") == "granted"
    }
    missing = [scope for scope in provider.scopes if scope not in granted]
    if missing:
        raise PermissionsMissing(provider=provider.label, missing=", ".join(missing))


def accounts_of(provider: Provider, secrets: dict[str, Any]) -> list[Account]:
    """Raises ProviderFailure; NothingToConnect for a person without any."""
    found = {"meta": _pages, "google_business": _places}[provider.code](provider, secrets)
    if not found:
        raise NothingToConnect(provider=provider.label)
    return found


def _pages(provider: Provider, secrets: dict[str, Any]) -> list[Account]:
    """Each page has a token of its own, which does not end while the sign-in holds."""
    fields = "id,name,access_token,instagram_business_account{id,username}"
    params = {"fields": fields, "limit": "100"}
    rows = read(provider, secrets["access_token"], "/me/accounts", params).get("data", [])
    return [
        page_account(row, str(row["access_token"]))
        for row in rows
        if isinstance(row, dict) and row.get("id") and row.get("access_token")
    ]


def page_account(row: dict[str, Any], token: str) -> Account:
    instagram = row.get("instagram_business_account") or {}
    details = {"page_id": str(row["id"])}
    if instagram.get("id"):
        details |= {"instagram_id": str(instagram["id"])}
        details |= {"instagram_name": str(instagram.get("username", ""))}
    return Account(
        id=str(row["id"]),
        name=str(row.get("name", "")),
        detail=f"Instagram @{instagram['username']}" if instagram.get("username") else "",
        credentials={"access_token": token},
        details=details,
    )


def _places(provider: Provider, secrets: dict[str, Any]) -> list[Account]:
    token, found = secrets["access_token"], []
    for account in _paged(provider, token, "/accounts", "accounts", base="accounts"):
        name = str(account.get("name", ""))
        params = {"readMask": "name,title,storefrontAddress,metadata", "pageSize": "100"}
        path, base = f"/{name}/locations", "information"
        for row in _paged(provider, token, path, "locations", base=base, **params):
            found.append(_place(name, row, secrets))
    return found


def _place(account: str, row: dict[str, Any], secrets: dict[str, Any]) -> Account:
    location, metadata = str(row.get("name", "")), row.get("metadata") or {}
    lines = (row.get("storefrontAddress") or {}).get("addressLines") or []
    return Account(
        id=location.rpartition("/")[2],
        name=str(row.get("title", "")),
        detail=", ".join(map(str, lines)),
        credentials=secrets,
        details={
            "account": account,
            "location": location,
            "new_review_uri": str(metadata.get("newReviewUri", "")),
        },
    )


def _paged(
    provider: Provider, token: str, path: str, name: str, *, base: str, **params: str
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for _page in range(MOST_PAGES):
        answer = read(provider, token, path, params, base)
        rows += [row for row in answer.get(name, []) if isinstance(row, dict)]
        if not answer.get("nextPageToken"):
            break
        params = {**params, "pageToken": str(answer["nextPageToken"])}
    return rows
