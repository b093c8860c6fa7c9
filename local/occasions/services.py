import hashlib
from datetime import date, datetime
from uuid import UUID

from local.business.engine import BusinessFacts
from local.occasions.engine import Occasion, definition_of, occurrence_in_year
from local.occasions.errors import (
    CannotBeMoved,
    InvalidOccasion,
    MovedTooFar,
    OccasionAlreadyAdded,
    UnknownOccasion,
)
from local.occasions.models import Action, OccasionOverride
from marketing_platform.core.clock import today as day_of
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

FURTHEST_MOVE_DAYS = 45
TITLE_LENGTH = 60
FURTHEST_DAYS = 2 * 366


def occasion_move(
    *,
    facts: BusinessFacts,
    slug: str,
    year: int,
    on: date,
    now: datetime,
    actor_id: UUID | None = None,
) -> OccasionOverride:
    """Keep an occasion on another day this year. Moving it again replaces the first move.

    Raises UnknownOccasion, CannotBeMoved for a season, MovedTooFar beyond 45 days.
    """
    occasion = _known(facts, slug, year)
    if not definition_of(slug).can_be_moved:
        raise CannotBeMoved(field="on")
    if abs((on - occasion.date).days) > FURTHEST_MOVE_DAYS:
        raise MovedTooFar(field="on", days=FURTHEST_MOVE_DAYS, date=occasion.date.isoformat())
    return _change(slug, year, now, actor_id, action=Action.MOVED, on=on)


def occasion_mute(
    *, facts: BusinessFacts, slug: str, year: int, now: datetime, actor_id: UUID | None = None
) -> OccasionOverride:
    """Leave an occasion out this year. Raises UnknownOccasion."""
    _known(facts, slug, year)
    return _change(slug, year, now, actor_id, action=Action.MUTED, on=None)


def occasion_add(
    *,
    title: str,
    on: date,
    now: datetime,
    offers_allowed: bool = True,
    actor_id: UUID | None = None,
) -> OccasionOverride:
    """Add the shop's own occasion: an anniversary, a local fair.

    Raises InvalidOccasion for a bad title, or a day that is over or more than two years away, and
    OccasionAlreadyAdded for the same one twice.
    """
    if not 0 <= (on - day_of(now)).days <= FURTHEST_DAYS:
        raise InvalidOccasion(
            _("Date: choose a day from today on, within the next two years."), field="on"
        )
    title = clean_line(title)
    if not 1 <= len(title) <= TITLE_LENGTH:
        raise InvalidOccasion(
            _("Name: use 1 to %(limit)d characters."), field="title", limit=TITLE_LENGTH
        )
    row, is_new = OccasionOverride.objects.get_or_create(
        slug=_own_slug(title, on),
        year=on.year,
        defaults={
            "action": Action.ADDED,
            "on": on,
            "title": title,
            "offers_allowed": offers_allowed,
            "actor_id": actor_id,
            "changed_at": now,
        },
    )
    if not is_new:
        raise OccasionAlreadyAdded(field="title", title=title)
    return row


def occasion_restore(*, slug: str, year: int) -> bool:
    """Undo what was changed for an occasion in a year. False when there was nothing to undo."""
    deleted, _each = OccasionOverride.objects.filter(slug=slug, year=year).delete()
    return deleted > 0


def _known(facts: BusinessFacts, slug: str, year: int) -> Occasion:
    occasion = None
    if 2001 <= year <= 2100:
        occasion = occurrence_in_year(slug, year, state=facts.state, city=facts.city)
    if occasion is None:
        raise UnknownOccasion(field="slug")
    return occasion


def _change(
    slug: str, year: int, now: datetime, actor_id: UUID | None, **values: object
) -> OccasionOverride:
    row, _is_new = OccasionOverride.objects.update_or_create(
        slug=slug, year=year, defaults={"actor_id": actor_id, "changed_at": now, **values}
    )
    return row


def _own_slug(title: str, on: date) -> str:
    digest = hashlib.sha256(f"{title.casefold()}|{on.isoformat()}".encode()).hexdigest()
    return f"own-{digest[:16]}"
