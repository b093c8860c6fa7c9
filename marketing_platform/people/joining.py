"""Two accounts of one person become one. What belongs to a person moves; history stays as it is.

The account that goes keeps its row and its name, without number, e-mail and password: entries of
who did what go on naming it, and `joined_into_id` says where the person is now.
"""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from marketing_platform.core.errors import Conflict, OutsideFailure
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.models import NotificationReader
from marketing_platform.people.contacts import email_address_set, shown
from marketing_platform.people.models import OwnershipOffer
from marketing_platform.people.services import RANK
from marketing_platform.people.telling import contact_tell, workspaces_note
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.factors import factor_remove
from marketing_platform.users.models import Membership, Passkey, SignInLink, User, UserSession
from marketing_platform.users.permissions import Role
from marketing_platform.users.selectors import memberships_of
from marketing_platform.users.sessions import sessions_end

# Rows of a workspace that are addressed to a person, by model and column. What somebody did stays
# theirs under the old name.
ADDRESSED = {
    "platform_notifications.Notification": "actor_id",
    "enterprise_market_intelligence.FindingCare": "assignee_id",
}


class NotJoined(Conflict):
    code = "accounts_not_joined"
    sentence = _("These two accounts cannot be joined. Ask us on the help page.")


@dataclass(frozen=True)
class Kept:
    """Which number and e-mail the one account signs in with; the others sign in no more."""

    phone: str | None
    email: str | None


def contacts_offered(keep: User, gone: User) -> tuple[list[str], list[str]]:
    """The numbers and the e-mails to choose from, the kept account's own first."""
    phones = [each for each in (keep.phone, gone.phone) if each]
    emails = [each for each in (keep.email, gone.email) if each]
    return phones, emails


def accounts_join(*, keep: User, gone: User, wanted: Kept, now: datetime) -> None:
    """Whoever calls has proved both. Raises NotJoined; a second time changes nothing."""
    with transaction.atomic():
        locked = {
            row.pk: row
            for row in User.objects.select_for_update()
            .filter(pk__in=[keep.pk, gone.pk], is_active=True, is_staff=False)
            .order_by("pk")
        }
        if len(locked) != 2:
            raise NotJoined
        keep, gone = locked[keep.pk], locked[gone.pk]
        phones, emails = contacts_offered(keep, gone)
        if wanted.phone not in (phones or [None]) or wanted.email not in (emails or [None]):
            raise NotJoined
        told = [each for each in (*phones, *emails) if each not in {wanted.phone, wanted.email}]
        detail = {"into": str(keep.pk), "released": [shown(each) for each in told]}
        workspaces_note(
            user=gone,
            action="people.accounts_joined",
            actor_kind="human",
            actor_id=keep.pk,
            detail=detail,
            now=now,
        )
        for place in memberships_of(gone):
            _place_move(place, keep)
        _end(keep, gone, wanted, now)
    for contact in told:
        _tell(contact, keep)


def _place_move(place: Membership, keep: User) -> None:
    """Where both work, the one place has the stronger role of the two."""
    own = Membership.objects.filter(tenant=place.tenant, user=keep).first()
    if own is None:
        Membership.objects.filter(pk=place.pk).update(user=keep)
    else:
        if RANK[Role(place.role)] < RANK[Role(own.role)]:
            Membership.objects.filter(pk=own.pk).update(role=place.role)
        Membership.objects.filter(pk=place.pk).delete()
    if place.tenant.state in HAVING_SCHEMA:
        _addressed_move(place.tenant, place.user_id, keep)


def _addressed_move(tenant: Tenant, gone_id: object, keep: User) -> None:
    with tenant_context(tenant):
        for label, column in ADDRESSED.items():
            if not apps.is_installed(_app(label)) or not _is_of(label, tenant):
                continue
            rows = apps.get_model(label).objects.filter(**{column: gone_id})
            rows.update(**{column: keep.pk})
        NotificationReader.objects.filter(actor_id=gone_id).delete()


def _app(label: str) -> str:
    return apps.get_app_config(label.partition(".")[0]).name


def _is_of(label: str, tenant: Tenant) -> bool:
    tier = label.partition("_")[0]
    return tier == "platform" or tier == tenant.tier


def _end(keep: User, gone: User, wanted: Kept, now: datetime) -> None:
    factor_remove(user=gone)
    Passkey.objects.filter(user=gone).delete()
    SignInLink.objects.filter(user=gone, used_at=None, expires_at__gt=now).update(expires_at=now)
    UserSession.objects.filter(user=gone).delete()
    OwnershipOffer.objects.filter(to_user_id=gone.pk, accepted_at=None, ended_at=None).update(
        ended_at=now
    )
    has_password = gone.has_usable_password() and not keep.has_usable_password()
    password = gone.password if has_password else keep.password
    gone.joined_into_id, gone.is_active = keep.pk, False
    gone.phone = gone.email = None
    gone.set_unusable_password()
    gone.save()
    sessions_end(gone)
    email_address_set(gone, None)
    keep.phone, keep.email, keep.password = wanted.phone, wanted.email, password
    keep.save(update_fields=["phone", "email", "password"])
    email_address_set(keep, wanted.email)


def _tell(contact: str, keep: User) -> None:
    with override(keep.language):
        try:
            contact_tell(
                contact=contact,
                kind="accounts_joined",
                language=keep.language,
                subject=gettext("Your two accounts are one now"),
                text=gettext(
                    "Your two %(product)s accounts are one now; you no longer sign in with this "
                    "number or e-mail. If it was not you, tell us at once: %(url)s"
                )
                % {"product": settings.PRODUCT_NAME, "url": f"{settings.PUBLIC_URL}/help/"},
            )
        except OutsideFailure:
            return
