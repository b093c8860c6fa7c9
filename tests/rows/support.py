"""Help, error codes and visits in the tests that walk over everything."""

import hashlib
import uuid
from datetime import timedelta
from typing import Any

from marketing_platform.core import clock
from marketing_platform.support.models import SupportVisit
from tests.isolation.kinds import BARE, OWN, Kind, Row

TOPIC = {"slug": "cancel"}
USEFUL = Row(Kind.OWN, TOPIC, form={"useful": "yes"})
WORKSPACE = {
    "help/": OWN,
    "help/<slug:slug>/": Row(Kind.OWN, TOPIC),
    "help/<slug:slug>/useful/": USEFUL,
    "settings/take-along/": OWN,
    "settings/take-along/<uuid:job_id>/file/": Row(Kind.ROW, {"job_id": "@uuid_row"}),
    "api/export": OWN,
    "api/export/<uuid:job_id>/file": Row(Kind.ROW, {"job_id": "@uuid_row"}),
    "support-visit/end/": BARE,
    "support-visit/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
PUBLIC = {
    "help/": BARE,
    "help/<slug:slug>/": Row(Kind.BARE, TOPIC),
    "help/<slug:slug>/useful/": USEFUL,
    **{f"{code}/help/": BARE for code in ("en", "hi", "mr")},
    **{f"{code}/help/<slug:slug>/": Row(Kind.BARE, TOPIC) for code in ("en", "hi", "mr")},
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


def fill_public(tenant: Any) -> None:
    SupportVisit.objects.create(
        tenant=tenant,
        staff_id=uuid.uuid4(),
        staff_name="Leela",
        reason=f"Asked by {tenant.slug}",
        **_visit(tenant),
    )


OWNED = {"support.SupportVisit": _visit}
