"""Handing a business over: offered by its owner, accepted by the other, taken back until then."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from marketing_platform.core.errors import NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify
from marketing_platform.people.errors import MemberMissing, NotYours
from marketing_platform.people.models import OwnershipOffer
from marketing_platform.people.services import RANK, note
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role

LIFETIME = timedelta(days=7)


class OfferGone(NotFound):
    code = "ownership_offer_gone"
    sentence = _("This offer is over. Ask the owner to make it again.")


def offers_open(now: datetime) -> QuerySet[OwnershipOffer]:
    return OwnershipOffer.objects.filter(accepted_at=None, ended_at=None, expires_at__gt=now)


def offer_of(tenant: Tenant, now: datetime) -> OwnershipOffer | None:
    return offers_open(now).filter(tenant=tenant).first()


def offers_to(user: User, now: datetime) -> list[OwnershipOffer]:
    rows = offers_open(now).select_related("tenant").filter(to_user_id=user.pk)
    return list(rows.exclude(tenant__state=State.ERASED))


def ownership_offer(
    *, tenant: Tenant, membership_id: int, by: Membership, now: datetime
) -> OwnershipOffer:
    """Nothing changes yet; an earlier offer ends. Raises MemberMissing or NotYours."""
    if by.role != Role.OWNER:
        raise NotYours
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        rows = Membership.objects.select_related("user").filter(tenant=tenant)
        to = rows.filter(pk=membership_id).first()
        if to is None:
            raise MemberMissing
        if RANK[Role(to.role)] <= RANK[Role.OWNER]:
            raise NotYours
        _of(tenant).update(ended_at=now)
        offer = OwnershipOffer.objects.create(
            tenant=tenant,
            to_user_id=to.user_id,
            by_user_id=by.user_id,
            offered_at=now,
            expires_at=now + LIFETIME,
        )
        note(tenant, by.user_id, "people.ownership_offered", str(to.user_id), {}, now)
        with tenant_context(tenant):
            notify(
                title=_("%(name)s wants to hand the business over to you"),
                text=_("Open My businesses to accept it or say no."),
                params={"name": str(by.user)},
                url="/settings/team/",
                actor_id=to.user_id,
                kind="people",
                now=now,
            )
    return offer


def ownership_take_back(*, tenant: Tenant, by: Membership, now: datetime) -> bool:
    """A second time changes nothing. Raises NotYours."""
    if by.role != Role.OWNER:
        raise NotYours
    with transaction.atomic():
        if not _of(tenant).update(ended_at=now):
            return False
        note(tenant, by.user_id, "people.ownership_taken_back", str(by.user_id), {}, now)
    return True


def ownership_accept(*, offer_id: UUID, user: User, now: datetime) -> OwnershipOffer:
    """The other becomes owner, the giver manager; who pays stays. Raises OfferGone."""
    with transaction.atomic():
        offer = _locked(offer_id, user, now)
        people = Membership.objects.select_for_update().filter(tenant=offer.tenant)
        places = {row.user_id: row for row in people}
        to, giver = places.get(user.pk), places.get(offer.by_user_id)
        if to is None or giver is None or giver.role != Role.OWNER:
            raise OfferGone
        Membership.objects.filter(pk=to.pk).update(role=Role.OWNER)
        Membership.objects.filter(pk=giver.pk).update(role=Role.MANAGER)
        User.objects.filter(pk=giver.user_id).update(session_generation=F("session_generation") + 1)
        offer.accepted_at = now
        offer.save(update_fields=["accepted_at"])
        note(offer.tenant, giver.user_id, "people.ownership_given", str(user.pk), {}, now)
    return offer


def ownership_decline(*, offer_id: UUID, user: User, now: datetime) -> None:
    """Raises OfferGone."""
    with transaction.atomic():
        offer = _locked(offer_id, user, now)
        offer.ended_at = now
        offer.save(update_fields=["ended_at"])
        note(offer.tenant, user.pk, "people.ownership_declined", str(user.pk), {}, now)


def _locked(offer_id: UUID, user: User, now: datetime) -> OwnershipOffer:
    rows = offers_open(now).select_for_update(of=("self",)).select_related("tenant")
    offer = rows.filter(pk=offer_id, to_user_id=user.pk).first()
    if offer is None:
        raise OfferGone
    return offer


def _of(tenant: Tenant) -> QuerySet[OwnershipOffer]:
    return OwnershipOffer.objects.filter(tenant=tenant, accepted_at=None, ended_at=None)
