"""Help, error codes and visits in the tests that walk over everything."""

import hashlib
from datetime import timedelta
from typing import Any

from marketing_platform.core import clock
from tests.isolation.kinds import BARE, OWN, Kind, Row

TOPIC = {"slug": "cancel"}
WORKSPACE = {
    "help/": OWN,
    "help/<slug:slug>/": Row(Kind.OWN, TOPIC),
    "support-visit/end/": BARE,
    "support-visit/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
PUBLIC = {
    "help/": BARE,
    "help/<slug:slug>/": Row(Kind.BARE, TOPIC),
    "talk/": BARE,
    "sign-in/link/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
ADMIN = {}


def _visit(tenant: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "token_hash": hashlib.sha256(f"visit {tenant.pk}".encode()).hexdigest(),
        "begun_at": now,
        "until": now + timedelta(minutes=30),
    }


OWNED = {"support.SupportVisit": _visit}
