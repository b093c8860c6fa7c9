"""Connected accounts in the tests that walk over everything."""

import uuid
from datetime import UTC, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

CONNECTION = Row(Kind.ROW, {"connection_id": "@uuid_row"})
PROVIDER = Row(Kind.OWN, {"provider": "meta"})
PUBLIC = {"connect/<slug:provider>/": Row(Kind.BARE, {"provider": "meta"}, query={"state": "x"})}
WORKSPACE = {
    "api/connections": OWN,
    "settings/connections/": OWN,
    "settings/connections/choose/<uuid:choice_id>/": Row(
        Kind.ROW, {"choice_id": "@uuid_row"}, form={"account": "1"}
    ),
    "settings/connections/<slug:provider>/connect/": PROVIDER,
    "settings/connections/<slug:provider>/complete/": Row(
        Kind.OWN, {"provider": "meta"}, query={"state": "x", "code": "x"}
    ),
    "settings/connections/<slug:provider>/token/": PROVIDER,
    "settings/connections/<uuid:connection_id>/test/": CONNECTION,
    "settings/connections/<uuid:connection_id>/disconnect/": CONNECTION,
}


# One live account of each provider.
PROVIDERS = {1001: "meta", 1002: "whatsapp"} | dict.fromkeys((1071, 1091), "google_business")


def _connection(key: int, letter: str) -> dict[str, Any]:
    provider = PROVIDERS.get(key, "salesforce")
    said = f"CANARY-{letter}-{key}"
    return {
        "provider": provider,
        "state": "needs_sign_in",
        "sealed": b"sealed",
        "details": {"page_id": said, "phone_number_id": said, "location": said},
    }


OVERRIDES = {"platform_connections.Connection": _connection}


def fill_workspace(name: str, _picture: Any) -> None:
    from marketing_platform.connections.models import AccountChoice, Connection
    from marketing_platform.connections.sealing import seal

    made_at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    row = Connection(
        provider="meta",
        account_id=f"page of {name}",
        account_name=name,
        state="connected",
        connected_at=made_at,
    )
    seal(row, {"access_token": f"token of {name}"})
    row.save()
    choice = AccountChoice(provider="meta", actor_id=uuid.uuid4(), expires_at=made_at)
    seal(choice, {"accounts": {}, "expires_at": ""})
    choice.save()
