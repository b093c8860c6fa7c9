"""Hours of single days: read, merged, written; never over what somebody else changed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from local.automation.google_business.engine.hours import DayHours, on_day
from local.automation.google_business.errors import (
    HoursDayWrong,
    HoursUnderWay,
    NotConnected,
    RegularHoursMissing,
    UnknownHours,
)
from local.automation.google_business.models import HoursChange, ProfileRead
from local.automation.google_business.selectors import google_connection, location_of
from marketing_platform.audit.services import audit_record
from marketing_platform.core.clock import IST, today
from marketing_platform.effects.services import effect_plan

EFFECT = "google.hours"
FURTHEST = timedelta(days=365)


def hours_set(*, wanted: DayHours, now: datetime, actor_id: UUID | None) -> HoursChange:
    """Plan the day's hours on Google, against what was read last.

    Raises HoursDayWrong, HoursUnderWay, NotConnected, or RegularHoursMissing when Google was read
    and has no usual hours.
    """
    _check_day(wanted.on, now)
    read = ProfileRead.objects.first()
    before = on_day(read.special_hours, wanted.on) if read else []
    if read is not None and not read.regular_hours.get("periods"):
        raise RegularHoursMissing
    return _planned(wanted, before, now, actor_id)


def hours_insist(*, change_id: int, now: datetime, actor_id: UUID | None) -> HoursChange:
    """Settle a conflict with the owner's hours: what Google shows now has been seen.

    Raises UnknownHours, HoursUnderWay, NotConnected or HoursDayWrong.
    """
    with transaction.atomic():
        old = _conflict(change_id)
        wanted = DayHours(old.on, old.opens, old.closes)
        _check_day(wanted.on, now)
        old.state = "cancelled"
        old.save(update_fields=["state"])
        return _planned(wanted, list(old.found or []), now, actor_id)


@transaction.atomic
def hours_keep(*, change_id: int, now: datetime) -> HoursChange:
    """Settle a conflict with what Google shows. Raises UnknownHours."""
    old = _conflict(change_id)
    old.state, old.settled_at = "cancelled", now
    old.save(update_fields=["state", "settled_at"])
    return old


def hours_by_hand(*, wanted: DayHours, now: datetime, actor_id: UUID | None) -> HoursChange:
    """The owner set the day's hours on Google. Again on the same day replaces it. Raises
    HoursDayWrong."""
    _check_day(wanted.on, now)
    with transaction.atomic():
        HoursChange.objects.filter(on=wanted.on, state="by_hand").delete()
        return HoursChange.objects.create(
            **_facts(wanted, now, actor_id), state="by_hand", settled_at=now
        )


def _planned(
    wanted: DayHours, before: list[str], now: datetime, actor_id: UUID | None
) -> HoursChange:
    connection = google_connection()
    if connection is None:
        raise NotConnected
    try:
        with transaction.atomic():
            change = HoursChange.objects.create(
                **_facts(wanted, now, actor_id), state="sending", before=before
            )
            _send(change, wanted, connection, now)
            _audit(change, now, actor_id)
    except IntegrityError as error:
        raise HoursUnderWay from error
    return change


def _send(change: HoursChange, wanted: DayHours, connection, now: datetime) -> None:
    ends = datetime.combine(wanted.on + timedelta(days=1), datetime.min.time(), IST)
    effect = effect_plan(
        kind=EFFECT,
        key=(str(wanted.on), str(change.pk)),
        payload={
            "change_id": change.pk,
            "location": location_of(connection),
            "on": wanted.on.isoformat(),
            "opens": wanted.opens.isoformat() if wanted.opens else "",
            "closes": wanted.closes.isoformat() if wanted.closes else "",
            "before": change.before,
        },
        due_at=now,
        # Hours of a day that is over are nobody's.
        expires_at=ends,
        connection=connection,
        subject=wanted.on.isoformat(),
        now=now,
    )
    change.effect_id = effect.pk
    change.save(update_fields=["effect_id"])


def _facts(wanted: DayHours, now: datetime, actor_id: UUID | None) -> dict:
    return {
        "on": wanted.on,
        "is_closed": wanted.is_closed,
        "opens": wanted.opens,
        "closes": wanted.closes,
        "created_at": now,
        "actor_id": actor_id,
    }


def _check_day(on: date, now: datetime) -> None:
    last = today(now) + FURTHEST
    if not today(now) <= on <= last:
        raise HoursDayWrong(field="on", last=last.isoformat())


def _conflict(change_id: int) -> HoursChange:
    rows = HoursChange.objects.select_for_update().filter(pk=change_id, state="conflict")
    change = rows.first()
    if change is None:
        raise UnknownHours
    return change


def _audit(change: HoursChange, now: datetime, actor_id: UUID | None) -> None:
    audit_record(
        action="google_hours_approved",
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject=str(change.on),
        detail={"is_closed": change.is_closed, "before": change.before},
        now=now,
    )
