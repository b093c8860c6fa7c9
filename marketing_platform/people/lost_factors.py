"""The phone with the authenticator app is lost, and the recovery codes too: our staff help."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from marketing_platform.core.errors import Conflict
from marketing_platform.core.text import mark as _
from marketing_platform.people.telling import contact_tell, workspaces_note
from marketing_platform.users.factors import factor_remove
from marketing_platform.users.models import Passkey, RecoveryCode, User
from marketing_platform.users.sessions import sessions_end


class NoFactor(Conflict):
    code = "no_second_proof"
    sentence = _("This person has no app and no passkey.")


def factor_take_away(
    *, person: User, staff: User, reason: str, evidence: str, now: datetime
) -> None:
    """App, passkeys and recovery codes are gone, every session ends, and the person is told.

    The number's code or the password is asked for as before. Raises NoFactor or OutsideFailure;
    nothing is taken away when the person could not be written to.
    """
    with transaction.atomic():
        had_keys = bool(Passkey.objects.filter(user=person).delete()[0])
        if not (factor_remove(user=person) or had_keys):
            raise NoFactor
        RecoveryCode.objects.filter(user=person).delete()
        sessions_end(person)
        workspaces_note(
            user=person,
            action="people.second_proof_taken_away",
            actor_kind="staff",
            actor_id=staff.pk,
            detail={"reason": reason, "evidence": evidence},
            now=now,
        )
        with override(person.language):
            words = {"product": settings.PRODUCT_NAME, "url": f"{settings.PUBLIC_URL}/help/"}
            for contact in filter(None, (person.phone, person.email)):
                contact_tell(
                    contact=contact,
                    kind="second_proof_taken_away",
                    language=person.language,
                    subject=gettext("Your second proof was switched off"),
                    text=gettext(
                        "Our support switched off the app and passkeys of your %(product)s "
                        "account. If you did not ask for it, tell us at once: %(url)s"
                    )
                    % words,
                )
