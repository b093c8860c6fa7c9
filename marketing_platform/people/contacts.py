"""A person's own number and e-mail: changed by who proved who they are and has the new one."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override

from marketing_platform.core.errors import Conflict, OutsideFailure, Refused
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_email, mask_phone
from marketing_platform.people.telling import contact_tell, workspaces_note
from marketing_platform.users.models import User


class ContactTaken(Conflict):
    code = "contact_taken"
    sentence = _("Another account signs in with this. Join the two accounts instead.")


class StaffContact(Refused):
    code = "staff_contact"
    sentence = _("Numbers and addresses of our own staff are not changed here.")


def contact_owner(contact: str) -> User | None:
    """Whose number or e-mail this is."""
    key = "phone" if contact.startswith("+") else "email"
    return User.objects.filter(**{key: contact}).first()


def contact_take(*, user: User, contact: str, now: datetime) -> None:
    """The proved number or e-mail becomes this person's; the earlier one is told.

    Raises ContactTaken or StaffContact.
    """
    if user.is_staff:
        raise StaffContact
    is_phone = contact.startswith("+")
    before = (user.phone if is_phone else user.email) or ""
    if contact == before:
        return
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(**{"phone" if is_phone else "email": contact})
            if not is_phone:
                email_address_set(user, contact)
            workspaces_note(
                user=user,
                action="people.number_changed" if is_phone else "people.email_changed",
                actor_kind="human",
                actor_id=user.pk,
                detail={"from": shown(before), "to": shown(contact)},
                now=now,
            )
    except IntegrityError as error:
        raise ContactTaken from error
    user.refresh_from_db(fields=["phone", "email"])
    if before:
        _tell(user, before, contact)


def email_address_set(user: User, email: str | None) -> None:
    """What the password reset looks for."""
    EmailAddress.objects.filter(user=user).delete()
    if email:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def shown(contact: str) -> str:
    if not contact:
        return ""
    return mask_phone(contact) if contact.startswith("+") else mask_email(contact)


def _tell(user: User, before: str, contact: str) -> None:
    """A change that cannot be told is a change all the same: it was proved on both."""
    with override(user.language):
        words = {
            "product": settings.PRODUCT_NAME,
            "new": shown(contact),
            "url": f"{settings.PUBLIC_URL}/help/",
        }
        try:
            contact_tell(
                contact=before,
                kind="contact_changed",
                language=user.language,
                subject=gettext("Your number or e-mail was changed"),
                text=gettext(
                    "Your %(product)s account now signs in with %(new)s instead of this. If it "
                    "was not you, tell us at once: %(url)s"
                )
                % words,
            )
        except OutsideFailure:
            return
