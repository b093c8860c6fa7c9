from collections.abc import Callable
from typing import Any

import pytest

from marketing_platform.connections.models import Connection
from marketing_platform.connections.services import connection_save
from marketing_platform.core import clock

PAGE = "100200300400"
LOCATION = {"account": "accounts/3001", "location": "locations/4001"}


@pytest.fixture
def save() -> Callable[..., Connection]:
    """save(provider, account_id, credentials, **more): connected in the acting workspace."""

    def make(provider: str, account_id: str, credentials: dict, **more: Any) -> Connection:
        facts: dict[str, Any] = {"account_name": "Asha Sweets", "details": {}, "scopes": ()}
        facts |= {"actor_id": None, "now": clock.now(), **more}
        return connection_save(
            provider=provider, account_id=account_id, credentials=credentials, **facts
        )

    return make


@pytest.fixture
def page(in_local_workspace: Any, meta_twin: Any, save: Any) -> Connection:
    """Asha's Facebook Page."""
    details = {"page_id": PAGE, "instagram_id": "178000000000001"}
    return save("meta", PAGE, {"access_token": f"page-token-{PAGE}"}, details=details)


@pytest.fixture
def place(in_local_workspace: Any, google_twin: Any, save: Any) -> Connection:
    """Asha's Google profile, whose token is good for an hour."""
    secrets = {"access_token": "google-token-4001", "refresh_token": "google-refresh-4001"}
    return save("google_business", "4001", secrets, details=LOCATION)
