"""Signing in with another number when the old one is lost: asked, checked by us, a day to stop it.

Three things stand between a stranger and somebody's account: the new number is proved with a code,
one of our staff writes down how they checked who asks, and the old number and e-mail are told with
a link that stops it. The authenticator app, where there is one, is asked for afterwards as before.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override

from marketing_platform.core.errors import Conflict, NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_phone
from marketing_platform.people.models import LostNumber
from marketing_platform.people.telling import contact_tell, workspaces_note
from marketing_platform.schedule.services import work_schedule
from marketing_platform.users.models import User
from marketing_platform.users.selectors import user_by_phone
from marketing_platform.users.sessions import sessions_end

State = LostNumber.State
TASK = "people.number_change"


class NumberTaken(Conflict):
    code = "number_taken"
    sentence = _("This number has an account of its own. Join the two accounts instead.")


class LostNumberGone(NotFound):
    code = "lost_number_gone"
    sentence = _("There is nothing to stop here. It was stopped before, or it is over.")


class NotToDecide(Conflict):
    code = "lost_number_not_to_decide"
    sentence = _("Somebody has decided this already, or no account has the old number.")


def lost_number_ask(
    *, old_phone: str, new_phone: str, name: str, words: str, language: str, now: datetime
) -> LostNumber:
    """The same answer whether the old number has an account or not; asked again it stays one."""
    user = user_by_phone(old_phone)
    facts = {
        "user_id": user.pk if user else None,
        "name": name,
        "words": words,
        "language": language,
    }
    with transaction.atomic():
        row, is_new = LostNumber.objects.get_or_create(
            old_phone=old_phone,
            new_phone=new_phone,
            state__in=[State.ASKED, State.WAITING],
            defaults={**facts, "state": State.ASKED, "asked_at": now},
        )
        if not is_new and row.state == State.ASKED:
            LostNumber.objects.filter(pk=row.pk, state=State.ASKED).update(**facts)
            row.refresh_from_db()
    return row


def lost_number_approve(
    *, request_id: UUID, staff: User, reason: str, evidence: str, now: datetime
) -> LostNumber:
    """From here the old number has a day. Raises NotToDecide, NumberTaken or OutsideFailure.

    Nothing is approved when the old number could not be written to.
    """
    token = secrets.token_urlsafe(24)
    try:
        with transaction.atomic():
            row = _to_decide(request_id)
            user = User.objects.filter(pk=row.user_id, phone=row.old_phone, is_active=True).first()
            if user is None or user.is_staff:
                raise NotToDecide
            if User.objects.filter(phone=row.new_phone).exists():
                raise NumberTaken
            row.state, row.decided_at, row.decided_by_id = State.WAITING, now, staff.pk
            row.reason, row.evidence = reason, evidence
            row.due_at = now + timedelta(seconds=settings.NUMBER_CHANGE_WAIT_SECONDS)
            row.stop_hash = _hash(token)
            row.save()
            _note(row, user, "people.lost_number_approved", now, evidence=evidence)
            work_schedule(
                task=TASK,
                arguments={"request_id": str(row.pk)},
                due_at=row.due_at,
                key=f"lost-number:{row.pk}",
            )
            _tell_old(row, user, token)
    except IntegrityError as error:
        raise NotToDecide from error
    return row


def lost_number_refuse(*, request_id: UUID, staff: User, reason: str, now: datetime) -> LostNumber:
    """Raises NotToDecide. Also of one that waits: until its hour it can be taken back."""
    with transaction.atomic():
        row = _to_decide(request_id, State.ASKED, State.WAITING)
        row.state, row.decided_at, row.decided_by_id = State.REFUSED, now, staff.pk
        row.reason, row.ended_at = reason, now
        row.save()
        user = User.objects.filter(pk=row.user_id).first() if row.user_id else None
        if user is not None:
            _note(row, user, "people.lost_number_refused", now)
    return row


def lost_number_by_token(token: str) -> LostNumber | None:
    return LostNumber.objects.filter(stop_hash=_hash(token), state=State.WAITING).first()


def lost_number_waiting_for(user: User) -> LostNumber | None:
    return LostNumber.objects.filter(user_id=user.pk, state=State.WAITING).first()


def lost_number_stop(*, request: LostNumber | None, now: datetime) -> None:
    """By the old number's link, or by the person where they are still signed in.

    Raises LostNumberGone.
    """
    with transaction.atomic():
        rows = LostNumber.objects.select_for_update().filter(state=State.WAITING)
        row = rows.filter(pk=request.pk).first() if request else None
        if row is None:
            raise LostNumberGone
        row.state, row.ended_at = State.STOPPED, now
        row.save(update_fields=["state", "ended_at"])
        _note(row, User.objects.get(pk=row.user_id), "people.lost_number_stopped", now)


def lost_number_finish(*, request_id: UUID, now: datetime) -> bool:
    """The hour has come: sign in with the new number, and every session ends. Once."""
    with transaction.atomic():
        rows = LostNumber.objects.select_for_update()
        row = rows.filter(pk=request_id, state=State.WAITING, due_at__lte=now).first()
        if row is None:
            return False
        user = User.objects.select_for_update().filter(pk=row.user_id, is_active=True).first()
        is_free = not User.objects.filter(phone=row.new_phone).exists()
        if user is None or user.phone != row.old_phone or not is_free:
            row.state, row.ended_at = State.REFUSED, now
            row.reason = f"{row.reason} / the number or the account changed meanwhile"[:500]
            row.save(update_fields=["state", "ended_at", "reason"])
            return False
        User.objects.filter(pk=user.pk).update(phone=row.new_phone)
        sessions_end(user)
        row.state, row.ended_at = State.DONE, now
        row.save(update_fields=["state", "ended_at"])
        _note(row, user, "people.number_changed", now)
        with override(row.language):
            contact_tell(
                contact=row.new_phone,
                kind="number_changed",
                language=row.language,
                subject=gettext("Your number was changed"),
                text=gettext("From now on you sign in to %(product)s with this number: %(url)s")
                % {"product": settings.PRODUCT_NAME, "url": f"{settings.PUBLIC_URL}/sign-in/"},
            )
    return True


def _to_decide(request_id: UUID, *states: str) -> LostNumber:
    rows = LostNumber.objects.select_for_update().filter(state__in=states or [State.ASKED])
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise NotToDecide
    return row


def _tell_old(row: LostNumber, user: User, token: str) -> None:
    """The old number, and the e-mail where there is one: both can stop it."""
    with override(user.language):
        text = gettext(
            "Somebody asked us to let %(new)s sign in to your %(product)s account instead of this "
            "number. If it was not you, stop it within %(hours)s hours: %(url)s"
        ) % {
            "new": mask_phone(row.new_phone),
            "product": settings.PRODUCT_NAME,
            "hours": settings.NUMBER_CHANGE_WAIT_SECONDS // 3600,
            "url": f"{settings.PUBLIC_URL}/lost-number/stop/{token}/",
        }
        for contact in filter(None, (user.phone, user.email)):
            contact_tell(
                contact=contact,
                kind="number_change_asked",
                language=user.language,
                subject=gettext("Was it you who asked for a new number?"),
                text=text,
            )


def _note(row: LostNumber, user: User, action: str, now: datetime, **more: Any) -> None:
    numbers = {"from": mask_phone(row.old_phone), "to": mask_phone(row.new_phone)}
    decided = {"reason": row.reason} if row.reason else {}
    workspaces_note(
        user=user,
        action=action,
        actor_kind="staff" if row.decided_by_id else "human",
        actor_id=row.decided_by_id or user.pk,
        detail={**numbers, **decided, **more},
        now=now,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
