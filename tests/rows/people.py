"""The team and its invitations in the tests that walk over everything."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from marketing_platform.core import clock
from tests.isolation.kinds import BARE, OWN, Kind, Row

MEMBER = {"membership_id": "@member"}
OFFER = {"offer_id": "@ownership_offer"}
WORKSPACE = {
    "settings/team/leave/": OWN,
    "settings/team/invitations/<uuid:invitation_id>/withdraw/": Row(
        Kind.ROW, {"invitation_id": "@invitation"}
    ),
    "settings/team/<int:membership_id>/role/": Row(Kind.ROW, MEMBER, form={"role": "viewer"}),
    "settings/team/<int:membership_id>/remove/": Row(Kind.ROW, MEMBER),
    "settings/team/<int:membership_id>/hand-over/": Row(Kind.ROW, MEMBER),
    "settings/team/take-back/": OWN,
    "api/people": OWN,
    "api/people/invitations": Row(Kind.OWN, form={"phone": "+919820000091", "role": "viewer"}),
    "api/people/invitations/<uuid:invitation_id>": Row(Kind.ROW, {"invitation_id": "@invitation"}),
    "api/people/<int:membership_id>": Row(Kind.ROW, MEMBER, form={"role": "viewer"}),
}
PUBLIC = {
    "join/code/": BARE,
    "join/code/again/": BARE,
    "join/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
    "lost-number/": BARE,
    "lost-number/code/": BARE,
    "lost-number/code/again/": BARE,
    "lost-number/asked/": BARE,
    "lost-number/stop/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
    "my/number/stop/": OWN,
    "my/contact/": OWN,
    "my/contact/code/": OWN,
    "my/contact/code/again/": OWN,
    "my/contact/join/": OWN,
    "my/offers/<uuid:offer_id>/accept/": Row(Kind.ROW, OFFER),
    "my/offers/<uuid:offer_id>/decline/": Row(Kind.ROW, OFFER),
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


def _offer(_tenant: Any) -> dict[str, Any]:
    now = clock.now()
    return {
        "to_user_id": uuid.UUID(int=2),
        "by_user_id": uuid.UUID(int=1),
        "offered_at": now,
        "expires_at": now + timedelta(days=7),
    }


OWNED = {
    "people.Invitation": _invitation,
    "people.WorkspaceSummary": _summary,
    "people.OwnershipOffer": _offer,
}


def fill_public(tenant: Any) -> None:
    from marketing_platform.people.models import Invitation, OwnershipOffer, WorkspaceSummary

    Invitation.objects.create(
        tenant=tenant,
        invited_by_id=uuid.UUID(int=1),
        created_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        **_invitation(tenant),
    )
    WorkspaceSummary.objects.create(
        tenant=tenant, updated_at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC), **_summary(tenant)
    )
    OwnershipOffer.objects.create(tenant=tenant, **_offer(tenant))
