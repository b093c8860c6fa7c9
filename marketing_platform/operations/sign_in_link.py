"""Staff send somebody a link to sign in with; they never see it themselves."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from marketing_platform.audit.services import audit_record
from marketing_platform.core.errors import Refused
from marketing_platform.core.text import mark as _
from marketing_platform.messaging.services import message_send
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from marketing_platform.users.selectors import owner_of
from marketing_platform.users.sign_in_links import link_make


class NobodyToSendTo(Refused):
    code = "nobody_to_send_to"
    sentence = _("This workspace has no owner who can sign in.")


def sign_in_link_send(*, tenant: Tenant, staff: User, reason: str, now: datetime) -> User:
    """To the owner's own number or e-mail, in their language, with the workspace's log told.

    Raises NobodyToSendTo or OutsideFailure; without a message there is no link.
    """
    owner = owner_of(tenant)
    if owner is None or not owner.is_active:
        raise NobodyToSendTo
    with transaction.atomic(), override(owner.language):
        token = link_make(user=owner, made_by=staff.pk, reason=reason, now=now)
        with tenant_context(tenant):
            audit_record(
                action="support.sign_in_link_sent",
                actor_kind="staff",
                actor_id=str(staff.pk),
                subject=str(owner.pk),
                detail={"reason": reason},
                now=now,
            )
        words = {
            "product": settings.PRODUCT_NAME,
            "url": f"{settings.PUBLIC_URL}/sign-in/link/{token}/",
        }
        message_send(
            to_phone=owner.phone,
            to_email=None if owner.phone else owner.email,
            kind="sign_in_link",
            language=owner.language,
            subject=gettext("Your link to sign in to %(product)s") % words,
            text=gettext(
                "Our support sent you this link to sign in to %(product)s. It works once, for 30 "
                "minutes. If you did not ask for it, leave it alone: %(url)s"
            )
            % words,
        )
    return owner
