"""The team and its invitations in the tests that walk over everything."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from marketing_platform.core import clock
from tests.isolation.kinds import BARE, OWN, Kind, Row

MEMBER = {"membership_id": "@member"}
WORKSPACE = {
    "settings/team/leave/": OWN,
    "settings/team/invitations/<uuid:invitation_id>/withdraw/": Row(
        Kind.ROW, {"invitation_id": "@invitation"}
    ),
    "settings/team/<int:membership_id>/role/": Row(Kind.ROW, MEMBER, form={"role": "viewer"}),
    "settings/team/<int:membership_id>/remove/": Row(Kind.ROW, MEMBER),
    "settings/team/<int:membership_id>/hand-over/": Row(Kind.ROW, MEMBER),
}
PUBLIC = {
    "join/code/": BARE,
    "join/code/again/": BARE,
    "join/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}


def _invitation(tenant: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "phone": "",
        "email": "nobody@canary.example",
        "role": "viewer",
        "token_hash": hashlib.sha256(str(tenant.pk).encode()).hexdigest(),
        "expires_at": now + timedelta(days=7),
    }


def _summary(_tenant: Any) -> dict[str, Any]:
    return {"waiting": 4, "sign_in_again": [], "charge_on": None, "charge_paise": None}


OWNED = {"people.Invitation": _invitation, "people.WorkspaceSummary": _summary}


def fill_public(tenant: Any) -> None:
    from marketing_platform.people.models import Invitation, WorkspaceSummary

    Invitation.objects.create(
        tenant=tenant,
        invited_by_id=uuid.UUID(int=1),
        created_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        **_invitation(tenant),
    )
    WorkspaceSummary.objects.create(
        tenant=tenant, updated_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC), **_summary(tenant)
    )
